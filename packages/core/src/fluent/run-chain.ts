import { carriedOptions, eitherSignal } from "../actions/carried-options.ts";
import { actionsOf } from "./chain.ts";
import { checkedSignal } from "./checked-steps.ts";
import { onlyStored } from "./enqueue-chain.ts";
import type { CallOptions } from "../actions/call-options.ts";
import type { Step } from "./chain.ts";

/** Runs the chain's actions in order; one correlation id for all, a signal given to one holds for those after it, and `whole` cancels whichever is under way. */
export async function runChain(steps: readonly Step[], whole?: AbortSignal): Promise<unknown[]> {
  for (const { stored } of actionsOf(steps)) if (stored !== undefined) throw onlyStored(stored);
  if (whole !== undefined) checkedSignal(whole);
  const results: unknown[] = [];
  let shared: CallOptions = {};
  for (const step of steps) {
    if (step.kind !== "action") continue;
    const { service, parent, elsewhere } = step.client.locate();
    const correlationId = step.options?.correlationId ?? shared.correlationId ?? (parent ?? elsewhere)?.flowingCorrelationId() ?? service.host.ids.next();
    const given = step.options?.signal ?? shared.signal;
    shared = given === undefined ? { correlationId } : { correlationId, signal: given };
    const signal = whole === undefined || given === undefined ? (whole ?? given) : eitherSignal(given, whole);
    const options: CallOptions = { ...step.options, correlationId, ...(signal === undefined ? undefined : { signal }) };
    results.push(await service.action(step.action).call(step.parameters, parent, elsewhere === undefined ? options : carriedOptions(elsewhere, options)));
  }
  return results;
}
