import { sleepOn } from "../../../time/sleep-on.ts";
import type { Clock, ClockTimer } from "../../../time/clock.ts";

/** The database's clock: another wall time than the hosts', and a little faster or slower than theirs. */
export class StoreClock implements Clock {
  readonly #base: Clock;
  readonly #skew: number;
  readonly #rate: number;
  readonly #start: number;

  constructor(base: Clock, skew: number, rate: number) {
    this.#base = base;
    this.#skew = skew;
    this.#rate = rate;
    this.#start = base.now();
  }

  now(): number {
    return Math.floor(this.#start + this.#skew + this.monotonic());
  }

  monotonic(): number {
    return this.#base.monotonic() * this.#rate;
  }

  setTimer(callback: () => void, delay: number): ClockTimer {
    return this.#base.setTimer(callback, delay / this.#rate);
  }

  sleep(delay: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delay, signal);
  }
}
