import type { Clock, ClockTimer } from "../time/clock.ts";
import type { Logger } from "../logging/logger.ts";
import type { RunningAction } from "./running-action.ts";

/** Milliseconds for which a handler may go on before somebody is told: most that heed their signal need a moment for it. */
const tolerance = 5_000;
/** Milliseconds for which one that goes on keeps its place. It may never end, and others must have their turn. */
const longestHold = 30_000;

interface Overrun {
  readonly since: number;
  /** While it keeps its place. */
  hold: ClockTimer | undefined;
  readonly warning: ClockTimer;
}

/**
 * Attempts that are over while their handlers go on, because these do not heed their signal. Each keeps its place among those that run until its handler has ended, for thirty seconds at most: so
 * handlers that are late do not add up, and those that never end do not bring everything to a stop.
 */
export class Overruns {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onRoom: (run: RunningAction) => void;
  readonly #all = new Map<RunningAction, Overrun>();
  #places = 0;

  /** `onRoom` is told of each whose place is free again. */
  constructor(clock: Clock, logger: Logger, onRoom: (run: RunningAction) => void) {
    this.#clock = clock;
    this.#logger = logger;
    this.#onRoom = onRoom;
  }

  /** How many keep a place. */
  get places(): number {
    return this.#places;
  }

  /** How many have gone on for longer than a moment, with a place or without. */
  get stubborn(): number {
    const now = this.#clock.monotonic();
    return Array.from(this.#all.values()).filter(({ since }) => now - since >= tolerance).length;
  }

  add(run: RunningAction): void {
    this.#places++;
    this.#all.set(run, {
      since: this.#clock.monotonic(),
      hold: this.#clock.setTimer(() => this.#letGo(run), longestHold, true),
      warning: this.#clock.setTimer(() => this.#warn(run), tolerance, true),
    });
  }

  /** A handler has ended, which may be none of these. */
  end(run: RunningAction): void {
    const overrun = this.#all.get(run);
    if (overrun === undefined) return;
    overrun.warning.cancel();
    this.#letGo(run);
    this.#all.delete(run);
  }

  /** Warns of none of them any more, and frees nothing. */
  close(): void {
    for (const { warning, hold } of this.#all.values()) {
      warning.cancel();
      hold?.cancel();
    }
  }

  #letGo(run: RunningAction): void {
    const overrun = this.#all.get(run);
    if (overrun?.hold === undefined) return;
    overrun.hold.cancel();
    overrun.hold = undefined;
    this.#places--;
    this.#onRoom(run);
  }

  #warn({ id, attempt, parts: { service, action } }: RunningAction): void {
    this.#logger.warn(`${service}.${action} goes on though its attempt ${attempt} is over: it does not heed its signal`, { id, service, action });
  }
}
