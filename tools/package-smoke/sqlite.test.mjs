import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSqliteStore } from "@sora/core/sqlite";
import { createMemoryLogger, createVirtualClock } from "@sora/core/testing";

test("the threads of the SQLite store start from the package, store and list, and end", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sora-smoke-"));
  const file = join(folder, "made", "sora.db");
  const store = createSqliteStore({ file });
  try {
    await store.open({ clock: createVirtualClock(), logger: createMemoryLogger() });
    const action = { id: "a", queue: "Service/action@1", envelope: "{}", priority: 0, attempts: 1 };
    assert.deepEqual(await store.actions.enqueue([action]), [{ id: "a", outcome: "stored" }]);
    assert.deepEqual(
      (await store.actions.list({})).actions.map(({ id }) => id),
      ["a"],
    );
  } finally {
    await store[Symbol.asyncDispose]();
    assert.ok(existsSync(file));
    rmSync(folder, { recursive: true });
  }
});
