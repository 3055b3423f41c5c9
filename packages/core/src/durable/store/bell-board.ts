import { describeError } from "../../errors/describe-error.ts";
import type { Logger } from "../../logging/logger.ts";
import type { StoreBell } from "./durable-store.ts";

/** Those of this process that listen to a store. */
export class BellBoard {
  readonly #store: string;
  readonly #listeners = new Set<(bell: StoreBell) => void>();

  /** `store` is its name, for the log. */
  constructor(store: string) {
    this.#store = store;
  }

  /** How many listen. */
  get size(): number {
    return this.#listeners.size;
  }

  listen(listener: (bell: StoreBell) => void): Disposable {
    const own = (bell: StoreBell): void => listener(bell); // the same function given twice is two listeners
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Rings at once. What a listener throws is logged and harms nobody. */
  ring(bell: StoreBell, logger: Logger): void {
    for (const listener of this.#listeners) {
      try {
        listener(bell);
      } catch (error) {
        logger.error(`A listener of ${this.#store} threw: ${describeError(error)}`, { bell: bell.kind, error });
      }
    }
  }

  /** Rings once the method that rings is done, so that whoever hears it finds all of it. */
  ringAfter(bell: StoreBell, logger: Logger): void {
    queueMicrotask(() => this.ring(bell, logger));
  }

  /** Nobody listens any more. */
  clear(): void {
    this.#listeners.clear();
  }
}
