import type { Clock, ClockTimer } from "../time/clock.ts";

/** A time during which the event loop did not turn. */
export interface LoopBlock {
  /** How long, in milliseconds; what fits between two ticks of the monitor may be missing from it (0.5 s; 2 s after a time in which the loop had next to nothing to do). */
  readonly lag: number;
  /** When it was over, in milliseconds since the epoch. */
  readonly at: number;
}

export interface LoopMonitorOptions {
  readonly clock: Clock;
  /** Called once for each block of 1 s or more, as soon as the loop turns again. */
  readonly onBlock?: ((block: LoopBlock) => void) | undefined;
}

const interval = 500;
/** While the loop is calm: each tick wakes a process that sleeps, which is all that an idle host costs. */
const calmInterval = 2_000;
/** The part of its time up to which a loop counts as calm. */
const calmShare = 0.02;
const reportedFrom = 1_000;
const remembered = 60_000;
const places = remembered / interval + 1;

/**
 * Measures how late the event loop is, by a timer of 500 ms that does not hold the process open; of 2 s, while the loop
 * works less than 2 % of its time. Its figures are milliseconds on the monotonic clock; on a virtual clock they are 0.
 */
export class LoopMonitor {
  readonly #clock: Clock;
  readonly #onBlock: ((block: LoopBlock) => void) | undefined;
  // One place for each tick of the last minute, written round and round.
  readonly #lags = new Float64Array(places);
  readonly #times = new Float64Array(places).fill(Number.NEGATIVE_INFINITY);
  #next = 0;
  #lag = 0;
  #due = 0;
  #armedAt = 0;
  #busy = 0;
  #timer: ClockTimer | undefined = undefined;

  constructor({ clock, onBlock }: LoopMonitorOptions) {
    this.#clock = clock;
    this.#onBlock = onBlock;
  }

  /** How late the last tick was; or how late the next one is already, where that is more. 0 while stopped. */
  get lag(): number {
    return this.#timer === undefined ? 0 : Math.max(this.#lag, this.#clock.monotonic() - this.#due);
  }

  /** The highest `lag` of the last minute. */
  get maxLag(): number {
    const since = this.#clock.monotonic() - remembered;
    let most = this.lag;
    for (let index = 0; index < this.#lags.length; index++) {
      if ((this.#times[index] as number) >= since) most = Math.max(most, this.#lags[index] as number);
    }
    return most;
  }

  start(): void {
    if (this.#timer === undefined) this.#arm(this.#clock.monotonic(), interval);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#lag = 0;
    this.#times.fill(Number.NEGATIVE_INFINITY);
  }

  readonly #tick = (): void => {
    const now = this.#clock.monotonic();
    this.#lag = Math.max(0, now - this.#due);
    this.#lags[this.#next] = this.#lag;
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % this.#lags.length;
    this.#arm(now, this.#isCalm(now) ? calmInterval : interval);
    if (this.#lag >= reportedFrom) this.#onBlock?.({ lag: this.#lag, at: this.#clock.now() });
  };

  #isCalm(now: number): boolean {
    const busy = this.#clock.busy?.();
    if (busy === undefined) return false;
    const worked = busy - this.#busy;
    this.#busy = busy;
    return worked < (now - this.#armedAt) * calmShare;
  }

  #arm(now: number, wait: number): void {
    this.#armedAt = now;
    this.#due = now + wait;
    this.#timer = this.#clock.setTimer(this.#tick, wait, true);
  }
}
