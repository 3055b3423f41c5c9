import { describe, expect, test } from "vitest";
import { storeContract } from "../../testing/contracts/store-contract.ts";
import { memoryHarness } from "../../testing/contracts/memory-harness.ts";
import { createMemoryStore } from "./memory-store.ts";

describe("createMemoryStore", () => {
  test("refuses an option that it does not know, with the nearest it does", () => {
    expect(() => createMemoryStore({ leas: "1s" } as never)).toThrow(/leas is no option of createMemoryStore; did you mean lease\?/);
  });

  test.for(storeContract({ create: memoryHarness, cannot: { transactions: "what is in memory takes part in none" } }))(
    "$title",
    async ({ run: assertKept, skip }, { skip: leave }) => {
      leave(skip !== undefined, skip);
      await assertKept();
    },
  );
});
