import type { CallOptions, CancelSignal } from "./call-options.ts";
import type { WorkContext } from "./work-context.ts";

/**
 * The options of a call that work of another host makes: such work cannot be its parent, so the call takes along what would flow down to it, as over a wire. That is the
 * correlation id, the metadata, what is left of the caller's time, and the caller's end.
 */
export function carriedOptions(caller: WorkContext, options: CallOptions | undefined): CallOptions {
  const correlationId = options?.correlationId ?? caller.flowingCorrelationId();
  const { monotonicDeadline } = caller;
  return {
    ...options,
    ...(correlationId === undefined ? undefined : { correlationId }),
    metadata: { ...caller.metadata, ...options?.metadata },
    ...(monotonicDeadline === Infinity ? undefined : { left: Math.max(0, monotonicDeadline - caller.clock.monotonic()) }),
    signal: options?.signal === undefined ? caller.signal : eitherSignal(options.signal, caller.signal),
  };
}

/** Aborts when either does. */
export function eitherSignal(one: CancelSignal, other: AbortSignal): AbortSignal {
  return one === other ? other : AbortSignal.any([one as AbortSignal, other]);
}
