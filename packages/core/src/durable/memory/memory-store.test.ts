import { describe, test } from "vitest";
import { storeContract } from "../../testing/contracts/store-contract.ts";
import { memoryHarness } from "../../testing/contracts/memory-harness.ts";

describe("createMemoryStore", () => {
  test.for(storeContract({ create: memoryHarness, cannot: { transactions: "what is in memory takes part in none" } }))(
    "$title",
    async ({ run: assertKept, skip }, { skip: leave }) => {
      leave(skip !== undefined, skip);
      await assertKept();
    },
  );
});
