import type { CallOptions, HostControl } from "@sora/core/adapter";
import { HttpProblem } from "../http/http-problem.ts";
import type { Exchange } from "../routing/exchange.ts";

const traceparent = /^00-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/;

/**
 * A call's options from its request: the correlation id from `X-Correlation-Id`, else the trace id of a valid W3C `traceparent`, else a new one; `traceparent`
 * itself as metadata; and, unless the caller does not wait, the client's going away as the signal.
 *
 * @throws HttpProblem 400 for a correlation id that is too long or not printable.
 */
export function callOptionsOf(control: HostControl, request: Exchange, awaited: boolean): CallOptions & { readonly correlationId: string } {
  const given = request.header("x-correlation-id");
  if (given !== undefined && !/^[\x21-\x7e]{1,200}$/.test(given)) throw new HttpProblem(400, "SORA_REQUEST_INVALID", "X-Correlation-Id is 1 to 200 printable characters without spaces.");
  const trace = request.header("traceparent");
  const traceId = trace === undefined ? undefined : traceparent.exec(trace)?.[1];
  const correlationId = given ?? traceId ?? control.ids.next();
  const options = awaited ? { correlationId, signal: request.signal } : { correlationId };
  return traceId === undefined ? options : { ...options, metadata: { traceparent: trace } };
}
