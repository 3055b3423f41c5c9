/** A thing to run again and again: when it is due next, in milliseconds since the epoch, and how often. */
interface Due {
  at: number;
  readonly period: number;
  readonly run: (dueAt: number) => void;
}

/** The least that can be done: one binary heap, one timer, and nothing around a run. What the scheduler is held against. */
export class DueHeap {
  readonly #heap: Due[] = [];

  add(at: number, period: number, run: (dueAt: number) => void): void {
    const due: Due = { at, period, run };
    const heap = this.#heap;
    let index = heap.push(due) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Due;
      if (above.at <= at) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = due;
  }

  /** Runs what is due, and arms the timer for what is next. */
  tick = (): void => {
    const now = Date.now();
    for (let first = this.#heap[0] as Due; first.at <= now; first = this.#heap[0] as Due) {
      first.run(first.at);
      first.at += first.period;
      this.#sink(first);
    }
    setTimeout(this.tick, Math.min((this.#heap[0] as Due).at - Date.now(), 2 ** 30));
  };

  #sink(due: Due): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as Due).at < (heap[child] as Due).at) child++;
      const below = heap[child] as Due;
      if (below.at >= due.at) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = due;
  }
}
