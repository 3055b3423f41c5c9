import type { DurableStore } from "@sora/core/adapter";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestSchema } from "../fixtures/test-schema.ts";
import { noServer, whySkipped } from "../fixtures/test-server.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
const waiting = nightly ? 1_000_000 : 60_000;
const finished = nightly ? 10_000_000 : 120_000;
const few = 1_000;
const queues = ["Bulk/a@1", "Bulk/b@1", "Bulk/c@1", "Other/d@1"];

/**
 * What things cost is measured in pages that are looked at, which no load of the machine changes. Where they grow with what is stored it is by the depth of an index, a page or two for each look.
 */
describe.skipIf(noServer)(`cost beside ${waiting} waiting and ${finished} finished actions${whySkipped}`, () => {
  const schema = new TestSchema();
  let store: DurableStore;
  const small = new Map<string, number>();

  /** Each as it is asked; `%` stands for the schema. */
  const asked: Readonly<Record<string, string>> = {
    "storing an action": `SELECT %.store_plain('[{"id":"new","queue":"Bulk/a@1","envelope":"{}","priority":0,"attempts":1}]')`,
    "storing an action with keys": `SELECT %.store_calls('[[{"id":"keyed","queue":"Bulk/a@1","envelope":"{}","priority":0,"attempts":1,"key":"k","idempotencyKey":"i"}]]')`,
    "claiming 10 of one queue": `SELECT %.turn('w', NULL, NULL, NULL, NULL, NULL, '{Bulk/b@1}', 10, 0, true, NULL)`,
    "claiming 10, and 20 ahead, of one queue": `SELECT %.turn('w', NULL, NULL, NULL, NULL, NULL, '{Bulk/b@1}', 10, 20, true, NULL)`,
    "claiming 10 of twelve queues": `SELECT %.turn('w', NULL, NULL, NULL, NULL, NULL, '{Bulk/a@1,Bulk/b@1,Bulk/c@1,N/1@1,N/2@1,N/3@1,N/4@1,N/5@1,N/6@1,N/7@1,N/8@1,N/9@1}', 10, 0, true, NULL)`,
    "claiming 10, and 20 ahead, of twelve queues": `SELECT %.turn('w', NULL, NULL, NULL, NULL, NULL, '{Bulk/a@1,Bulk/b@1,Bulk/c@1,N/1@1,N/2@1,N/3@1,N/4@1,N/5@1,N/6@1,N/7@1,N/8@1,N/9@1}', 10, 20, true, NULL)`,
    "finding nothing to claim": `SELECT %.turn('w', NULL, NULL, NULL, NULL, NULL, '{N/1@1,N/2@1}', 10, 0, true, NULL)`,
    "writing 10 outcomes": `SELECT %.turn('w', NULL, NULL, (SELECT jsonb_agg(jsonb_build_object('id', id, 'fence', fence, 'kind', 'completed', 'keepFor', 1000)) FROM (SELECT id, fence FROM %.action WHERE phase = 'x' LIMIT 10) run), NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
    "failing 10": `SELECT %.turn('w', NULL, NULL, NULL, (SELECT jsonb_agg(jsonb_build_object('id', id, 'fence', fence, 'kind', 'failed', 'delay', 1000, 'error', '{}'::jsonb)) FROM (SELECT id, fence FROM %.action WHERE phase = 'x' LIMIT 10) run), NULL, NULL, NULL, NULL, NULL, NULL)`,
    "recovering nothing": `SELECT %.recover(100, NULL)`,
    "cancelling one": `SELECT %.cancel('{waiting-500}', NULL)`,
    "retrying one": `SELECT %.retry('{waiting-500}')`,
    "deleting 15 whose time is over, and cancelling what waits for 5 more": `SELECT %.purge(20, NULL)`,
    "reading one": `SELECT * FROM %.action WHERE id = 'waiting-600'`,
  };

  async function fill(from: number, to: number, done: number): Promise<void> {
    await schema.pool.query(
      `INSERT INTO ${schema.quoted}.action (id, queue, envelope, rank, attempts, enqueued_at, due_at, phase)
       SELECT 'waiting-' || n, ($3::text[])[1 + n % 4], '{}', n % 5, 5, 0, CASE WHEN n % 10 = 0 THEN 9e15 ELSE 0 END, CASE WHEN n % 10 = 0 THEN 't'::"char" ELSE 'r' END FROM generate_series($1::int, $2) n`,
      [from, to, queues],
    );
    await schema.pool.query(
      `INSERT INTO ${schema.quoted}.finished (seq, id, queue, envelope, rank, attempts, attempt, fence, enqueued_at, due_at, finished_at, expires_at, outcome, cancel_requested)
       SELECT -n, 'finished-' || $2 || '-' || n, ($3::text[])[1 + n % 4], '{}', 0, 5, 1, 1, 0, 0, 0, n, CASE WHEN n % 100 = 0 THEN 'd'::"char" ELSE 'c' END, false FROM generate_series(1, $1::int) n`,
      [done, from, queues],
    );
    await schema.pool.query(
      `INSERT INTO ${schema.quoted}.action (id, queue, envelope, rank, attempts, enqueued_at, due_at, phase, after, chain_open)
       SELECT 'follower-' || n, 'Chain/a@1', '{}', 0, 5, 0, 0, 'b', CASE WHEN n <= 5 THEN 'stopped-' ELSE 'waiting-' END || n, false FROM generate_series($1::int, $2) n`,
      [from, to],
    );
    await schema.pool.query(`VACUUM ANALYZE ${schema.quoted}.action`);
    await schema.pool.query(`VACUUM ANALYZE ${schema.quoted}.finished`);
    await store.actions.join({ id: "w", node: "test", queues });
  }

  async function pages(text: string): Promise<number> {
    const client = await schema.pool.connect();
    try {
      await client.query("BEGIN");
      const statement = text.replaceAll("%", () => schema.quoted);
      const looked = async (): Promise<number> => {
        const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: { "Shared Hit Blocks": number; "Shared Read Blocks": number } }] }>(
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ${statement}`,
        );
        const { Plan: plan } = rows[0]!["QUERY PLAN"][0];
        return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
      };
      await client.query("SAVEPOINT first");
      await looked(); // which also reads the catalogue
      await client.query("ROLLBACK TO first");
      return await looked();
    } finally {
      await client.query("ROLLBACK");
      client.release();
    }
  }

  beforeAll(async () => {
    store = await schema.open({ listen: false });
    await schema.pool.query(
      `ALTER TABLE ${schema.quoted}.action SET (autovacuum_enabled = false); ALTER TABLE ${schema.quoted}.finished SET (autovacuum_enabled = false)`,
    );
    await schema.pool.query(
      `INSERT INTO ${schema.quoted}.finished (seq, id, queue, envelope, rank, attempts, attempt, fence, enqueued_at, due_at, finished_at, expires_at, outcome, cancel_requested)
       SELECT 0, 'stopped-' || n, 'Chain/a@1', '{}', 0, 5, 1, 1, 0, 0, 0, 0, 'd', false FROM generate_series(1, 5) n`,
    );
    await fill(1, few, few);
    await store.actions.turn({ worker: "w", settle: [], claim: { queues: queues.map(queue => ({ queue })), most: 30, suspect: true } });
    for (const [what, text] of Object.entries(asked)) small.set(what, await pages(text));
    await fill(few + 1, waiting, finished);
  }, 3_600_000);
  afterAll(() => schema[Symbol.asyncDispose](), 600_000);

  test.each(Object.keys(asked))("of %s stays what it was beside 1,000 of each", async what => {
    const [before, after] = [small.get(what)!, await pages(asked[what]!)];
    expect(before).toBeGreaterThan(0);
    expect(after, `${before} pages beside few, ${after} beside many`).toBeLessThanOrEqual(before * 2 + 20);
  });

  test.each([
    {},
    { state: "dead" },
    { state: "running" },
    { state: "waiting", service: "Bulk" },
    { service: "Other", action: "d" },
    { state: "completed", service: "Other" },
  ] as const)("a page of %o comes in a moment", async filter => {
    const times: number[] = [];
    for (let n = 0; n < 5; n++) {
      const begin = performance.now();
      const { actions, next } = await store.actions.list({ ...filter, limit: 20 });
      times.push(performance.now() - begin);
      expect(actions.length).toBe(20);
      expect(next).toBeDefined();
    }
    expect(Math.min(...times)).toBeLessThan(nightly ? 2_000 : 500); // whatever else the machine does only adds to it
  });
});
