import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteStore } from "@sora/core/sqlite";
import { describe, test } from "vitest";
import { silentLogger } from "../../logging/logger.ts";
import { storeContract } from "../../testing/contracts/store-contract.ts";
import type { StoreHarness } from "../../testing/contracts/store-harness.ts";
import { createVirtualClock } from "../../testing/virtual-clock.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";

async function sqliteHarness(): Promise<StoreHarness> {
  const clock = createVirtualClock();
  const folder = mkdtempSync(join(tmpdir(), "sora-sqlite-"));
  const file = join(folder, "sora.db");
  return {
    open: async () => {
      const store = createSqliteStore({ file, synchronous: nightly ? "full" : "normal" }); // which no promise of the contract depends on
      await store.open({ clock, logger: silentLogger });
      return store;
    },
    advance: milliseconds => clock.advance(milliseconds),
    transaction: async work => {
      const database = new DatabaseSync(file, { timeout: 5_000 });
      try {
        database.exec("BEGIN IMMEDIATE");
        const result = await work(database);
        database.exec("COMMIT");
        return result;
      } finally {
        database.close();
      }
    },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

describe("createSqliteStore", () => {
  test.for(storeContract({ create: sqliteHarness }))("$title", async ({ run: assertKept, skip }, { skip: leave }) => {
    leave(skip !== undefined, skip);
    await assertKept();
  });
});
