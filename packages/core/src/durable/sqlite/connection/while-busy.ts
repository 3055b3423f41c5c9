import { systemChance } from "../../../time/chance.ts";
import { systemClock } from "../../../time/system-clock.ts";
import { isBusy } from "./sqlite-failure.ts";

const shortest = 0.2;
const longest = 5;

/**
 * Does `work` again while SQLite refuses because another connection is at work, for `timeout` milliseconds. SQLite's own way of waiting sleeps for up to a tenth of a second, in which the other may have
 * come and gone many times; this one looks every few milliseconds at most. It blocks the thread, so it is for one that has nothing else to do.
 */
export function whileBusy<T>(timeout: number, work: () => T): T {
  const until = systemClock.monotonic() + timeout;
  for (let pause = shortest; ; pause = Math.min(pause * 2, longest)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || systemClock.monotonic() >= until) throw error;
    }
    Atomics.wait(nobodyWakes, 0, 0, pause * (0.5 + systemChance.next() / 2));
  }
}

const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
