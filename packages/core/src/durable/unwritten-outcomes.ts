import type { Clock, ClockTimer } from "../time/clock.ts";
import type { AttemptOutcome } from "./attempt.ts";
import type { RunningAction } from "./running-action.ts";

/** Outcomes written in one turn, at most, and the characters of their results beyond which it holds no more. */
const mostAtOnce = 1_000;
const longestAtOnce = 8_388_608;
/** Outcomes that may wait to be written before nothing more is taken on. */
const most = 2_000;
/** Milliseconds for which outcomes may wait for the next claim to be written with, where there is enough in hand to go on with. */
const longestWait = 20;

/** An attempt that is over, and how it ended. */
export interface Ended {
  readonly run: RunningAction;
  readonly outcome: AttemptOutcome;
}

/**
 * What has ended and is yet to be written. What has completed may wait for the next claim, so that one turn does for both, and one sync of the disk;
 * what failed, was cancelled or is given back is worth a turn of its own.
 */
export class UnwrittenOutcomes {
  readonly #clock: Clock;
  readonly #onUrgent: () => void;
  readonly #ended: Ended[] = [];
  #urgent = false;
  #soon: ClockTimer | undefined = undefined;

  /** `onUrgent` is called when what could wait has waited for long enough. */
  constructor(clock: Clock, onUrgent: () => void) {
    this.#clock = clock;
    this.#onUrgent = onUrgent;
  }

  get size(): number {
    return this.#ended.length;
  }

  get isFull(): boolean {
    return this.#ended.length >= most;
  }

  /** Of those, what counts as held: nothing of what was lost. */
  get heldIds(): readonly string[] {
    return this.#ended.filter(({ run }) => !run.lost).map(({ run }) => run.id);
  }

  /** Whether they are to be written now; `canWait` where a claim is to follow soon. */
  isWorthATurn(canWait: boolean): boolean {
    return this.#ended.length >= (canWait && !this.#urgent ? mostAtOnce : 1);
  }

  add(ended: Ended): void {
    this.#ended.push(ended);
    if (ended.outcome.settlement.kind !== "completed") this.#urgent = true;
    else this.#soon ??= this.#clock.setTimer(this.#isSoon, longestWait, true); // what it finds in hand may be less than what a turn under way brings
  }

  /** The first of them, as many as are written at once. */
  take(): readonly Ended[] {
    const first = this.#ended.splice(0, this.#fitting());
    if (this.#ended.length === 0) {
      this.#urgent = false;
      this.close();
    }
    return first;
  }

  #fitting(): number {
    let length = 0;
    let count = 0;
    while (count < Math.min(this.#ended.length, mostAtOnce) && length < longestAtOnce) {
      const { settlement } = (this.#ended[count++] as Ended).outcome;
      if (settlement.kind === "completed") length += settlement.result?.length ?? 0;
    }
    return count;
  }

  /** The store refused them. */
  putBack(ended: readonly Ended[]): void {
    this.#ended.unshift(...ended);
    this.#urgent = true;
  }

  /** Reminds of nothing any more. */
  close(): void {
    this.#soon?.cancel();
    this.#soon = undefined;
  }

  readonly #isSoon = (): void => {
    this.#soon = undefined;
    this.#urgent = true;
    this.#onUrgent();
  };
}
