import { describe, test } from "vitest";
import { silentLogger } from "../../logging/logger.ts";
import { storeContract } from "../../testing/contracts/store-contract.ts";
import type { StoreHarness } from "../../testing/contracts/store-harness.ts";
import { createVirtualClock } from "../../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory-store.ts";

async function memoryHarness(): Promise<StoreHarness> {
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

describe("createMemoryStore", () => {
  test.for(storeContract({ create: memoryHarness, cannot: { transactions: "what is in memory takes part in none" } }))(
    "$title",
    async ({ run: assertKept, skip }, { skip: leave }) => {
      leave(skip !== undefined, skip);
      await assertKept();
    },
  );
});
