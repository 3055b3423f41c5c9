import { describe, test } from "vitest";
import { storeContract } from "../../testing/contracts/store-contract.ts";
import { sqliteHarness } from "./fixtures/sqlite-harness.ts";

describe("createSqliteStore", () => {
  test.for(storeContract({ create: sqliteHarness }))("$title", async ({ run: assertKept, skip }, { skip: leave }) => {
    leave(skip !== undefined, skip);
    await assertKept();
  });
});
