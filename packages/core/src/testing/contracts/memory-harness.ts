import { silentLogger } from "../../logging/logger.ts";
import type { StoreHarness } from "./store-harness.ts";
import { createVirtualClock } from "../virtual-clock.ts";
import { createMemoryStore } from "../../durable/memory/memory-store.ts";

/** A memory store of its own, on a clock of its own; every opener is given the same object. */
export async function memoryHarness(): Promise<StoreHarness> {
  const clock = createVirtualClock();
  const store = createMemoryStore();
  return {
    open: async () => {
      await store.open({ clock, logger: silentLogger });
      return store;
    },
    advance: milliseconds => clock.advance(milliseconds),
    [Symbol.asyncDispose]: async () => {},
  };
}
