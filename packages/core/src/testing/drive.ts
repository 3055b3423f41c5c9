import { systemClock } from "../time/system-clock.ts";
import { settlesWithin } from "../time/within.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Real milliseconds that work gets before its waiting is taken to be for virtual time. */
const patience = 250;
const step = 100;

/**
 * Awaits `work`. Where it does not settle by itself, because it waits for time that nobody moves, the clock is moved on in small steps, by `limit` virtual
 * milliseconds at most.
 */
export async function drive<T>(clock: VirtualClock, work: Promise<T>, limit: number): Promise<T> {
  let settled = false;
  const note = (): void => void (settled = true);
  work.then(note, note); // before anything is awaited, so that a quick rejection never counts as unhandled
  await clock.settle();
  if (await settlesWithin(systemClock, work, patience)) return work;
  for (let passed = 0; !settled && passed < limit; passed += step) await clock.advance(step);
  return work;
}
