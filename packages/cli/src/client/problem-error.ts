import type { ProblemDocument } from "@sora/web";
import { CliError } from "../cli-error.ts";

/** A problem document as the control plane sends it, of which nothing is taken for granted: anybody may have answered. */
type Problem = { readonly [Member in keyof ProblemDocument]?: unknown };

/** What the service said no with. Its code stays; where the command line knows a better next step than the service does, that one is told. */
export function problemError(body: unknown, status: number, hadToken: boolean, url: string): CliError {
  const problem: Problem = typeof body === "object" && body !== null ? body : {};
  const code = text(problem.code) ?? "SORA_CLI_FAILED";
  const message = messages[code]?.(hadToken, url) ?? text(problem.detail) ?? text(problem.title) ?? `The service answered with status ${status}.`;
  const { detail: _, title: __, type: ___, code: ____, fix: _____, ...details } = problem;
  const fix = fixes[code]?.(hadToken) ?? text(problem.fix);
  return new CliError(code, message, { status: 1, details: { ...details, status }, ...(fix === undefined ? undefined : { fix }) });
}

const messages: Readonly<Record<string, (hadToken: boolean, url: string) => string>> = {
  SORA_TOKEN_REQUIRED: (hadToken, url) => (hadToken ? `The token is not one that ${url} knows.` : `${url} asks for a token.`),
};

const fixes: Readonly<Record<string, (hadToken: boolean) => string>> = {
  SORA_TOKEN_REQUIRED: hadToken => (hadToken ? "Give the right one by --token or SORA_TOKEN." : "Give it by SORA_TOKEN or --token."),
  SORA_SCOPE_REQUIRED: () => "Give a token of that scope by --token or SORA_TOKEN.",
  SORA_ROUTE_UNKNOWN: () => "Names have no slash in them; if it is not that, see whether the control plane is where --url or SORA_URL says.",
  SORA_SERVICE_UNKNOWN: () => "`sora services` lists those there are.",
  SORA_ACTION_UNKNOWN: () => "`sora info <service>` shows what each action takes.",
  SORA_ACTION_NOT_STORED: () => "`sora actions` lists those there are; one is deleted when its retention is over.",
  SORA_SCHEDULE_DAMAGED: () => "`sora schedules set <id>` with a time mends it; `sora schedules remove <id>` removes it.",
  SORA_SCHEDULE_UNKNOWN: () => "`sora schedules` lists those there are.",
  SORA_ACTION_FAILED: () => "The host's log has more.",
  SORA_HOST_FOREIGN: () => "Add the name to Sora:Web:AllowedHosts, or go by the address.",
};

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
