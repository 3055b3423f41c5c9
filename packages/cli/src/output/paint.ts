import { styleText } from "node:util";
import type { CommandOutput } from "../context/command-context.ts";

type Format = Parameters<typeof styleText>[0];

/** Puts text into a colour, or leaves it as it is where there are none. */
export type Paint = (format: Format, text: string) => string;

export const plain: Paint = (_, text) => text;

/** Whether to colour what goes to `output`: a terminal, unless `NO_COLOR` is set or it is a dumb one; `FORCE_COLOR` has the last word. */
export function paintFor(output: CommandOutput, env: Readonly<Record<string, string | undefined>>): Paint {
  const forced = env["FORCE_COLOR"];
  const wanted =
    forced !== undefined && forced !== "" ? forced !== "0" && forced !== "false" : output.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  return wanted ? (format, text) => (text === "" ? "" : styleText(format, text, { validateStream: false })) : plain;
}
