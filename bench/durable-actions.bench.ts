import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installPacked } from "./install-packed.ts";
import { median } from "./median.ts";
import type { AddressInfo } from "node:net";
import type { BenchCase, Target } from "./bench-case.ts";
import type { QueueReport } from "./children/queue.ts";

const jobs = Number(process.env["SORA_BENCH_JOBS"] ?? 20_000);
const rounds = Number(process.env["SORA_BENCH_ROUNDS"] ?? 3);
const names = [
  "Sora, SQLite",
  "BullMQ",
  "Sora, PostgreSQL",
  "Sora, PostgreSQL, in one host",
  "Sora, PostgreSQL, results kept",
  "graphile-worker",
  "graphile-worker, tuned",
  "pg-boss",
] as const;
type Name = (typeof names)[number];
type Reports = Readonly<Partial<Record<Name, readonly QueueReport[]>>>;

/** A Redis server of its own that syncs each write, as SQLite does with `synchronous=FULL` and PostgreSQL by default. */
async function redisWithSync(): Promise<{ readonly port: number } & Disposable> {
  const folder = temporaryFolder();
  const port = await freePort();
  const server = spawn("redis-server", ["--port", String(port), "--dir", folder.path, "--appendonly", "yes", "--appendfsync", "always", "--save", ""], {
    stdio: "ignore",
  });
  for (let tries = 0; tries < 100 && !(await answers(port)); tries++) await new Promise(resolve => setTimeout(resolve, 50));
  return {
    port,
    [Symbol.dispose]: () => {
      server.kill("SIGKILL");
      folder[Symbol.dispose]();
    },
  };
}

function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "sora-bench-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ port, host: "127.0.0.1" }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

function hasRedis(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

const bench: BenchCase = {
  name: "durable actions",
  features:
    `${jobs} no-op jobs in a process of their own, half as many where one is stored at a time and both together worked off, ${rounds} rounds in turns. Ours, as packed: five attempts with backoff, lease and fence, priorities, correlation, results written; SQLite syncs each commit (FULL), one worker at its defaults but ` +
    "for 50 at once. BullMQ: three attempts, jobs removed when they complete, on a Redis of its own that syncs each write. graphile-worker: its defaults, and tuned (local queue of 500, outcomes in batches); it deletes what completes, and so do " +
    "we beside it, with the ratio where results are kept for a day; one host stores and another works, but where it says that one does both, as on SQLite. pg-boss: notifications on, batches of 50.",
  async run() {
    const reports: Partial<Record<Name, QueueReport[]>> = {};
    const skipped: string[] = [];
    using folder = temporaryFolder();
    installPacked(folder.path, ["core", "postgres"], ["bullmq", "graphile-worker", "ioredis", "pg", "pg-boss"]);
    for (const part of ["children", "queues", "package.json"]) cpSync(join(import.meta.dirname, part), join(folder.path, part), { recursive: true });
    using redis = hasRedis() ? await redisWithSync() : undefined;
    if (redis === undefined) skipped.push("BullMQ: redis-server is not installed");
    if (!(await answers(5_432))) skipped.push("PostgreSQL does not answer at 127.0.0.1:5432");
    for (let round = 0; round < rounds; round++) {
      for (const name of names) {
        if ((name === "BullMQ" && redis === undefined) || (!["Sora, SQLite", "BullMQ"].includes(name) && skipped.some(why => why.startsWith("PostgreSQL"))))
          continue;
        const child = spawnSync(process.execPath, [join(folder.path, "children", "queue.ts"), name, String(jobs), String(redis?.port ?? "")], {
          encoding: "utf8",
          timeout: 300_000,
        });
        if (child.status !== 0) throw new Error(`${name} ended with ${child.status ?? child.signal}: ${child.stderr.slice(-2_000)}`);
        (reports[name] ??= []).push(JSON.parse(child.stdout.trim().split("\n").at(-1) as string) as QueueReport);
      }
    }
    return { figures: [...figures(reports), ...skipped.map(why => ["skipped", why] as const)], targets: targetsOf(reports) };
  },
};

function figures(reports: Reports): (readonly [string, string])[] {
  return Object.entries(reports).map(([name, all]) => {
    const of = (part: keyof QueueReport): number => median(all.map(report => report[part]));
    const [one, fifty, backlog] = (["one", "fifty", "backlog"] as const).map(part => Math.round(of(part)).toString().padStart(6));
    return [
      name,
      `enqueue ${one}/s alone, ${fifty}/s by 50; work off ${backlog}/s; idle to handler p50 ${of("p50").toFixed(2)} ms, p99 ${of("p99").toFixed(2)} ms`,
    ] as const;
  });
}

function targetsOf(reports: Reports): Target[] {
  const targets: Target[] = [];
  /** The median of the ratios within each round. */
  const ratio = (what: string, ours: Name, theirs: readonly Name[], part: keyof QueueReport, atLeast: number): void => {
    const measured = reports[ours]?.map((report, round) => report[part] / Math.max(...theirs.map(name => reports[name]?.[round]?.[part] ?? Number.NaN)));
    if (measured === undefined || measured.some(Number.isNaN)) return;
    targets.push({ what, measured: median(measured), atLeast });
  };
  const time = (what: string, ours: Name, part: "p50" | "p99", atMost: number): void => {
    const all = reports[ours];
    if (all !== undefined) targets.push({ what, measured: median(all.map(report => report[part])), atMost, unit: " ms" });
  };
  const peers = ["graphile-worker", "graphile-worker, tuned", "pg-boss"] as const;
  ratio("SQLite, enqueue one at a time ÷ BullMQ", "Sora, SQLite", ["BullMQ"], "one", 1.4);
  ratio("SQLite, enqueue by 50 ÷ BullMQ", "Sora, SQLite", ["BullMQ"], "fifty", 2);
  ratio("SQLite, work off ÷ graphile-worker tuned", "Sora, SQLite", ["graphile-worker, tuned"], "backlog", 2);
  time("SQLite, idle to handler, p50", "Sora, SQLite", "p50", 1);
  time("SQLite, idle to handler, p99", "Sora, SQLite", "p99", 3);
  ratio("PostgreSQL, enqueue one at a time ÷ graphile-worker", "Sora, PostgreSQL", ["graphile-worker"], "one", 1.6);
  ratio("PostgreSQL, enqueue by 50 ÷ the best peer", "Sora, PostgreSQL", peers, "fifty", 4);
  ratio("PostgreSQL, work off ÷ graphile-worker tuned", "Sora, PostgreSQL", ["graphile-worker, tuned"], "backlog", 1);
  ratio("PostgreSQL, results kept, work off ÷ graphile-worker tuned", "Sora, PostgreSQL, results kept", ["graphile-worker, tuned"], "backlog", 0);
  for (const [what, ours] of [
    ["PostgreSQL, idle to another host's handler", "Sora, PostgreSQL"],
    ["PostgreSQL, idle to the handler of the host that stores", "Sora, PostgreSQL, in one host"],
  ] as const) {
    time(`${what}, p50`, ours, "p50", 3);
    time(`${what}, p99`, ours, "p99", 9);
  }
  return targets;
}

export default bench;
