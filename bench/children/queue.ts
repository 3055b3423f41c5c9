/** `queue.ts <contestant> <jobs>`: stores and works off no-op jobs, and prints what it measured as JSON. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteStore } from "@sora/core/sqlite";
import { createPostgresStore } from "@sora/postgres";
import pg from "pg";
import { bullmqQueue } from "../queues/bullmq-queue.ts";
import { graphileQueue } from "../queues/graphile-queue.ts";
import { pgBossQueue } from "../queues/pg-boss-queue.ts";
import { soraQueue } from "../queues/sora-queue.ts";
import type { QueueContestant } from "../queues/queue-contestant.ts";

/** What one contestant did in one round: jobs a second, and milliseconds. */
export interface QueueReport {
  readonly one: number;
  readonly fifty: number;
  readonly backlog: number;
  readonly p50: number;
  readonly p99: number;
}

const [name = "", given = "20000", redis = "6379"] = process.argv.slice(2);
const jobs = Number(given);
const server = process.env["SORA_TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/test";
const folder = mkdtempSync(join(tmpdir(), "sora-bench-queue-"));
const gone = { completed: 0 } as const;

async function emptySchema(): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query("DROP SCHEMA IF EXISTS sora_bench CASCADE");
  await client.end();
}

const contestants: Readonly<Record<string, () => Promise<QueueContestant>>> = {
  "Sora, SQLite": async () => {
    const store = createSqliteStore({ file: join(folder, "sora.db") }); // one for both hosts, as a process has it; the peers' servers stay as well
    return soraQueue(async () => store, undefined, true);
  },
  "Sora, PostgreSQL": async () => (await emptySchema(), soraQueue(async () => createPostgresStore({ connectionString: server, schema: "sora_bench" }), gone)),
  "Sora, PostgreSQL, in one host": async () => (
    await emptySchema(),
    soraQueue(async () => createPostgresStore({ connectionString: server, schema: "sora_bench" }), gone, true)
  ),
  "Sora, PostgreSQL, results kept": async () => (
    await emptySchema(),
    soraQueue(async () => createPostgresStore({ connectionString: server, schema: "sora_bench" }))
  ),
  BullMQ: async () => bullmqQueue(Number(redis)),
  "graphile-worker": async () => graphileQueue(server, false),
  "graphile-worker, tuned": async () => graphileQueue(server, true),
  "pg-boss": async () => pgBossQueue(server),
};

const sleep = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds));
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

async function measure(queue: QueueContestant): Promise<QueueReport> {
  let done = 0;
  let wanted = 0;
  let reached: () => void = () => {};
  const onJob = (): void => {
    if (++done === wanted) reached();
  };
  const after = (count: number): Promise<void> => {
    done = 0;
    wanted = count;
    return new Promise(resolve => (reached = resolve));
  };
  const settled = async (): Promise<void> => {
    while ((await queue.left()) > 0) await sleep(1);
  };
  const rate = (count: number, since: number): number => (count / (performance.now() - since)) * 1_000;

  await queue.fresh();
  let all = after(500);
  let stop = await queue.work(10, onJob);
  await queue.storeAll(numbers(0, 500));
  await all;
  await settled();
  await stop();

  const singles = Math.ceil(jobs / 2);
  let since = performance.now();
  for (let i = 0; i < singles; i++) await queue.store(i);
  const one = rate(singles, since);

  since = performance.now();
  let next = 0;
  await Promise.all(
    numbers(0, 50).map(async () => {
      while (next < jobs) await queue.store(next++);
    }),
  );
  const fifty = rate(jobs, since);

  all = after(singles + jobs);
  since = performance.now();
  stop = await queue.work(50, onJob);
  await all;
  await settled();
  const backlog = rate(singles + jobs, since);
  await stop();

  const times: number[] = [];
  let begun: () => void = () => {};
  stop = await queue.work(10, () => begun());
  await sleep(1_500);
  for (let i = 0; i < 200; i++) {
    await sleep(5 + Math.random() * 15);
    const handled = new Promise<void>(resolve => (begun = resolve));
    since = performance.now();
    await Promise.all([queue.store(i), handled.then(() => times.push(performance.now() - since))]);
  }
  times.sort((a, b) => a - b);
  await stop();
  await queue.close();
  return { one, fifty, backlog, p50: times[Math.floor(times.length / 2)] as number, p99: times[Math.ceil(times.length * 0.99) - 1] as number };
}

try {
  const make = contestants[name];
  if (make === undefined) throw new Error(`There is no contestant "${name}"; there are ${Object.keys(contestants).join(", ")}.`);
  console.log(JSON.stringify(await measure(await make())));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0); // peers leave timers behind
