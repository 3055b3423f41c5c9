import { printable } from "./printable.ts";

/** What an action returned: text as it is, anything else as JSON. */
export function resultText(result: unknown): string {
  return printable(typeof result === "string" ? result : JSON.stringify(result, undefined, 2));
}
