import { webErrorCatalogue } from "./web-error-catalogue.ts";
import type { SoraErrorCode } from "@sora/core";
import type { ProblemDocument, ProblemExtra } from "../answers/problem-document.ts";
import type { Reply, ReplyHeaders } from "../routing/reply.ts";
import type { WebErrorCode } from "./web-error-catalogue.ts";

/** A refusal on its way to become an RFC 9457 problem document. Its message is the document's `detail`. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: SoraErrorCode | WebErrorCode;
  readonly headers: ReplyHeaders | undefined;
  readonly extra: ProblemExtra;

  constructor(status: number, code: SoraErrorCode | WebErrorCode, detail: string, extra: ProblemExtra = {}, headers?: ReplyHeaders, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
    this.extra = extra;
    this.headers = headers;
  }
}

/** A refusal of the control plane's own, with the status and the fix of its code. */
export function refusal(code: WebErrorCode, detail: string, extra?: ProblemExtra, headers?: ReplyHeaders, cause?: unknown): HttpProblem {
  const { status, fix, retryable } = webErrorCatalogue[code];
  return new HttpProblem(status, code, detail, { fix, retryable, ...extra }, status === 503 ? { "retry-after": "1", ...headers } : headers, cause);
}

/** The problem as `application/problem+json`: `type`, `title`, `status`, `detail`, a stable `code`, what to do next, and never a stack. */
export function problemReply(problem: HttpProblem): Reply {
  const { status, code, extra, headers } = problem;
  const body: ProblemDocument = { type: `urn:sora:error:${code}`, title: statusTitles[status] ?? "Error", ...problemInside(problem) };
  const shown = extra.correlationId === undefined ? headers : { "x-correlation-id": extra.correlationId, ...headers };
  return {
    kind: "json",
    status,
    body,
    type: "application/problem+json",
    ...(shown === undefined ? undefined : { headers: shown }),
  };
}

/** The same for an answer that holds a problem beside other things. */
export function problemInside({ status, message, code, extra }: HttpProblem): Omit<ProblemDocument, "type" | "title"> {
  return { status, detail: message, code, ...extra };
}

/** The standard words for each status. */
export const statusTitles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  499: "Client Closed Request",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
