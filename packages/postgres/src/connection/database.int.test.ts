import { SoraError, systemClock } from "@sora/core/adapter";
import { createMemoryLogger, seededChance } from "@sora/core/testing";
import type { MemoryLogger } from "@sora/core/testing";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { noServer, testServer, whySkipped } from "../fixtures/test-server.ts";
import { resolvePostgresOptions } from "../postgres-store-options.ts";
import type { PostgresStoreOptions } from "../postgres-store-options.ts";
import { Database } from "./database.ts";

describe.skipIf(noServer)(`Database${whySkipped}`, () => {
  const admin = new pg.Client({ connectionString: testServer });
  let database: Database;
  let logger: MemoryLogger;

  function open(options: PostgresStoreOptions = {}): void {
    logger = createMemoryLogger();
    database = new Database("the test's server", resolvePostgresOptions({ connectionString: testServer, poolSize: 2, ...options }));
    database.open({ clock: systemClock, logger, chance: seededChance(1) });
  }

  beforeEach(() => open());
  afterEach(() => database.close());

  test("gives whole numbers of 64 bits as numbers", async () => {
    expect(
      await database.rows("ask", { name: "big", text: "SELECT 9007199254740991::bigint AS n, ARRAY[1, 2]::bigint[] AS many, '{\"a\":1}'::jsonb AS json" }),
    ).toEqual([{ n: 9_007_199_254_740_991, many: expect.anything() as unknown, json: { a: 1 } }]);
  });

  test("rejects what the server ends under way, at once and retryable, and goes on afterwards", async () => {
    await admin.connect();
    const asked = Promise.allSettled(Array.from({ length: 4 }, () => database.rows("wait", { text: "SELECT pg_sleep(30) /* database.int.test */" })));
    let ended = 0;
    while (ended < 4) {
      const { rowCount } = await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%database.int.test%' AND pid <> pg_backend_pid() AND state = 'active'",
      );
      ended += rowCount ?? 0;
      await systemClock.sleep(10);
    }
    for (const one of await asked) {
      expect(one).toMatchObject({ status: "rejected", reason: { code: "SORA_STORE_UNAVAILABLE", retryable: true } });
    }
    expect(await database.rows("ask", { name: "one", text: "SELECT 1 AS n" })).toEqual([{ n: 1 }]);
    await admin.end();
  });

  test("gives up what is not answered in time, and the connection with it", async () => {
    await database.close();
    open({ callTimeout: 100, poolSize: 1 });
    const begin = performance.now();
    await expect(database.rows("wait", { text: "SELECT pg_sleep(30)" })).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE", retryable: true });
    expect(performance.now() - begin).toBeLessThan(5_000);
    expect(await database.rows("ask", { text: "SELECT 1 AS n" })).toEqual([{ n: 1 }]);
  });

  test("goes on without prepared statements where something between loses them", async () => {
    await database.close();
    open({ poolSize: 1 });
    const one = { name: "lost", text: "SELECT 1 AS n" };
    await database.rows("ask", one);
    await database.rows("forget", { text: "DEALLOCATE ALL" }); // what the pooler's next connection is like
    expect(await database.rows("ask", one)).toEqual([{ n: 1 }]);
    expect(await database.rows("ask", one)).toEqual([{ n: 1 }]);
    expect(logger.lines.filter(({ level }) => level === "warn").length).toBe(1);
  });

  test("tells an error of the asker from one of the moment", async () => {
    await expect(database.rows("ask", { text: "SELECT 1 / 0" })).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE", retryable: false });
    await expect(database.rows("ask", { text: "SELECT FROM nowhere" })).rejects.toSatisfy(
      error => SoraError.is(error) && /start the program again/.test(error.fix),
    );
  });

  test("waits for what is under way when it closes, and refuses what comes then", async () => {
    const asked = database.rows("wait", { text: "SELECT pg_sleep(0.2), 1 AS n" });
    const closing = database.close();
    expect(await asked).toMatchObject([{ n: 1 }]);
    await closing;
    await expect(database.rows("ask", { text: "SELECT 1" })).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE" });
  });
});
