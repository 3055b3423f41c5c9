import type { StoreBell, StoreSurroundings } from "@sora/core/adapter";

/** Those of this process that listen for bells. */
export class BellBoard {
  readonly #listeners = new Set<(bell: StoreBell) => void>();
  readonly #surroundings: () => StoreSurroundings;

  constructor(surroundings: () => StoreSurroundings) {
    this.#surroundings = surroundings;
  }

  listen(listener: (bell: StoreBell) => void): Disposable {
    const own = (bell: StoreBell): void => listener(bell); // the same function given twice is two listeners
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  /** Rings, once whoever rings is done. What a listener throws is logged and harms nobody. */
  ring(bell: StoreBell): void {
    if (this.#listeners.size === 0) return;
    const { logger } = this.#surroundings();
    queueMicrotask(() => {
      for (const listener of this.#listeners) {
        try {
          listener(bell);
        } catch (error) {
          logger.error("A listener of the PostgreSQL store threw", { bell: bell.kind, error });
        }
      }
    });
  }
}
