/**
 * Codes of the control plane's own refusals, beside those of the core. They are as permanent, and have their paragraphs in the same `docs/reference/errors.md`, which a
 * test holds to this list. Each has its status, whether the same request, sent again later and unchanged, can succeed, and what to do next.
 */
export const webErrorCatalogue = {
  SORA_REQUEST_INVALID: { status: 400, retryable: false, fix: "Correct the part of the request that the detail names." },
  SORA_BODY_INVALID: { status: 400, retryable: false, fix: "Send a body that is valid JSON, within the limits the detail names." },
  SORA_TOKEN_REQUIRED: { status: 401, retryable: false, fix: "Send `Authorization: Bearer …` with a token of this host." },
  SORA_SCOPE_REQUIRED: { status: 403, retryable: false, fix: "Use a token of the scope the detail names." },
  SORA_ORIGIN_FOREIGN: { status: 403, retryable: false, fix: "Add the page's origin to Sora:Web:AllowedOrigins, if it may use this host." },
  SORA_ROUTE_UNKNOWN: { status: 404, retryable: false, fix: "See /openapi.json for the routes there are." },
  SORA_CALL_UNKNOWN: { status: 404, retryable: false, fix: "Ask sooner: outcomes of calls are kept in memory, among the last thousand." },
  SORA_METHOD_NOT_ALLOWED: { status: 405, retryable: false, fix: "Use a method that the header Allow names." },
  SORA_BODY_TOO_LARGE: { status: 413, retryable: false, fix: "Send less; large data belongs in a store, and its address in the call." },
  SORA_BODY_UNSUPPORTED: { status: 415, retryable: false, fix: "Send plain `Content-Type: application/json`." },
  SORA_HOST_FOREIGN: { status: 421, retryable: false, fix: "Add the name to Sora:Web:AllowedHosts, if this server is meant." },
  SORA_IDEMPOTENCY_MISMATCH: { status: 422, retryable: false, fix: "Use a new Idempotency-Key for another request." },
  SORA_STREAMS_EXHAUSTED: { status: 503, retryable: true, fix: "Close a stream, or raise the number of streams." },
  SORA_REQUEST_ABORTED: { status: 499, retryable: true, fix: "Nothing: the client went away before it had sent all of its request." },
  SORA_ACTION_FAILED: { status: 500, retryable: false, fix: "Read the detail, which the action gave; the host's log has more." },
  SORA_INTERNAL: { status: 500, retryable: false, fix: "Look for this moment in the host's log." },
  SORA_HOST_UNREADY: { status: 503, retryable: true, fix: "Try again once the host has started, or ask another one." },
} as const;

export type WebErrorCode = keyof typeof webErrorCatalogue;
