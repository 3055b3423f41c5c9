/** Lets at most `limit()` pieces of work go on at once; the others wait for their turn, first come first served. The limit is asked each time, so it may change. */
export class Limiter {
  readonly #limit: () => number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit()) await new Promise<void>(resolve => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      for (let free = this.#limit() - this.#running; free > 0 && this.#waiting.length > 0; free--) this.#next();
    }
  }

  #next(): void {
    this.#running++;
    this.#waiting.shift()?.();
  }
}
