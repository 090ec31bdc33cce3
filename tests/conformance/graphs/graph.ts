// What graph.py holds, for the JavaScript server: each graph answers with what its run received.
import { END, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";

const TOLD = ["model", "system_prompt", "temperature", "tools", "tag"];

const State = z.object({ question: z.string().optional(), seen: z.any().optional() });
const Context = z.object({
  model: z.string().optional(),
  system_prompt: z.string().optional(),
  temperature: z.number().optional(),
  tools: z.array(z.string()).optional(),
  tag: z.string().optional(),
});

function answering(graph: string) {
  return new StateGraph(State, Context)
    .addNode("answer", async (_state: any, config: any) => {
      const configurable = config?.configurable ?? {};
      return {
        seen: {
          graph,
          context: config?.context ?? null,
          configurable: Object.fromEntries(TOLD.filter((key) => key in configurable).map((key) => [key, configurable[key]])),
          tags: config?.tags ?? [],
          recursion_limit: config?.recursionLimit ?? null,
        },
      };
    })
    .addEdge(START, "answer")
    .addEdge("answer", END)
    .compile({ name: graph });
}

export const support_agent = answering("support_agent");
export const research_agent = answering("research_agent");
