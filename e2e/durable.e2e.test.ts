import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SoraHost } from "@sora/core";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { storeAt, tasks } from "./fixtures/durable-service.ts";
import { HostProcess } from "./host-process.ts";
import { postgres, whyNoPostgres } from "./postgres-server.ts";
import type { ActionReceipt } from "@sora/core";
import type { Task } from "./fixtures/durable-service.ts";

// Stored work on processes that die, stand still and come back.
const nightly = process.env["SORA_NIGHTLY"] === "1";

interface Begun {
  readonly number: number;
  readonly attempt: number;
  readonly at: number;
}

/** A place for a store that is gone afterwards. */
interface Place extends AsyncDisposable {
  readonly url: string;
}

function file(): Place {
  const folder = mkdtempSync(join(tmpdir(), "sora-durable-"));
  return { url: `file:${join(folder, "sora.db")}`, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }) };
}

function schema(): Place {
  const name = `sora_e2e_${randomUUID().replaceAll("-", "")}`;
  return {
    url: `${postgres}#${name}`,
    [Symbol.asyncDispose]: async () => {
      const client = new pg.Client({ connectionString: postgres });
      await client.connect();
      await client.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
      await client.end();
    },
  };
}

let url: string;
let place: Place;
const lease = nightly ? 2_000 : 1_500;

/** A host in this process that stores and never claims. */
async function asking(): Promise<SoraHost> {
  return SoraHost.start({ services: [tasks], store: await storeAt(url, lease), worker: false, logger: false });
}

async function worker(concurrency = 20): Promise<HostProcess> {
  const process = new HostProcess("durable-worker", url, String(lease), String(concurrency));
  await process.says("ready");
  return process;
}

function begun(workers: readonly HostProcess[]): Begun[] {
  return workers.flatMap(one => one.said("began") as Begun[]);
}

function enqueue(host: SoraHost, all: readonly Task[], attempts = 5): Promise<readonly ActionReceipt[]> {
  return host
    .services(tasks)
    .doEach("run", all)
    .withRetry({ attempts, backoff: "fixed", delay: 10 })
    .enqueue()
    .then(({ receipts }) => receipts);
}

const pause = (milliseconds: number): Promise<void> => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Tasks that a process had begun, and not finished, when it ended. */
function lostBy(process: HostProcess): number[] {
  const finished = new Set((process.said("finished") as Begun[]).map(({ number }) => number));
  return (process.said("began") as Begun[]).map(({ number }) => number).filter(number => !finished.has(number));
}

async function counts(host: SoraHost): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  for (let cursor: string | undefined; ;) {
    const page = await host.actions.list({ limit: 1_000, ...(cursor === undefined ? undefined : { cursor }) });
    for (const { state } of page.actions) all[state] = (all[state] ?? 0) + 1;
    if (page.next === undefined) return all;
    cursor = page.next;
  }
}

