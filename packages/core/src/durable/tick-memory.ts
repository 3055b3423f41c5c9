import type { HostKernel } from "../host/host-kernel.ts";
import type { TickAnswer, TickStore } from "./store/tick-store.ts";

/** Milliseconds for which a store that has refused is left alone. */
const pauseAfterRefusal = 1_000;

/** Which ticks the whole cluster has had, as one host asks for it: questions of one moment are asked together. */
export class TickMemory {
  readonly #host: HostKernel;
  readonly #store: TickStore;
  #waiting = new Map<string, PromiseWithResolvers<number | undefined>>();
  /** On the monotonic clock. */
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(host: HostKernel, store: TickStore) {
    this.#host = host;
    this.#store = store;
  }

  /**
   * The service's last tick, in milliseconds since the epoch; `undefined` where there was none. Of a store that refuses it is asked once a second until it answers; where the host stops
   * before, this never resolves.
   */
  last(service: string): Promise<number | undefined> {
    const isFirst = this.#waiting.size === 0;
    const answer = this.#waiting.get(service) ?? Promise.withResolvers<number | undefined>();
    this.#waiting.set(service, answer);
    if (isFirst) this.#plan();
    return answer.promise;
  }

  /** Rejects where the store does. */
  async take(service: string, at: number, gap: number, fence: number | undefined): Promise<TickAnswer> {
    try {
      return await this.#store.take({ service, at, gap, ...(fence === undefined ? undefined : { fence }) });
    } catch (error) {
      this.#refusedAt = this.#host.clock.monotonic();
      throw error;
    }
  }

  #plan(): void {
    const { clock } = this.#host;
    const wait = this.#refusedAt + pauseAfterRefusal - clock.monotonic();
    if (wait > 0) clock.setTimer(() => void this.#ask(), wait, true);
    else queueMicrotask(() => void this.#ask());
  }

  async #ask(): Promise<void> {
    const asked = this.#waiting;
    this.#waiting = new Map();
    if (this.#host.stopping) return;
    try {
      const known = await this.#store.last([...asked.keys()]);
      for (const [service, { resolve }] of asked) resolve(known.get(service));
    } catch {
      this.#refusedAt = this.#host.clock.monotonic();
      this.#askAgain(asked);
    }
  }

  #askAgain(refused: ReadonlyMap<string, PromiseWithResolvers<number | undefined>>): void {
    const isFirst = this.#waiting.size === 0;
    for (const [service, answer] of refused) {
      const later = this.#waiting.get(service);
      if (later === undefined) this.#waiting.set(service, answer);
      else void later.promise.then(answer.resolve);
    }
    if (isFirst) this.#plan();
  }
}
