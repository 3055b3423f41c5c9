import { CliError } from "../cli-error.ts";
import { jsonTrouble } from "./json-trouble.ts";
import type { CommandInput } from "../context/command-context.ts";

/**
 * An action's parameters from the command line: JSON, `-` for JSON from standard input, or nothing.
 *
 * @throws CliError `SORA_CLI_JSON_INVALID` with the position.
 */
export async function readParameters(given: string | undefined, stdin: CommandInput): Promise<unknown> {
  if (given === undefined) return undefined;
  const piped = given === "-";
  const text = piped ? await textOf(stdin) : given;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const trouble = jsonTrouble(text);
    const place =
      trouble === undefined
        ? String(error)
        : `at ${trouble.line === 1 ? "" : `line ${trouble.line}, `}column ${trouble.column} stands ${trouble.found}, where ${trouble.expected} is expected`;
    throw new CliError("SORA_CLI_JSON_INVALID", `${piped ? "What came from standard input" : "What is given as parameters"} is not JSON: ${place}.`, {
      fix: piped ? "Send one JSON value." : `Put the parameters in single quotes: '{"name": "Ada"}'.`,
      details: { ...trouble },
      cause: error,
    });
  }
}

async function textOf(stdin: CommandInput): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of stdin) parts.push(typeof part === "string" ? Buffer.from(part) : part);
  return Buffer.concat(parts)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
}
