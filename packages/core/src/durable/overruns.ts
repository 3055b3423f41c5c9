import type { Clock, ClockTimer } from "../time/clock.ts";
import type { Logger } from "../logging/logger.ts";
import type { RunningAction } from "./running-action.ts";

/** Milliseconds for which a handler may go on before somebody is told: most that heed their signal need a moment for it. */
const tolerance = 5_000;

interface Overrun {
  readonly since: number;
  readonly warning: ClockTimer;
}

/** Attempts that are over while their handlers go on, because these do not heed their signal. Each keeps its place among those that run until its handler has ended. */
export class Overruns {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #all = new Map<RunningAction, Overrun>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  get size(): number {
    return this.#all.size;
  }

  /** How many have gone on for longer than a moment. */
  get stubborn(): number {
    const now = this.#clock.monotonic();
    return Array.from(this.#all.values()).filter(({ since }) => now - since >= tolerance).length;
  }

  add(run: RunningAction): void {
    const warning = this.#clock.setTimer(() => this.#warn(run), tolerance, true);
    this.#all.set(run, { since: this.#clock.monotonic(), warning });
  }

  /** Its handler has ended. False where it was none of these. */
  end(run: RunningAction): boolean {
    this.#all.get(run)?.warning.cancel();
    return this.#all.delete(run);
  }

  /** Warns of none of them any more. */
  close(): void {
    for (const { warning } of this.#all.values()) warning.cancel();
  }

  #warn({ id, attempt, parts: { service, action } }: RunningAction): void {
    this.#logger.warn(
      `${service}.${action} goes on though its attempt ${attempt} is over: it does not heed its signal, and keeps one of the worker's places until it ends`,
      { id, service, action },
    );
  }
}