describe.for([
  { name: "SQLite", open: file, skipped: undefined },
  { name: `PostgreSQL${whyNoPostgres === undefined ? "" : ` (skipped: ${whyNoPostgres})`}`, open: schema, skipped: whyNoPostgres },
])("stored work on $name", ({ open, skipped }) => {
  beforeEach(() => {
    place = open();
    url = place.url;
  });
  afterEach(() => place[Symbol.asyncDispose]());

  describe.skipIf(skipped !== undefined)("workers that are killed", () => {
    const [actions, kills] = nightly ? [10_000, 50] : [1_000, 5];

    test(`${actions} actions on three workers of which one is killed ${kills} times: none lost, each outcome once, none past its attempts`, async () => {
      await using host = await asking();
      const workers = await Promise.all([worker(), worker(), worker()]);
      const all: HostProcess[] = [...workers];
      try {
        const receipts = await enqueue(
          host,
          Array.from({ length: actions }, (_, number) => ({ number, takes: 20 + (number % 60) })),
          kills + 5,
        );
        const results = Promise.all(receipts.map(receipt => receipt.result() as Promise<{ number: number; attempt: number }>));
        const takeovers: number[] = [];
        for (let kill = 0; kill < kills; kill++) {
          await pause(150 + Math.random() * 250);
          const victim = kill % workers.length;
          const [before, killedAt] = [workers[victim] as HostProcess, Date.now()];
          before.kill("SIGKILL");
          await before.ended;
          const lost = lostBy(before);
          const next = await worker();
          workers[victim] = next;
          all.push(next);
          const soon = killedAt + lease * 2;
          while (Date.now() < soon && !lost.every(number => begun(all).some(one => one.number === number && one.at > killedAt))) await pause(20);
          for (const number of lost)
            takeovers.push(
              Math.min(
                ...begun(all)
                  .filter(one => one.number === number && one.at > killedAt)
                  .map(({ at }) => at - killedAt),
              ),
            );
        }
        const outcomes = await results;
        expect(outcomes.map(({ number }) => number)).toEqual(Array.from({ length: actions }, (_, number) => number));
        const starts = begun(all);
        expect(starts.length).toBeLessThanOrEqual(actions + kills * 20);
        expect(Math.max(...starts.map(({ attempt }) => attempt))).toBeLessThanOrEqual(kills + 5);
        expect(await counts(host)).toEqual({ completed: actions });
        // A lost action is taken over by somebody within one and a half leases; the time of a machine that is busy with other things comes on top.
        expect(Math.max(0, ...takeovers)).toBeLessThanOrEqual(lease * 1.5 + 1_000);
        const written = all.flatMap(one => one.said("written"));
        expect(new Set(written).size).toBe(written.length);
      } finally {
        for (const one of all) await one[Symbol.asyncDispose]();
      }
    });
  });

  describe.skipIf(skipped !== undefined)("an action that takes its process with it", () => {
    test.for(nightly ? (["exit", "abort", "memory"] as const) : (["exit"] as const))(
      "by %s: is dead after exactly its attempts, and its neighbours finish",
      async kills => {
        await using host = await asking();
        const [poison, ...others] = await Promise.all([
          host.services(tasks).do("run", { number: 0, takes: 0, kills }).withRetry({ attempts: 3, backoff: "fixed", delay: 10 }).enqueue(),
          ...Array.from({ length: 8 }, (_, n) =>
            host
              .services(tasks)
              .do("run", { number: n + 1, takes: 300 })
              .withRetry({ attempts: 3, backoff: "fixed", delay: 10 })
              .enqueue(),
          ),
        ]);
        const all: HostProcess[] = [];
        let settled = false;
        const outcome = poison.result().then(
          () => "completed",
          (error: { code: string }) => error.code,
        );
        const neighbours = Promise.all(others.map(receipt => receipt.result()));
        void Promise.allSettled([outcome, neighbours]).then(() => (settled = true));
        while (!settled) {
          await using one = new HostProcess("durable-worker", url, String(lease), "10");
          all.push(one);
          await Promise.race([one.ended, Promise.allSettled([outcome, neighbours])]);
        }
        expect(await outcome).toBe("SORA_ACTION_DEAD");
        await neighbours;
        const attempts = begun(all).filter(({ number }) => number === 0);
        expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
        expect(await poison.status()).toMatchObject({ state: "dead", attempt: 3, error: { code: "SORA_WORKER_LOST" } });
      },
    );
  });

  describe.skipIf(skipped !== undefined)("a worker that stands still", () => {
    test("stopped for two leases and continued: another has finished its work, its late outcome is refused, and its signal aborts within a second", async () => {
      await using host = await asking();
      await using still = await worker(1);
      const [receipt] = await enqueue(host, [{ number: 1, takes: lease * 30, again: 200 }]);
      await still.says("began");
      still.kill("SIGSTOP");
      await using other = await worker(1);
      await other.says("written");
      await pause(lease);
      const continuedAt = Date.now();
      still.kill("SIGCONT");
      const aborted = (await still.says("aborted")) as { code: string; at: number };
      expect(aborted.code).toBe("SORA_LEASE_LOST");
      expect(aborted.at - continuedAt).toBeLessThanOrEqual(1_000);
      const result = (await receipt?.result()) as { attempt: number };
      expect(result.attempt).toBe(2);
      await pause(500);
      expect(still.said("written")).toEqual([]);
      expect(other.said("written")).toHaveLength(1);
    });

    test("blocked for two leases: exactly one takes over, and the late outcome is refused", async () => {
      await using host = await asking();
      await using blocked = await worker(1);
      const [receipt] = await enqueue(host, [{ number: 1, takes: 4_000, again: 100, blocks: lease * 2 }]);
      await blocked.says("began");
      await using other = await worker(1);
      await other.says("written");
      const result = (await receipt?.result()) as { attempt: number };
      expect(result.attempt).toBe(2);
      await blocked.says("finished");
      await pause(500);
      expect(begun([blocked, other])).toHaveLength(2);
      expect([blocked.said("written").length, other.said("written").length]).toEqual([0, 1]);
    });
  });

  describe.skipIf(skipped !== undefined)("a worker that is told to stop", () => {
    test("finishes what it can, gives back the rest, and ends with 0: nothing is lost, no attempt is counted for what was given back", async () => {
      await using host = await asking();
      await using first = await worker(50);
      const receipts = await enqueue(
        host,
        Array.from({ length: 50 }, (_, number) => ({ number, takes: number < 40 ? 300 : 8_000 })),
      );
      while (begun([first]).length < 50) await pause(20);
      first.kill("SIGTERM");
      const end = await first.ended;
      expect(end).toMatchObject({ code: 0, signal: null });
      expect(first.said("unhandled")).toEqual([]);
      expect(first.said("stopped")).toEqual([{ exitCode: 0, culprits: [] }]);
      const states = await Promise.all(receipts.map(receipt => receipt.status()));
      expect(states.slice(0, 40).every(({ state }) => state === "completed")).toBe(true);
      expect(states.slice(40).map(({ state, attempt }) => `${state} ${attempt}`)).toEqual(Array.from({ length: 10 }, () => "waiting 0"));
    });
  });
});
