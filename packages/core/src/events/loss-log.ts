import type { Clock } from "../time/clock.ts";

const quiet = 10_000;

/** Says when a loss that may happen a million times is worth a line: the first at once, then at most one every 10 s with how many there were since. It keeps no timer. */
export class LossLog {
  readonly #clock: Clock;
  #since = 0;
  #nextAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one; how many to report now, or 0. */
  count(): number {
    this.#since++;
    const now = this.#clock.monotonic();
    if (now < this.#nextAt) return 0;
    this.#nextAt = now + quiet;
    const report = this.#since;
    this.#since = 0;
    return report;
  }
}
