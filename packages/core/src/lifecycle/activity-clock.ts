import { systemClock } from "../time/system-clock.ts";
import type { Clock, ClockTimer } from "../time/clock.ts";

/** When something happened; {@link ActivityClock.timeOf} tells. Things that happen in a rush share one. */
export class Moment {
  /** Milliseconds since the epoch. */
  at: number;

  constructor(at: number) {
    this.at = at;
  }
}

/** So many within one millisecond are a rush: then reading the clock for each would be a quarter of what a call costs. */
const rush = 32;
/** A rush's moment is given its time after so many at the latest. */
const mostShared = 1_024;
/** Or after so many milliseconds. */
const longest = 1;

/**
 * Dates a host's activity. As long as things happen slowly each is dated by a reading of the clock. In a rush they share a moment that is dated when it is over: after
 * 1,024 of them, after a millisecond, or when somebody asks. A date is never early; it is late by that much at most, and by what the event loop was held meanwhile.
 */
export class ActivityClock {
  readonly #clock: Clock;
  readonly #rush: number;
  #last = new Moment(Number.NEGATIVE_INFINITY);
  #inOneMillisecond = 0;
  /** The moment that a rush shares, not dated yet. */
  #shared: Moment | undefined = undefined;
  #sharing = 0;
  #timer: ClockTimer | undefined = undefined;

  /** Other clocks than the system's cost nothing to read, and time may stand still on them: there, every date is read, unless `rushFrom` says otherwise. */
  constructor(clock: Clock, rushFrom: number = clock === systemClock ? rush : Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#rush = rushFrom;
  }

  /** Now. */
  moment(): Moment {
    if (this.#shared !== undefined) {
      if (++this.#sharing < mostShared) return this.#shared;
      this.#shared.at = this.#clock.now();
      this.#sharing = 0;
      return (this.#shared = new Moment(this.#shared.at));
    }
    const now = this.#clock.now();
    if (now !== this.#last.at) {
      this.#inOneMillisecond = 0;
      return (this.#last = new Moment(now));
    }
    if (++this.#inOneMillisecond >= this.#rush) this.#share(now);
    return this.#last;
  }

  /** Milliseconds since the epoch. */
  timeOf(moment: Moment): number {
    if (moment === this.#shared) this.settle();
    return moment.at;
  }

  /** Ends a rush; no timer is left. */
  settle(): void {
    if (this.#shared === undefined) return;
    this.#shared.at = this.#clock.now();
    this.#shared = undefined;
    this.#inOneMillisecond = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #share(now: number): void {
    this.#shared = new Moment(now);
    this.#sharing = 0;
    this.#timer = this.#clock.setTimer(() => this.settle(), longest, true);
  }
}
