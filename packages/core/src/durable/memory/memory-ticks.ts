import type { Tick, TickAnswer, TickStore } from "../store/tick-store.ts";
import type { MemoryGround } from "./memory-ground.ts";

/** The ticks of a memory store. */
export class MemoryTicks implements TickStore {
  readonly #ground: MemoryGround;
  readonly #taken = new Map<string, { readonly last: number; readonly fence: number }>();

  constructor(ground: MemoryGround) {
    this.#ground = ground;
  }

  async last(services: readonly string[]): Promise<ReadonlyMap<string, number>> {
    this.#ground.now();
    return new Map(
      services.flatMap(service => {
        const taken = this.#taken.get(service);
        return taken === undefined ? [] : [[service, taken.last]];
      }),
    );
  }

  async take({ service, at, gap, fence }: Tick): Promise<TickAnswer> {
    this.#ground.now();
    const before = this.#taken.get(service);
    const highest = before?.fence ?? 0;
    if (before !== undefined && (at <= before.last || at - before.last < gap || (fence ?? highest) < highest)) return { taken: false, last: before.last };
    this.#taken.set(service, { last: at, fence: Math.max(highest, fence ?? 0) });
    return { taken: true, last: at };
  }
}
