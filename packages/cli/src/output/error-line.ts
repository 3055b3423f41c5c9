import { CliError } from "../cli-error.ts";
import { oneLine } from "./printable.ts";
import type { Paint } from "./paint.ts";

/** Anything that was thrown, as what the command line knows. */
export function toCliError(thrown: unknown): CliError {
  if (thrown instanceof CliError) return thrown;
  const message = thrown instanceof Error && thrown.message !== "" ? thrown.message : String(thrown);
  return new CliError("SORA_CLI_FAILED", message, { fix: "`--debug` shows where.", cause: thrown });
}

/** The one line a person gets: what could not be done and why, what to do next, and the code to look up. */
export function errorLine(error: CliError, paint: Paint): string {
  const fix = error.fix === undefined ? "" : ` ${sentence(oneLine(error.fix))}`;
  const code = error.code.startsWith("SORA_CLI_") ? "" : ` ${paint("dim", `[${oneLine(error.code)}]`)}`;
  return `${paint(["bold", "red"], "sora:")} ${sentence(oneLine(error.message))}${fix}${code}\n`;
}

/** What a program gets with `--json`. */
export function errorDocument({ code, message, fix, details }: CliError): unknown {
  return { error: { code, message, ...(fix === undefined ? undefined : { fix }), ...details } };
}

function sentence(text: string): string {
  return /[.!?…:]$/.test(text) ? text : `${text}.`;
}
