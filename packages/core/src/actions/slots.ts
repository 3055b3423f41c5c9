import { SoraError } from "../errors/sora-error.ts";
import { CallContext } from "./call-context.ts";
import { WaitingLine } from "./waiting-line.ts";
import { release } from "./lane.ts";
import type { Lane } from "./lane.ts";
import type { Waiter } from "./waiting-line.ts";
import type { WorkContext } from "./work-context.ts";

/** How many calls may wait for one lane before it answers `SORA_OVERLOADED`. */
const laneCapacity = 10_000;

/** A slot a call holds: the lane it came from, and the one in which calls made from inside take turns with it. */
export interface Slot {
  readonly from: Lane;
  lent: Lane | undefined;
}

/**
 * Takes the slots a call needs, its action's and its service's, both at once, waiting for them by priority; returns how to give them back.
 *
 * A call made from inside a call that holds a slot of the same lane (directly, or from a handler of an event it emitted) must not wait for its own caller.
 * Where the lane has no room it takes its caller's slot instead, one such call at a time; the slot is given back once the last of them has ended.
 *
 * @throws the reason of the context's signal where it aborts first; SoraError `SORA_OVERLOADED`.
 */
export async function takeSlots(context: CallContext, priority: number): Promise<() => void> {
  const { actionRuntime, runtime } = context;
  const lanes = [actionRuntime.lane, runtime.lane].filter(lane => lane !== undefined);
  if (lanes.length === 0) return nothing;
  let from: readonly Lane[] = lanes;
  if (!haveRoom(lanes)) from = lanes.map(lane => holderOf(lane, context.parent)?.lend(lane) ?? lane);
  if (haveRoom(from)) {
    for (const lane of from) lane.take();
  } else {
    context.noteWaiting(true);
    try {
      await runtime.whileWaiting(arrival => admission(from, priority, arrival, context.signal));
      context.noteWaiting(false);
    } catch (error) {
      if (!context.answered) actionRuntime[context.aborted ? "cancellations" : "refusals"]++;
      throw error;
    }
  }
  const slots = new Map<Lane, Slot>(lanes.map((lane, index) => [lane, { from: from[index] as Lane, lent: undefined }]));
  context.slots = slots;
  return () => {
    context.slots = undefined;
    const held = [...slots.values()];
    release(held.filter(slot => slot.lent === undefined).map(slot => slot.from));
    for (const { from: lane, lent } of held) lent?.onceIdle(() => release([lane]));
  };
}

function nothing(): void {}

function haveRoom(lanes: readonly Lane[]): boolean {
  return lanes.every(lane => lane.hasRoom());
}

/** Resolves when a slot of each lane is the caller's. */
function admission(lanes: readonly Lane[], priority: number, order: number, signal: AbortSignal): Promise<void> {
  const full = lanes.find(lane => lane.waiting >= laneCapacity);
  if (full !== undefined) {
    const { name, waiting, concurrency } = full;
    return Promise.reject(
      new SoraError("SORA_OVERLOADED", `Cannot take the call: ${waiting} calls wait for ${name} already, which runs ${concurrency} at once.`, {
        details: { lane: name, waiting, concurrency },
      }),
    );
  }
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const line = (lanes[0] as Lane).lineFor(lanes) ?? new WaitingLine(lanes);
    const giveUp = (): void => {
      line.remove(waiter);
      reject(signal.reason as Error);
    };
    const admit = (): void => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    };
    const waiter: Waiter = { priority, order, admit, index: -1 };
    signal.addEventListener("abort", giveUp, { once: true });
    line.add(waiter);
  });
}

/** The nearest call around this one that holds a slot of `lane`. */
function holderOf(lane: Lane, from: WorkContext | undefined): CallContext | undefined {
  for (let context = from; context !== undefined; context = context.parent) {
    if (context instanceof CallContext && context.slots?.has(lane) === true) return context;
  }
  return undefined;
}
