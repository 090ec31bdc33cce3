// One graph for each way of declaring a context in JavaScript; each answers with the context that its run received.
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";

const State = z.object({ question: z.string().optional(), seen: z.any().optional() });
const shape = {
  model: z.string(),
  temperature: z.number().default(0.1),
  depth: z.enum(["quick", "deep"]).optional(),
};

function answering(context?: any) {
  return new (StateGraph as any)(State, context)
    .addNode("answer", async (_state: any, config: any) => ({ seen: config?.context ?? {} }))
    .addEdge(START, "answer")
    .addEdge("answer", END)
    .compile();
}

export const zod_object = answering(z.object(shape));
export const zod_strict = answering(z.strictObject(shape));
export const zod_loose = answering(z.looseObject(shape));
export const annotation = answering(Annotation.Root({ model: Annotation<string>, temperature: Annotation<number> }));
export const undeclared = answering();
