import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createMemoryLogger } from "../../../logging/memory-logger.ts";
import { createVirtualClock } from "../../../testing/virtual-clock.ts";
import { createSqliteStore } from "../sqlite-store.ts";

test("a rate goes on where the clock was set back", async () => {
  const clock = createVirtualClock();
  const file = join(tmpdir(), `sora-rate-${process.pid}.db`);
  const store = createSqliteStore({ file });
  try {
    await store.open({ clock, logger: createMemoryLogger() });
    await store.actions.join({ id: "w", node: "n", queues: [] });
    await store.actions.enqueue(Array.from({ length: 20 }, (_, n) => ({ id: `a${n}`, queue: "A/a@1", envelope: "{}", priority: 0, attempts: 3 })));
    const queues = [{ queue: "A/a@1", rate: { name: "A/a", limit: 2, per: 1_000 } }];
    const begun = async (): Promise<number> =>
      (await store.actions.turn({ worker: "w", settle: [], claim: { queues, most: 10, suspect: true } })).claimed.length;
    expect(await begun()).toBe(2);
    clock.jumpWall("-1h");
    expect(await begun()).toBe(0);
    await clock.advance("1s");
    expect(await begun()).toBe(2);
    await clock.advance("500ms");
    expect(await begun()).toBe(1);
  } finally {
    await store[Symbol.asyncDispose]();
    for (const end of ["", "-wal", "-shm"]) await rm(file + end, { force: true });
  }
});
