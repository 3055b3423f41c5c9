import type { Clock } from "../time/clock.ts";

/** Milliseconds over which it is measured. */
const span = 5;

/** How quickly things come to an end, going by the last few milliseconds. */
export class Pace {
  readonly #clock: Clock;
  #since: number;
  #ended = 0;
  #perMillisecond = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /** One has ended. */
  count(): void {
    this.#ended++;
  }

  /** How many will end within so many milliseconds, should it go on as it went. */
  within(milliseconds: number): number {
    const now = this.#clock.monotonic();
    const passed = now - this.#since;
    if (passed >= span) {
      this.#perMillisecond = this.#ended / passed;
      this.#since = now;
      this.#ended = 0;
    }
    return Math.floor(this.#perMillisecond * milliseconds);
  }
}
