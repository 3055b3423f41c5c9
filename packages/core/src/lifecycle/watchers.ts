/** Who wants to know when something has changed. */
export class Watchers {
  readonly #watchers = new Set<() => void>();

  /** Calls back at each change, until the returned function is called. */
  add(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  tell(): void {
    for (const watcher of this.#watchers) watcher();
  }

  /** Resolves at the next change. Rejects with the reason of `signal` where that aborts first. */
  next(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const stop = (): void => {
        unwatch();
        reject(signal?.reason as Error);
      };
      const unwatch = this.add(() => {
        unwatch();
        signal?.removeEventListener("abort", stop);
        resolve();
      });
      signal?.addEventListener("abort", stop, { once: true });
    });
  }
}
