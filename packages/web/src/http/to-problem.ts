import { SoraError } from "@sora/core";
import type { SoraErrorCode } from "@sora/core";
import { redactText } from "@sora/core/adapter";
import { HttpProblem, refusal } from "./http-problem.ts";
import { escapePointer } from "./json-body.ts";
import type { ProblemExtra } from "../answers/problem-document.ts";

/** The status of each code that a caller can provoke or should retry; all others are 500. */
export const problemStatuses: Partial<Readonly<Record<SoraErrorCode, number>>> = {
  SORA_SERVICE_UNKNOWN: 404,
  SORA_ACTION_UNKNOWN: 404,
  SORA_PARAMETERS_INVALID: 400,
  SORA_PARAMETERS_NOT_SERIALIZABLE: 400,
  SORA_COMMAND_UNSUPPORTED: 409,
  SORA_SERVICE_DISABLED: 409,
  SORA_SERVICE_STILL_RUNNING: 409,
  SORA_SERVICE_UNAVAILABLE: 503,
  SORA_HOST_NOT_RUNNING: 503,
  SORA_DEPENDENCY_UNAVAILABLE: 503,
  SORA_OVERLOADED: 503,
  SORA_ACTION_TIMEOUT: 504,
  SORA_ACTION_CANCELLED: 499,
  SORA_ACTION_NOT_STORED: 404,
  SORA_ACTION_EXPIRED: 409,
  SORA_SCHEDULE_UNKNOWN: 404,
  SORA_SCHEDULE_DAMAGED: 409,
  SORA_STORE_UNAVAILABLE: 503,
  SORA_OPTION_INVALID: 400,
  SORA_DURATION_INVALID: 400,
  SORA_CRON_INVALID: 400,
  SORA_TIME_ZONE_INVALID: 400,
};

/** What a request was about, so that a failure further in is not laid at its caller's door. */
export interface ProblemSubject {
  readonly service: string;
  readonly action?: string;
  readonly correlationId?: string;
}

/**
 * Whatever was thrown, as a problem. Of our errors it has code, message and fix; of what an action threw, the message; of anything else, nothing but that it happened. Secrets
 * in URLs and the like are redacted, and there is never a stack. Never throws, whatever was thrown.
 */
export function toProblem(error: unknown, subject?: ProblemSubject): HttpProblem {
  try {
    if (error instanceof HttpProblem) return error;
    if (SoraError.is(error)) return ofOurs(error, subject);
    if (subject !== undefined) return refusal("SORA_ACTION_FAILED", messageOf(error), correlated(subject), undefined, error);
    return refusal("SORA_INTERNAL", "Something went wrong in the control plane.", undefined, undefined, error);
  } catch {
    return refusal("SORA_INTERNAL", "Something went wrong, and what it was cannot be read.");
  }
}

function ofOurs(error: SoraError, subject: ProblemSubject | undefined): HttpProblem {
  const status = statusOf(error, subject);
  const extra: ProblemExtra = { fix: redactText(String(error.fix)), retryable: error.retryable, ...correlated(subject), ...facts(error.details) };
  const later = status === 503 && error.retryable ? { "retry-after": "1" } : undefined; // what must be mended first is not asked for again
  return new HttpProblem(status, error.code, shorten(redactText(String(error.message))), extra, later, error);
}

/** A code that blames the caller is believed where it is about what the caller asked for; an action that itself called something wrongly has failed. */
function statusOf({ code, details }: SoraError, subject: ProblemSubject | undefined): number {
  const status = problemStatuses[code] ?? 500;
  if (subject === undefined || (status !== 400 && status !== 404 && status !== 409)) return status;
  const { service, action, command } = (details ?? {}) as { service?: unknown; action?: unknown; command?: unknown };
  const about = service === subject.service && (action === undefined || action === subject.action || command !== undefined);
  return about ? status : 500;
}

/** The details that may be shown: those with a name and a shape of ours. */
function facts(details: unknown): ProblemExtra {
  const { issues, nearest, known, supported } = (details ?? {}) as { issues?: unknown; nearest?: unknown; known?: unknown; supported?: unknown };
  return {
    ...(Array.isArray(issues) ? { errors: issues.slice(0, 100).map(issueOf) } : undefined),
    ...(typeof nearest === "string" ? { nearest } : undefined),
    ...(isTexts(known) ? { known } : undefined),
    ...(isTexts(supported) ? { supported } : undefined),
  };
}

function issueOf(issue: unknown): { readonly pointer: string; readonly message: string } {
  const { path, message } = issue as { path?: unknown; message?: unknown };
  const parts = Array.isArray(path) ? path.map(String) : [];
  return { pointer: parts.map(part => `/${escapePointer(part)}`).join(""), message: redactText(String(message)) };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(part => typeof part === "string");
}

function correlated(subject: ProblemSubject | undefined): ProblemExtra {
  return subject?.correlationId === undefined ? {} : { correlationId: subject.correlationId };
}

const longest = 2_000;

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : typeof error === "string" ? error : "";
  const shown = redactText(String(message));
  return shown === "" ? "The action failed." : shorten(shown);
}

function shorten(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
