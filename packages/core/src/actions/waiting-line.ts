import type { Lane } from "./lane.ts";

/** One call's wait for its slots. */
export interface Waiter {
  readonly priority: number;
  /** Arrival at the service, for first come, first served within a priority. */
  readonly order: number;
  readonly admit: () => void;
  /** Where it stands in its line; below 0 once it has left. */
  index: number;
}

/**
 * Those who wait for the same lanes: higher priority first, first come first served within one. They get their slots all at once, so that nobody holds one lane's
 * slot while waiting for another's. It is a heap: joining, being let in and giving up each cost O(log n). An empty line takes itself away.
 */
export class WaitingLine {
  readonly lanes: readonly Lane[];
  readonly #heap: Waiter[] = [];

  constructor(lanes: readonly Lane[]) {
    this.lanes = lanes;
    for (const lane of lanes) lane.addLine(this);
  }

  get size(): number {
    return this.#heap.length;
  }

  isFor(lanes: readonly Lane[]): boolean {
    return lanes.length === this.lanes.length && lanes.every((lane, index) => lane === this.lanes[index]);
  }

  /** Whether its first comes before the first of `other`. */
  isBefore(other: WaitingLine): boolean {
    return before(this.#heap[0] as Waiter, other.#heap[0] as Waiter);
  }

  add(waiter: Waiter): void {
    waiter.index = this.#heap.length;
    this.#heap.push(waiter);
    this.#rise(waiter);
  }

  /** Gives the first its slots. */
  admitFirst(): void {
    const first = this.#heap[0] as Waiter;
    for (const lane of this.lanes) lane.take();
    this.remove(first);
    first.admit();
  }

  /** Takes out one who was let in, or gave up. */
  remove(waiter: Waiter): void {
    const at = waiter.index;
    if (at < 0) return;
    const last = this.#heap.pop() as Waiter;
    waiter.index = -1;
    if (last !== waiter) {
      this.#place(last, at);
      this.#rise(last);
      this.#sink(last);
    }
    if (this.#heap.length === 0) for (const lane of this.lanes) lane.removeLine(this);
  }

  #rise(waiter: Waiter): void {
    for (let at = waiter.index; at > 0;) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent] as Waiter;
      if (!before(waiter, above)) return;
      this.#place(above, at);
      this.#place(waiter, parent);
      at = parent;
    }
  }

  #sink(waiter: Waiter): void {
    for (let at = waiter.index; ;) {
      let child = 2 * at + 1;
      if (child >= this.#heap.length) return;
      if (child + 1 < this.#heap.length && before(this.#heap[child + 1] as Waiter, this.#heap[child] as Waiter)) child++;
      const below = this.#heap[child] as Waiter;
      if (!before(below, waiter)) return;
      this.#place(below, at);
      this.#place(waiter, child);
      at = child;
    }
  }

  #place(waiter: Waiter, at: number): void {
    this.#heap[at] = waiter;
    waiter.index = at;
  }
}

function before(a: Waiter, b: Waiter): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}
