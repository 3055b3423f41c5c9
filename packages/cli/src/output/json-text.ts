import type { CommandOutput } from "../context/command-context.ts";

/** A JSON document for programs: one line, or indented where a person looks on. Ends with a line end. */
export function jsonText(value: unknown, output: CommandOutput): string {
  return `${JSON.stringify(value ?? null, undefined, output.isTTY === true ? 2 : undefined)}\n`;
}
