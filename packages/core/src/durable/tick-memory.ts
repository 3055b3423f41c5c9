import type { TickAnswer, TickStore } from "./store/tick-store.ts";

/** Which ticks the whole cluster has had, as one host asks for it: questions of one moment are asked together. */
export class TickMemory {
  readonly #store: TickStore;
  #asked: Map<string, PromiseWithResolvers<number | undefined>> | undefined = undefined;

  constructor(store: TickStore) {
    this.#store = store;
  }

  /** The service's last tick, in milliseconds since the epoch; `undefined` where there was none, or the store does not say. */
  last(service: string): Promise<number | undefined> {
    if (this.#asked === undefined) {
      this.#asked = new Map();
      queueMicrotask(() => void this.#ask());
    }
    const answer = this.#asked.get(service) ?? Promise.withResolvers<number | undefined>();
    this.#asked.set(service, answer);
    return answer.promise;
  }

  take(service: string, at: number, gap: number, fence: number | undefined): Promise<TickAnswer> {
    return this.#store.take({ service, at, gap, ...(fence === undefined ? undefined : { fence }) });
  }

  async #ask(): Promise<void> {
    const asked = this.#asked as Map<string, PromiseWithResolvers<number | undefined>>;
    this.#asked = undefined;
    try {
      const known = await this.#store.last([...asked.keys()]);
      for (const [service, { resolve }] of asked) resolve(known.get(service));
    } catch {
      for (const { resolve } of asked.values()) resolve(undefined);
    }
  }
}
