import { Deadline } from "./deadline-list.ts";
import type { DeadlineList } from "./deadline-list.ts";

/**
 * What an `emit` waits for: deliveries that did not finish at once. It resolves when the last has, or when its time is
 * over, whichever comes first. Made only where there is something to wait for.
 */
export class PendingEmit extends Deadline {
  readonly #deadlines: DeadlineList;
  readonly #onTimeout: () => void;
  // One is the emit itself while it is still offering the event, so that it cannot end half-way.
  #open = 1;
  #resolve: (() => void) | undefined = undefined;
  #giveUp: (() => void)[] | undefined = undefined;

  constructor(deadlines: DeadlineList, onTimeout: () => void) {
    super();
    this.#deadlines = deadlines;
    this.#onTimeout = onTimeout;
  }

  /** One more to wait for. */
  add(): void {
    this.#open++;
  }

  /** One fewer. */
  done(): void {
    if (--this.#open > 0) return;
    this.#deadlines.remove(this);
    this.#resolve?.();
  }

  /** Also calls `giveUp` when the time is over. */
  onGiveUp(giveUp: () => void): void {
    (this.#giveUp ??= []).push(giveUp);
  }

  /** Ends the offering: what is left to wait for, from now on and for no longer than the list's span, or nothing. */
  seal(): Promise<void> | undefined {
    if (--this.#open === 0) return undefined;
    return new Promise(resolve => {
      this.#resolve = resolve;
      this.#deadlines.add(this);
    });
  }

  expire(): void {
    for (const giveUp of this.#giveUp ?? []) giveUp();
    this.#onTimeout();
    this.#resolve?.();
  }
}
