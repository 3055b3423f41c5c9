import type { Clock } from "../../../time/clock.ts";
import { systemClock } from "../../../time/system-clock.ts";

/** Milliseconds between two looks while something is going on, and after a long time of nothing. */
const shortest = 25;
const longest = 250;
/** The pause between two looks is this part of the time in which nothing has happened. */
const part = 1 / 40;

/** What tells whether other connections have committed anything: a few microseconds, and no lock. */
export interface Watched {
  othersWrote(): boolean;
}

/** Looks for what other processes have written: every 25 ms while anything goes on here or there, and four times a second after ten seconds of nothing. */
export class ForeignBell {
  readonly #watched: Watched;
  readonly #clock: Clock;
  #stirred: number;
  #nextLook: number;

  constructor(watched: Watched, clock: Clock = systemClock) {
    this.#watched = watched;
    this.#clock = clock;
    this.#stirred = this.#nextLook = clock.monotonic();
  }

  /** Something is going on in this process. */
  stir(): void {
    this.#stirred = this.#clock.monotonic();
  }

  /** Looks, where it is time to; whether others have written since the last look. */
  rings(): boolean {
    if (this.untilLook > 0) return false;
    const wrote = this.#watched.othersWrote();
    if (wrote) this.stir();
    const now = this.#clock.monotonic();
    this.#nextLook = now + Math.min(longest, Math.max(shortest, (now - this.#stirred) * part));
    return wrote;
  }

  /** Milliseconds until it is time for the next look. */
  get untilLook(): number {
    return Math.max(0, this.#nextLook - this.#clock.monotonic());
  }
}
