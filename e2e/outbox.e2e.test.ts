import { spawn } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { SoraHost } from "@sora/core";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { storeAt } from "./fixtures/durable-service.ts";
import { HostProcess } from "./host-process.ts";
import { postgres, whyNoPostgres } from "./postgres-server.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
const batchSize = 50;

interface Told {
  readonly key: string;
  readonly n: number;
}

describe.skipIf(whyNoPostgres !== undefined)(`the outbox on PostgreSQL${whyNoPostgres === undefined ? "" : ` (skipped: ${whyNoPostgres})`}`, () => {
  let schema: string;
  let pool: pg.Pool;

  beforeEach(() => {
    schema = `sora_e2e_${randomUUID().replaceAll("-", "")}`;
    pool = new pg.Pool({ connectionString: postgres, max: 10 });
  });
  afterEach(async () => {
    await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await pool.end();
  });

  const [messages, kills] = nightly ? [20_000, 20] : [1_000, 3];

  test(`${messages} messages of 8 writers that commit and roll back, the publisher killed ${kills} times: all that was committed and nothing else, in order per key, twice only within the batch that was killed`, async () => {
    const url = `${postgres}#${schema}`;
    await using host = await SoraHost.start({ services: [], store: await storeAt(url, 500), worker: false, logger: false });
    await host.outbox.counts(); // makes the schema
    await pool.query(`CREATE TABLE ${schema}.counters (key text PRIMARY KEY, n bigint NOT NULL)`);
    const keys = ["a", "b", "c", "d", "e"];
    for (const key of keys) await pool.query(`INSERT INTO ${schema}.counters VALUES ($1, 0)`, [key]);

    const committed: Told[] = [];
    const rolledBack: Told[] = [];
    let asked = 0;
    const write = async (): Promise<void> => {
      while (asked < messages) {
        asked++;
        const key = keys[Math.floor(Math.random() * keys.length)] as string;
        const transaction = await pool.connect();
        await transaction.query("BEGIN");
        const { rows } = await transaction.query<{ n: string }>(`UPDATE ${schema}.counters SET n = n + 1 WHERE key = $1 RETURNING n`, [key]);
        const told = { key, n: Number(rows[0]?.n) };
        await host.outbox.append("counted", told, { key, transaction });
        const commits = Math.random() < 0.7;
        await transaction.query(commits ? "COMMIT" : "ROLLBACK");
        transaction.release();
        (commits ? committed : rolledBack).push(told);
      }
    };

    const lives: Told[][] = [];
    let writing = true;
    const publish = (async () => {
      for (let life = 0; ; life++) {
        await using publisher = new HostProcess("outbox-publisher", url, String(batchSize));
        await publisher.says("ready");
        const isLast = life === kills;
        const began = performance.now();
        const enough = 100 + Math.random() * 400;
        while (isLast ? writing || (await host.outbox.counts()).waiting > 0 : performance.now() - began < enough)
          await new Promise(resolve => setTimeout(resolve, 20));
        publisher.kill(isLast ? "SIGTERM" : "SIGKILL");
        await publisher.ended;
        expect(publisher.said("unhandled")).toEqual([]);
        lives.push(publisher.said("published") as Told[]);
        if (isLast) return;
      }
    })();
    await Promise.all(Array.from({ length: 8 }, write));
    writing = false;
    await publish;

    const name = ({ key, n }: Told): string => `${key} ${n}`;
    const seen = new Set<string>();
    const lastBatches = new Set<string>();
    for (const life of lives) {
      for (const told of life) {
        if (seen.has(name(told))) expect([name(told), lastBatches.has(name(told))]).toEqual([name(told), true]);
        seen.add(name(told));
      }
      if (life.length === 0) continue; // it was killed before it had the lease: the batch before it is yet to be published again
      lastBatches.clear();
      for (const told of life.slice(-batchSize)) lastBatches.add(name(told));
    }
    expect([...seen].toSorted()).toEqual(committed.map(name).toSorted());
    // A rolled back number is given again; what was rolled back last of its key never was.
    expect(rolledBack.length).toBeGreaterThan(0);
    for (const key of keys) {
      const first = [...seen].filter(told => told.startsWith(`${key} `)).map(told => Number(told.slice(2)));
      expect(first).toEqual(first.toSorted((a, b) => a - b));
    }
    expect(await host.outbox.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  test("the sample's transactions: what is committed is told of and invoiced, what is rolled back is not", async () => {
    const child = spawn(process.execPath, ["--import", "@sora/core/register", "samples/outbox/main.ts"], {
      cwd: join(import.meta.dirname, ".."),
      env: { ...process.env, POSTGRES: postgres, SCHEMA: schema },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const closed = once(child, "close");
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed as Promise<[number]>]);
    expect([code, errors]).toEqual([0, ""]);
    expect(output).toContain("21 orders asked for: 15 committed, 6 rolled back\n15 told of by the outbox");
    expect(output).toContain("15 invoices sent, none for what was rolled back\n0 messages wait, 0 could not be delivered");
  });
});
