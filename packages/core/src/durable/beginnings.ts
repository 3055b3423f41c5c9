import type { Clock, ClockTimer } from "../time/clock.ts";
import type { RunningAction } from "./running-action.ts";
import type { WorkInHand } from "./work-in-hand.ts";

/** Milliseconds after which what was claimed ahead and has not begun is given back. */
const longestAhead = 100;
/** So many begin in one turn of the event loop, or as many as may run: then everything else has its turn. */
const mostBegun = 64;

export interface BeginningsParts {
  readonly clock: Clock;
  readonly hand: WorkInHand;
  /** Whether the worker's lease is over by its own clock. */
  readonly isLeaseOver: () => boolean;
  readonly begin: (run: RunningAction) => void;
  /** Gives back all that has not begun. */
  readonly letGo: () => void;
}

/** Begins what waits in hand as there is room for it, and has it given back where it waits for too long. */
export class Beginnings {
  readonly #parts: BeginningsParts;
  /** How many have begun in this turn of the event loop. */
  #begun = 0;
  #impatience: ClockTimer | undefined = undefined;

  constructor(parts: BeginningsParts) {
    this.#parts = parts;
  }

  /** Begins what there is room for. */
  fill(): void {
    const { hand, begin, letGo } = this.#parts;
    while (this.#begun < Math.max(mostBegun, hand.concurrency)) {
      if (this.#isLate) letGo();
      const next = hand.begin();
      if (next === undefined) break;
      if (this.#begun++ === 0) setImmediate(() => this.#goOn());
      begin(next);
    }
    if (hand.waiting > 0) this.#wait();
  }

  close(): void {
    this.#impatience?.cancel();
  }

  /** Whether what is to begin next was handed out before the loop was blocked for longer than the lease, so that another may have begun it. */
  get #isLate(): boolean {
    const { clock, hand, isLeaseOver } = this.#parts;
    return clock.monotonic() - hand.nextSince >= longestAhead && isLeaseOver();
  }

  /** Another turn of the event loop. */
  #goOn(): void {
    this.#begun = 0;
    this.fill();
  }

  /** Gives back what waits for too long. */
  #wait(patience: number = longestAhead): void {
    const { clock, hand, letGo } = this.#parts;
    this.#impatience ??= clock.setTimer(
      () => {
        this.#impatience = undefined;
        const left = longestAhead - (clock.monotonic() - hand.waitingSince);
        if (left <= 0) letGo();
        else if (hand.waiting > 0) this.#wait(Math.max(left, 1)); // less than a clock can tell apart would bring it back at once
      },
      patience,
      true,
    );
  }
}
