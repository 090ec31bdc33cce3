// The graphs of graph.py in JavaScript.
import { AIMessage } from "@langchain/core/messages";
import { END, interrupt, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";

const Context = z.object({ system_prompt: z.string().optional(), style: z.string().optional() });
const Question = z.object({ question: z.string().optional(), answer: z.any().optional() });
const Numbers = z.object({ first: z.number().optional(), second: z.number().optional() });

const textOf = (state: any) => String(state.messages.at(-1)?.content ?? "");
const answerOf = (context: any, text: string) =>
  `${context?.system_prompt ?? "no prompt"} (${context?.style ?? "no style"}): ${text}`;

async function respond(state: any, config: any) {
  const text = textOf(state);
  if (text.includes("fail")) throw new Error("the graph failed on purpose");
  if (text.includes("interrupt")) interrupt({ question: "May I?" });
  if (text.includes("slow")) await new Promise((done) => setTimeout(done, 30_000));
  if (text.includes("nothing")) return {};
  let answer = answerOf(config?.context, text);
  if (text.includes("large")) answer += "x".repeat(5_000_000);
  const tool_calls = text.includes("tool") ? [{ name: "look_up_order", args: { id: 7 }, id: "call-1" }] : [];
  return { messages: [new AIMessage({ content: answer, tool_calls })] };
}

const again = (state: any) => (String(state.messages[0]?.content ?? "").includes("loop") ? "respond" : END);

function judge(state: any) {
  const answer = textOf(state).split("<answer")[1] ?? "";
  if (answer.includes("nonsense")) return { messages: [new AIMessage("I like trains.")] };
  return { messages: [new AIMessage(answer.includes("rude") ? "fail: it is rude" : "pass: it is polite")] };
}

const one = (state: any, node: any) =>
  new (StateGraph as any)(state, Context).addNode("respond", node).addEdge(START, "respond");

export const chat = one(MessagesAnnotation, respond).addConditionalEdges("respond", again, ["respond", END]).compile();
export const question = one(Question, async (state: any, config: any) => ({
  answer: answerOf(config?.context, state.question ?? ""),
}))
  .addEdge("respond", END)
  .compile();
export const reviewer = one(MessagesAnnotation, judge).addEdge("respond", END).compile();
export const counting = one(Numbers, async (state: any) => ({ second: (state.first ?? 0) + 1 }))
  .addEdge("respond", END)
  .compile();
