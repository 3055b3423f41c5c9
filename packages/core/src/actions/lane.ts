import { SoraError } from "../errors/sora-error.ts";

/** One call's wait for a slot. */
interface Waiter {
  readonly priority: number;
  /** Arrival, for first come, first served within a priority. */
  readonly order: number;
  readonly grant: () => void;
  index: number;
}

/** Longest queue of a lane before it answers `SORA_OVERLOADED`. */
export const laneCapacity = 10_000;

/**
 * Lets at most `concurrency` holders in at once; who comes later waits, higher priority first, first come first served within one. Its queue is a
 * heap, so that joining, being let in and giving up each cost O(log n).
 */
export class Lane {
  readonly name: string;
  readonly concurrency: number;
  readonly #waiting: Waiter[] = [];
  #held = 0;
  #arrivals = 0;

  constructor(name: string, concurrency: number) {
    this.name = name;
    this.concurrency = concurrency;
  }

  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a slot if one is free and nobody waits. */
  tryAcquire(): boolean {
    if (this.#held >= this.concurrency || this.#waiting.length > 0) return false;
    this.#held++;
    return true;
  }

  /**
   * Resolves when a slot is the caller's. When `signal` aborts first, it rejects with the signal's reason and takes no slot.
   *
   * @throws SoraError `SORA_OVERLOADED`, at once, where {@link laneCapacity} calls wait already.
   */
  acquire(priority: number, signal?: AbortSignal): Promise<void> {
    if (this.tryAcquire()) return Promise.resolve();
    if (this.#waiting.length >= laneCapacity) {
      return Promise.reject(new SoraError("SORA_OVERLOADED", `Cannot take the call: ${laneCapacity} calls wait for ${this.name} already, which runs ${this.concurrency} at once.`, { details: { lane: this.name, waiting: this.#waiting.length, concurrency: this.concurrency } }));
    }
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const giveUp = (): void => {
        this.#remove(waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        priority,
        order: this.#arrivals++,
        index: -1,
        grant: () => {
          signal?.removeEventListener("abort", giveUp);
          resolve();
        },
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      this.#push(waiter);
    });
  }

  /** Gives a slot back; it goes straight to the first who waits. */
  release(): void {
    const next = this.#waiting[0];
    if (next === undefined) {
      this.#held--;
      return;
    }
    this.#remove(next);
    next.grant();
  }

  #push(waiter: Waiter): void {
    waiter.index = this.#waiting.length;
    this.#waiting.push(waiter);
    this.#rise(waiter);
  }

  #remove(waiter: Waiter): void {
    const at = waiter.index;
    if (at < 0) return;
    const last = this.#waiting.pop() as Waiter;
    waiter.index = -1;
    if (last === waiter) return;
    this.#place(last, at);
    this.#rise(last);
    this.#sink(last);
  }

  #rise(waiter: Waiter): void {
    for (let at = waiter.index; at > 0; ) {
      const parent = (at - 1) >> 1;
      const above = this.#waiting[parent] as Waiter;
      if (!before(waiter, above)) return;
      this.#place(above, at);
      this.#place(waiter, parent);
      at = parent;
    }
  }

  #sink(waiter: Waiter): void {
    for (let at = waiter.index; ; ) {
      let child = 2 * at + 1;
      if (child >= this.#waiting.length) return;
      if (child + 1 < this.#waiting.length && before(this.#waiting[child + 1] as Waiter, this.#waiting[child] as Waiter)) child++;
      const below = this.#waiting[child] as Waiter;
      if (!before(below, waiter)) return;
      this.#place(below, at);
      this.#place(waiter, child);
      at = child;
    }
  }

  #place(waiter: Waiter, at: number): void {
    this.#waiting[at] = waiter;
    waiter.index = at;
  }
}

function before(a: Waiter, b: Waiter): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}
