import type { CallOptions, CancelSignal, HostControl } from "@sora/core/adapter";
import { refusal } from "../http/http-problem.ts";
import type { Exchange } from "../routing/exchange.ts";

/** W3C trace context: the version, the trace and the span, neither all zeros; later versions may say more after the flags. */
const traceparent = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-.*)?$/;
const correlationId = /^[\x21-\x7e]{1,200}$/;

/**
 * A call's options from its request: the correlation id from `X-Correlation-Id`, else the trace id of a valid `traceparent`, else a new one; `traceparent` and
 * `tracestate` as metadata; and `signal`, where there is one.
 *
 * @throws HttpProblem 400 for a correlation id that is too long or not printable.
 */
export function callOptionsOf(control: HostControl, request: Exchange, signal: CancelSignal | undefined): CallOptions & { readonly correlationId: string } {
  const given = request.header("x-correlation-id");
  if (given !== undefined && !correlationId.test(given))
    throw refusal("SORA_REQUEST_INVALID", "X-Correlation-Id is 1 to 200 printable characters without spaces.");
  const trace = request.header("traceparent");
  if (trace === undefined) return optionsWith(given ?? control.ids.next(), signal);
  const [, version, traceId, more] = traceparent.exec(trace) ?? [];
  if (traceId === undefined || (version === "00" && more !== undefined)) return optionsWith(given ?? control.ids.next(), signal);
  const state = request.header("tracestate");
  const metadata = state === undefined || state.length > 512 ? { traceparent: trace } : { traceparent: trace, tracestate: state };
  return { ...optionsWith(given ?? traceId, signal), metadata };
}

function optionsWith(id: string, signal: CancelSignal | undefined): CallOptions & { readonly correlationId: string } {
  return signal === undefined ? { correlationId: id } : { correlationId: id, signal };
}
