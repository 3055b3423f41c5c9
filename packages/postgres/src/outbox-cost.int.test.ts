import type { DurableStore, OutboxEntry } from "@sora/core/adapter";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestDatabase } from "./fixtures/test-database.ts";
import { TestSchema } from "./fixtures/test-schema.ts";
import { noServer, whySkipped } from "./fixtures/test-server.ts";

const behind = process.env["SORA_NIGHTLY"] === "1" ? 300_000 : 30_000;

/** What has been passed is looked at until it has been vacuumed away, which what the server does by itself may put off for a moment. */
const patience = { timeout: 20_000, interval: 500 };

/** Measured in pages that are looked at, as the cost of actions is. */
describe.skipIf(noServer)(`reading the outbox beside ${behind} messages behind one of their key that failed${whySkipped}`, () => {
  let database: TestDatabase;
  let schema: TestSchema;
  let store: DurableStore;

  const append = (prefix: string, key: string, count: number): Promise<unknown> =>
    schema.pool.query(
      `INSERT INTO ${schema.quoted}.outbox (id, topic, key, envelope, written_at) SELECT $1 || n, 'topic', $2, '{}', 0 FROM generate_series(1, $3::int) n`,
      [prefix, key, count],
    );

  const fail = ([first]: readonly OutboxEntry[], delay: number): Promise<boolean> =>
    store.outbox.report({ fence: 1, published: [], failed: [{ sequence: first!.sequence, error: "down", delay, dead: false }] });

  async function pages(): Promise<number> {
    await schema.pool.query(`VACUUM ANALYZE ${schema.quoted}.outbox`);
    const client = await schema.pool.connect();
    try {
      let last = 0;
      for (let n = 0; n < 2; n++) {
        // the first reads the catalogue too
        const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: { "Shared Hit Blocks": number; "Shared Read Blocks": number } }] }>(
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT * FROM ${schema.quoted}.read_outbox(50)`,
        );
        const { Plan: plan } = rows[0]!["QUERY PLAN"][0];
        last = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
      }
      return last;
    } finally {
      client.release();
    }
  }

  beforeAll(async () => {
    database = await TestDatabase.create();
    schema = new TestSchema(database.url);
    store = await schema.open({ listen: false });
    await schema.pool.query(`ALTER TABLE ${schema.quoted}.outbox SET (autovacuum_enabled = false)`);
  });
  afterAll(async () => {
    await schema[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  test("costs what it costs beside few of them, once they have been passed, while the first waits and when it does no more", { timeout: 60_000 }, async () => {
    const ids = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`);
    await append("few", "held", 100);
    await fail(await store.outbox.read(1), 60_000);
    await append("free", "free", 50);
    const few = await pages();
    await store.outbox.report({ fence: 1, published: (await store.outbox.read(100)).map(({ sequence }) => sequence), failed: [] });
    await append("many", "held", behind);
    await append("other", "other", 100);
    for (let passed = 0; passed < behind; passed += 20_000) await store.outbox.read(50);
    expect((await store.outbox.read(200)).map(({ id }) => id)).toEqual(ids("other", 100));
    await expect.poll(pages, patience).toBeLessThanOrEqual(few * 4);
    await schema.advance(60_001);
    expect((await store.outbox.read(150)).map(({ id }) => id)).toEqual([...ids("few", 100), ...ids("many", 50)]);
    await expect.poll(pages, patience).toBeLessThanOrEqual(few * 4);
  });

  test("costs no look at each key that was held up, once their first ones are out", { timeout: 60_000 }, async () => {
    const keys = 2_000;
    const one = (prefix: string): Promise<unknown> =>
      schema.pool.query(
        `INSERT INTO ${schema.quoted}.outbox (id, topic, key, envelope, written_at) SELECT $1 || n, 'topic', 'key' || n, '{}', 0 FROM generate_series(1, $2::int) n`,
        [prefix, keys],
      );
    await schema.pool.query(`TRUNCATE ${schema.quoted}.outbox`);
    await one("first");
    const first = await store.outbox.read(keys);
    await store.outbox.report({
      fence: 1,
      published: [],
      failed: first.map(({ sequence }) => ({ sequence, error: "down", delay: 60_000, dead: false })),
    });
    await one("second");
    expect(await store.outbox.read(50)).toEqual([]);
    await schema.advance(60_001);
    expect((await store.outbox.read(keys)).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    await store.outbox.report({ fence: 1, published: first.map(({ sequence }) => sequence), failed: [] });
    await expect.poll(pages, patience).toBeLessThan(keys);
    expect((await store.outbox.read(50)).map(({ key }) => key)).toEqual(first.slice(0, 50).map(({ key }) => key));
  });
});
