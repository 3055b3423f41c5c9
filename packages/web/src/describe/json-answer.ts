import { reference } from "./schema-book.ts";
import type { ControlAnswers } from "../answers/control-answers.ts";
import type { RouteContract } from "./route-contracts.ts";

/** An answer in JSON, of the schema of this name. */
export function jsonAnswer(name: keyof ControlAnswers, description: string): RouteContract["answers"][number] {
  return { description, type: "application/json", schema: reference(name) };
}
