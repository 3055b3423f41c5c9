import type { Chance } from "../../../time/chance.ts";
import { systemClock } from "../../../time/system-clock.ts";
import { isBusy } from "./sqlite-failure.ts";

const shortest = 0.2;
const longest = 5;

/** How another connection's transaction is waited for. */
export interface BusyPatience {
  /** For so many milliseconds. */
  readonly busyTimeout: number;
  /** For the length of the pauses in between. */
  readonly chance: Chance;
}

/**
 * Does `work` again while SQLite refuses because another connection is at work, for as long as patience lasts. SQLite's own way of waiting sleeps for up to a tenth of a second, in which the other may have
 * come and gone many times; this one looks every few milliseconds at most. It blocks the thread, so it is for one that has nothing else to do.
 */
export function whileBusy<T>({ busyTimeout, chance }: BusyPatience, work: () => T): T {
  const until = systemClock.monotonic() + busyTimeout;
  for (let pause = shortest; ; pause = Math.min(pause * 2, longest)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || systemClock.monotonic() >= until) throw error;
    }
    Atomics.wait(nobodyWakes, 0, 0, pause * (0.5 + chance.next() / 2));
  }
}

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
