import { CliError } from "../cli-error.ts";
import { errorDocument, errorLine, toCliError } from "../output/error-line.ts";
import { oneLine } from "../output/printable.ts";
import type { Paint } from "../output/paint.ts";

/** Why a host did not start: a line, and one more for each problem where several are told together; no stack but for `debug`. */
export function printStartError(thrown: unknown, paint: Paint, debug: boolean): string {
  const [first, ...problems] = known(thrown);
  const list = problems.map(problem => `${oneLine(problem)}\n`).join("");
  return `${first}${list}${debug ? `${thrown instanceof Error ? thrown.stack : String(thrown)}\n` : ""}`;

  function known(error: unknown): readonly string[] {
    if (!isSoraError(error)) return [errorLine(toCliError(error), paint)];
    const [message = "", ...rest] = error.message.split("\n");
    return [errorLine(new CliError(error.code, message.replace(/:$/, rest.length > 0 ? ":" : ""), { fix: error.fix }), paint), ...rest];
  }
}

/** The same for a program, with `--json`. */
export function startErrorDocument(thrown: unknown): unknown {
  return errorDocument(isSoraError(thrown) ? new CliError(thrown.code, thrown.message, { fix: thrown.fix }) : toCliError(thrown));
}

function isSoraError(error: unknown): error is Error & { code: string; fix: string } {
  return error instanceof Error && error.name === "SoraError" && "code" in error && "fix" in error;
}
