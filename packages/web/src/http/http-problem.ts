import type { SoraErrorCode } from "@sora/core";
import type { Reply, ReplyHeaders } from "../routing/reply.ts";

/** Codes of the control plane's own refusals, beside those of the core. All are listed in `docs/reference/errors.md`. */
export type WebErrorCode =
  | "SORA_REQUEST_INVALID"
  | "SORA_BODY_INVALID"
  | "SORA_BODY_TOO_LARGE"
  | "SORA_BODY_UNSUPPORTED"
  | "SORA_HOST_FOREIGN"
  | "SORA_ORIGIN_FOREIGN"
  | "SORA_TOKEN_REQUIRED"
  | "SORA_SCOPE_REQUIRED"
  | "SORA_ROUTE_UNKNOWN"
  | "SORA_METHOD_NOT_ALLOWED"
  | "SORA_STREAMS_EXHAUSTED"
  | "SORA_ACTION_FAILED"
  | "SORA_INTERNAL";

/** A refusal on its way to become an RFC 9457 problem document. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: SoraErrorCode | WebErrorCode;
  readonly headers: ReplyHeaders | undefined;
  /** Members of the document beside the standard ones, such as `errors` with JSON pointers. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, code: SoraErrorCode | WebErrorCode, detail: string, extra: Readonly<Record<string, unknown>> = {}, headers?: ReplyHeaders) {
    super(detail);
    this.status = status;
    this.code = code;
    this.extra = extra;
    this.headers = headers;
  }
}

/** The problem as `application/problem+json`: `type`, `title`, `status`, `detail`, a stable `code`, and never a stack. */
export function problemReply(problem: HttpProblem, correlationId?: string): Reply {
  const body = {
    type: `urn:sora:error:${problem.code}`,
    title: titles[problem.status] ?? "Error",
    status: problem.status,
    detail: problem.message,
    code: problem.code,
    ...(correlationId === undefined ? undefined : { correlationId }),
    ...problem.extra,
  };
  return { kind: "json", status: problem.status, body, type: "application/problem+json", ...(problem.headers === undefined ? undefined : { headers: problem.headers }) };
}

const titles: Readonly<Record<number, string>> = {
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
