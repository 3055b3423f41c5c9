import { SoraError } from "@sora/core";
import type { SoraErrorCode } from "@sora/core";
import { redactText } from "@sora/core/adapter";
import { HttpProblem } from "./http-problem.ts";

/** The status of each code that a caller can provoke; all others are 500. */
const statuses: Partial<Readonly<Record<SoraErrorCode, number>>> = {
  SORA_SERVICE_UNKNOWN: 404,
  SORA_ACTION_UNKNOWN: 404,
  SORA_PARAMETERS_INVALID: 400,
  SORA_COMMAND_UNSUPPORTED: 409,
  SORA_SERVICE_DISABLED: 409,
  SORA_SERVICE_UNAVAILABLE: 503,
  SORA_HOST_NOT_RUNNING: 503,
  SORA_DEPENDENCY_UNAVAILABLE: 503,
  SORA_OVERLOADED: 503,
  SORA_ACTION_TIMEOUT: 504,
  SORA_ACTION_CANCELLED: 499,
};

interface Issue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Anything that was thrown, as a problem: code, message and fix of ours; of others the message alone, with secrets in URLs redacted; never a stack. */
export function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (!SoraError.is(error)) return new HttpProblem(500, "SORA_ACTION_FAILED", redactText(messageOf(error)));
  const { issues, nearest, known, supported } = error.details as { issues?: readonly Issue[]; nearest?: string; known?: readonly string[]; supported?: readonly string[] };
  const extra = {
    fix: error.fix,
    retryable: error.retryable,
    ...(issues === undefined ? undefined : { errors: issues.map(({ path, message }) => ({ pointer: pointerOf(path), message })) }),
    ...(nearest === undefined ? undefined : { nearest }),
    ...(known === undefined ? undefined : { known }),
    ...(supported === undefined ? undefined : { supported }),
  };
  const status = statuses[error.code] ?? 500;
  return new HttpProblem(status, error.code, redactText(error.message), extra, status === 503 ? { "retry-after": "1" } : undefined);
}

/** RFC 6901. */
function pointerOf(path: readonly (string | number)[]): string {
  return path.map(part => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : "The action failed.";
  } catch {
    return "The action failed.";
  }
}
