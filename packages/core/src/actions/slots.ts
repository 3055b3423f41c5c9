import { CallContext } from "./call-context.ts";
import { Lane } from "./lane.ts";
import type { WorkContext } from "./work-context.ts";

/**
 * Takes the slots a call needs, its action's and its service's, waiting for each by priority; returns how to give them back.
 *
 * A call made from inside a call that holds a slot of the same lane (directly, or from a handler of an event it emitted) would wait for its own caller.
 * It takes its caller's slot instead, one such call at a time.
 *
 * @throws the reason of the context's signal where it aborts first; SoraError `SORA_OVERLOADED`.
 */
export async function takeSlots(context: CallContext, priority: number): Promise<() => void> {
  const { actionRuntime, runtime } = context;
  if (actionRuntime.lane === undefined && runtime.lane === undefined) return nothing;
  const taken: Lane[] = [];
  const giveBack = (): void => {
    context.lanes = undefined;
    for (const lane of taken.splice(0)) lane.release();
  };
  try {
    for (const lane of [actionRuntime.lane, runtime.lane]) {
      if (lane === undefined) continue;
      const slot = holderOf(lane, context.parent)?.lend(lane) ?? lane;
      if (!slot.tryAcquire()) await slot.acquire(priority, context.signal);
      taken.push(slot);
      (context.lanes ??= new Map()).set(lane, undefined);
    }
  } catch (error) {
    giveBack();
    if (!context.answered) actionRuntime.refusals++;
    throw error;
  }
  return giveBack;
}

function nothing(): void {}

function holderOf(lane: Lane, from: WorkContext | undefined): CallContext | undefined {
  for (let context = from; context !== undefined; context = context.parent) {
    if (context instanceof CallContext && context.lanes?.has(lane) === true) return context;
  }
  return undefined;
}
