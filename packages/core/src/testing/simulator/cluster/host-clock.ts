import { sleepOn } from "../../../time/sleep-on.ts";
import type { Clock, ClockTimer } from "../../../time/clock.ts";

/** How a simulated host's process is: it runs, stands still until it goes on, or is gone. */
export type ProcessState = "running" | "paused" | "crashed";

/**
 * The clock of one simulated process among several on one virtual clock. Its wall time may be wrong, and it may stand still or crash while the others go on: what is due meanwhile
 * comes late, or never.
 */
export class HostClock implements Clock {
  /** Milliseconds by which its wall time is wrong. */
  skew = 0;
  readonly #base: Clock;
  readonly #late: (() => void)[] = [];
  #state: ProcessState = "running";

  constructor(base: Clock) {
    this.#base = base;
  }

  get state(): ProcessState {
    return this.#state;
  }

  now(): number {
    return this.#base.now() + this.skew;
  }

  monotonic(): number {
    return this.#base.monotonic();
  }

  setTimer(callback: () => void, delay: number): ClockTimer {
    let cancelled = false;
    const timer = this.#base.setTimer(() => this.run(() => (cancelled ? undefined : callback())), delay);
    return {
      cancel: () => {
        cancelled = true;
        timer.cancel();
      },
    };
  }

  sleep(delay: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delay, signal);
  }

  /** Runs what comes from outside: now, when the process goes on, or never. */
  run(callback: () => void): void {
    if (this.#state === "running") callback();
    else if (this.#state === "paused") this.#late.push(callback);
  }

  /** Resolves once the process runs; never where it has crashed. */
  awake(): Promise<void> {
    return new Promise(resolve => this.run(resolve));
  }

  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    for (const callback of this.#late.splice(0)) this.run(callback);
  }

  crash(): void {
    this.#state = "crashed";
    this.#late.length = 0;
  }

  /** Has what is left of a crashed process run again, so that it can be cleared away once the simulation is over. */
  exhume(): void {
    this.#state = "running";
  }
}
