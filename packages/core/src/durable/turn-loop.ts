import { describeError } from "../errors/describe-error.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ClockTimer } from "../time/clock.ts";

/** Milliseconds between two attempts at a store that refuses. */
const shortestTrouble = 50;
const longestTrouble = 1_000;

export interface TurnLoopParts {
  readonly host: HostKernel;
  /** For people. */
  readonly store: string;
  /** Whether there is anything to ask of the store. */
  readonly wanted: () => boolean;
  /** One exchange with the store. Rejects where that refuses; nothing is lost by it. */
  readonly turn: () => Promise<void>;
  /** Milliseconds until it is looked again though nobody has planned anything; Infinity where it is not. */
  readonly patience: () => number;
  /** That time is over. */
  readonly onWake: () => void;
  /** A turn is over, and nothing is to follow it just now. */
  readonly onRest: () => void;
}

/** Takes turns with the store one after the other while there is anything to ask, and again later where that refuses. */
export class TurnLoop {
  readonly #parts: TurnLoopParts;
  #turning = false;
  #planned = false;
  #closed = false;
  #wake: ClockTimer | undefined = undefined;
  #asked: number | undefined = undefined;
  #trouble: { readonly since: number; readonly error: unknown } | undefined = undefined;

  constructor(parts: TurnLoopParts) {
    this.#parts = parts;
  }

  get turning(): boolean {
    return this.#turning;
  }

  /** Since when, on the monotonic clock, the store has refused, and why. */
  get trouble(): { readonly since: number; readonly error: unknown } | undefined {
    return this.#trouble;
  }

  /** Milliseconds for which the store has left a turn, or the joining before it, without an answer. */
  get stalledFor(): number {
    return this.#asked === undefined ? 0 : this.#parts.host.clock.monotonic() - this.#asked;
  }

  /** Turns once everything that is going on in this turn of the event loop is over, so that outcomes come together. */
  plan(): void {
    if (this.#planned || this.#turning || this.#closed) return;
    this.#planned = true;
    process.nextTick(() => {
      this.#planned = false;
      this.begin();
    });
  }

  /** Turns at once, unless it does already. */
  begin(): void {
    if (this.#turning || this.#closed) return;
    this.#turning = true;
    void this.#turns().finally(() => {
      this.#turning = false;
      if (this.#wanted) this.plan();
      this.#parts.onRest();
    });
  }

  /** Looks for nothing by itself any more. */
  rest(): void {
    this.#wake?.cancel();
  }

  close(): void {
    this.rest();
    this.#closed = true;
  }

  get #wanted(): boolean {
    return !this.#closed && this.#parts.wanted();
  }

  async #turns(): Promise<void> {
    const { clock, chance, logger } = this.#parts.host;
    let wait = shortestTrouble;
    while (this.#wanted) {
      const asked = clock.monotonic();
      this.#asked = asked;
      try {
        await this.#parts.turn();
        if (this.#trouble !== undefined) logger.info("The store answers again");
        this.#trouble = undefined;
        wait = shortestTrouble;
        this.#asked = undefined;
      } catch (error) {
        this.#asked = undefined;
        this.#noteTrouble(error, asked);
        await clock.sleep(wait * (0.5 + chance.next()));
        wait = Math.min(wait * 2, longestTrouble);
      }
    }
    this.#planWake();
  }

  #planWake(): void {
    this.#wake?.cancel();
    if (this.#closed) return;
    const patience = this.#parts.patience();
    this.#wake =
      patience === Infinity
        ? undefined
        : this.#parts.host.clock.setTimer(
            () => {
              this.#parts.onWake();
              this.plan();
            },
            Math.max(patience, 1),
            true,
          );
  }

  /** One that has not answered for long was out of reach all that time. */
  #noteTrouble(error: unknown, asked: number): void {
    if (this.#trouble === undefined)
      this.#parts.host.logger.error(`The worker cannot reach its store (${this.#parts.store}); it goes on trying: ${describeError(error)}`, { error });
    this.#trouble = { since: this.#trouble?.since ?? asked, error };
  }
}
