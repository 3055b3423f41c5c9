import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock, ClockTimer } from "../time/clock.ts";

/** The one timer of a scheduler: armed for the earliest time it was asked for, and unarmed again once it has fired. */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #background: boolean;
  readonly #fire: () => void;
  #timer: ClockTimer | undefined;
  #due = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, background: boolean, wake: () => void) {
    this.#clock = clock;
    this.#background = background;
    // Bound here, so that `wake` does not run in the async context of whoever happened to arm the timer.
    this.#fire = AsyncLocalStorage.bind(() => {
      this.#timer = undefined;
      this.#due = Number.POSITIVE_INFINITY;
      wake();
    });
  }

  /** Has it fire `delay` milliseconds after `now`, on the monotonic clock, unless it fires by then anyway: waking for nothing is cheaper than arming anew. */
  arm(now: number, delay: number): void {
    const due = now + delay;
    if (due >= this.#due) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.#clock.setTimer(this.#fire, delay, this.#background);
  }

  disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
  }
}
