import type { Clock } from "../time/clock.ts";

/** Of leases, between two times that nothing has gone wrong and it is said all the same. */
const leasesBetween = 4;

/**
 * When a worker's turn is to say all that the worker holds, so that what the store takes for its own and it never heard of is given back. A turn whose answer is lost may have handed
 * something out, and may still arrive long after: so it is said in each turn for a lease from then on, and once when that is over; and now and then without a reason.
 */
export class HeldAudit {
  readonly #clock: Clock;
  readonly #lease: number;
  #unsureUntil = -Infinity;
  #saidAt: number;

  constructor(clock: Clock, lease: number) {
    this.#clock = clock;
    this.#lease = lease;
    this.#saidAt = clock.monotonic();
  }

  /** The store and the worker may not agree: an answer was lost, or an outcome refused that should have counted. */
  doubt(): void {
    this.#unsureUntil = this.#clock.monotonic() + this.#lease;
  }

  get isDue(): boolean {
    return this.#clock.monotonic() < this.#unsureUntil || this.#clock.monotonic() >= this.#next;
  }

  /** In how many milliseconds a turn must come for its sake; Infinity where none must. */
  get wait(): number {
    return this.#saidAt < this.#unsureUntil ? Math.max(0, this.#unsureUntil - this.#clock.monotonic()) : Infinity;
  }

  /** It was said by a turn sent at `sent`, and answered. */
  said(sent: number): void {
    this.#saidAt = sent;
  }

  get #next(): number {
    return this.#saidAt < this.#unsureUntil ? this.#unsureUntil : this.#saidAt + leasesBetween * this.#lease;
  }
}
