import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SoraHost } from "@sora/core";
import { describe, expect, test } from "vitest";
import { storeAt, tasks } from "./fixtures/durable-service.ts";
import { HostProcess } from "./host-process.ts";
import { storePlaces } from "./store-places.ts";
import type { ActionReceipt } from "@sora/core";
import type { Task } from "./fixtures/durable-service.ts";

// Stored work on processes that die, stand still and come back.
const nightly = process.env["SORA_NIGHTLY"] === "1";
/** Milliseconds that a process may be late by: by day it shares the machine with other tests. */
const late = nightly ? 1_000 : 10_000;

interface Begun {
  readonly number: number;
  readonly attempt: number;
  readonly at: number;
}

const lease = nightly ? 2_000 : 1_500;

/** A store of a test's own, and those who work with it. */
interface Stage extends AsyncDisposable {
  readonly url: string;
  /** In this process: it stores and never claims. */
  readonly host: SoraHost;
  worker(concurrency?: number): Promise<HostProcess>;
}

async function stage(open: (typeof storePlaces)[number]["open"]): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const { url } = stack.use(open());
  const host = stack.use(await SoraHost.start({ services: [tasks], store: await storeAt(url, lease), worker: false, logger: false }));
  return {
    url,
    host,
    worker: async (concurrency = 20) => {
      const process = new HostProcess("durable-worker", url, String(lease), String(concurrency));
      await process.says("ready");
      return process;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
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

/** Has them stop in order, and waits until they have: then they have said all that they will. */
async function ended(workers: readonly HostProcess[]): Promise<void> {
  for (const worker of workers) worker.kill("SIGTERM");
  expect(await Promise.all(workers.map(worker => worker.ended))).toMatchObject(workers.map(() => ({ code: 0 })));
}

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

// One after the other by night, so that times are what they are; else beside each other, as they wait for leases most of the time, but for the kills, which have a store to themselves.
describe.for(storePlaces)("stored work on $name", { concurrent: !nightly }, ({ open, skipped }) => {
  describe.skipIf(skipped !== undefined)("workers that are killed", { concurrent: false }, () => {
    const [actions, kills] = nightly ? [10_000, 50] : [1_000, 5];

    test(`${actions} actions on three workers of which one is killed ${kills} times: none lost, each outcome once, none past its attempts`, async () => {
      await using on = await stage(open);
      const { host } = on;
      const workers = await Promise.all([on.worker(), on.worker(), on.worker()]);
      const all: HostProcess[] = [...workers];
      try {
        // Long enough that every kill meets a worker with its hands full; what is tried again is over soon, as suspects are run one at a time.
        const receipts = await enqueue(
          host,
          Array.from({ length: actions }, (_, number) => ({ number, takes: 100 + ((number * 37) % 400), again: 20 })),
          kills + 5,
        );
        const results = Promise.all(receipts.map(receipt => receipt.result() as Promise<{ number: number; attempt: number }>));
        const lost: { readonly numbers: readonly number[]; readonly at: number }[] = [];
        for (let kill = 0; kill < kills; kill++) {
          await pause(150 + Math.random() * 250);
          const victim = kill % workers.length;
          const [before, at] = [workers[victim] as HostProcess, Date.now()];
          before.kill("SIGKILL");
          await before.ended;
          lost.push({ numbers: lostBy(before), at });
          const next = await on.worker();
          workers[victim] = next;
          all.push(next);
        }
        const outcomes = await results;
        expect(outcomes.map(({ number }) => number)).toEqual(Array.from({ length: actions }, (_, number) => number));
        const starts = begun(all);
        expect(starts.length).toBeLessThanOrEqual(actions + kills * 20);
        expect(Math.max(...starts.map(({ attempt }) => attempt))).toBeLessThanOrEqual(kills + 5);
        expect(await counts(host)).toEqual({ completed: actions });
        // A lost action is taken over by somebody within one and a half leases.
        const takeovers = lost.flatMap(({ numbers, at }) =>
          numbers.map(number => Math.min(...starts.filter(one => one.number === number && one.at > at).map(one => one.at - at))),
        );
        expect(takeovers.length).toBeGreaterThanOrEqual(kills);
        expect(Math.max(0, ...takeovers)).toBeLessThanOrEqual(lease * 1.5 + late);
        const written = all.flatMap(one => one.said("written"));
        expect(new Set(written).size).toBe(written.length);
      } finally {
        for (const one of all) await one[Symbol.asyncDispose]();
      }
    });
  });

  describe.skipIf(skipped !== undefined)("an action that takes its process with it", { concurrent: !nightly }, () => {
    test.for(nightly ? (["exit", "abort", "memory"] as const) : (["exit"] as const))(
      "by %s: is dead after exactly its attempts, and its neighbours finish",
      async kills => {
        await using on = await stage(open);
        const { host, url } = on;
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

  describe.skipIf(skipped !== undefined)("a worker that stands still", { concurrent: !nightly }, () => {
    test("stopped for two leases and continued: another has finished its work, its late outcome is refused, and its signal aborts soon", async () => {
      await using on = await stage(open);
      const { host } = on;
      await using still = await on.worker(1);
      const [receipt] = await enqueue(host, [{ number: 1, takes: lease * 30, again: 200 }]);
      await still.says("began");
      still.kill("SIGSTOP");
      await using other = await on.worker(1);
      await other.says("written");
      await pause(lease);
      const continuedAt = Date.now();
      still.kill("SIGCONT");
      const aborted = (await still.says("aborted")) as { code: string; at: number };
      expect(aborted.code).toBe("SORA_LEASE_LOST");
      expect(aborted.at - continuedAt).toBeLessThanOrEqual(late);
      const result = (await receipt?.result()) as { attempt: number };
      expect(result.attempt).toBe(2);
      await ended([still, other]);
      expect(still.said("written")).toEqual([]);
      expect(other.said("written")).toHaveLength(1);
    });

    test("blocked for two leases: exactly one takes over, and the late outcome is refused", async () => {
      await using on = await stage(open);
      const { host } = on;
      const folder = mkdtempSync(join(tmpdir(), "sora-blocked-"));
      await using stack = new AsyncDisposableStack();
      stack.defer(() => rmSync(folder, { recursive: true }));
      // Either may be the one that begins, and is blocked.
      const workers = [stack.use(await on.worker(1)), stack.use(await on.worker(1))];
      const goOn = join(folder, "go on");
      const [receipt] = await enqueue(host, [{ number: 1, takes: 0, again: 100, blocksUntil: goOn }]);
      await Promise.race(workers.map(worker => worker.says("began")));
      const [blocked, other] = workers.toSorted((one, another) => begun([another]).length - begun([one]).length) as [HostProcess, HostProcess];
      await Promise.all([other.says("written"), pause(lease * 2)]);
      const result = (await receipt?.result()) as { attempt: number };
      expect(result.attempt).toBe(2);
      expect(blocked.said("finished")).toEqual([]);
      writeFileSync(goOn, "");
      await blocked.says("finished");
      await ended(workers);
      expect(begun([blocked, other])).toHaveLength(2);
      expect([blocked.said("written").length, other.said("written").length]).toEqual([0, 1]);
    });
  });

  describe.skipIf(skipped !== undefined)("a worker that is told to stop", { concurrent: !nightly }, () => {
    test("finishes what it can, gives back the rest, and ends with 0: nothing is lost, no attempt is counted for what was given back", async () => {
      await using on = await stage(open);
      const { host } = on;
      await using first = await on.worker(50);
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

  describe.skipIf(skipped !== undefined)("100 calls of three processes at once with one idempotency key", { concurrent: !nightly }, () => {
    const keys = nightly ? 200 : 3;

    test(`are one action and have one id, with each of ${keys} keys`, async () => {
      await using on = await stage(open);
      await using stack = new AsyncDisposableStack();
      const callers = [34, 33, 33].map(count => stack.use(new HostProcess("enqueue-once", on.url, String(count), String(keys))));
      await Promise.all(callers.map(caller => caller.says("ready")));
      for (const caller of callers) caller.kill("SIGUSR2");
      expect((await Promise.all(callers.map(caller => caller.ended))).map(({ code }) => code)).toEqual([0, 0, 0]);
      const answered = callers.flatMap(caller => caller.said("answered") as { round: number; ids: readonly string[] }[]);
      for (let round = 0; round < keys; round++) {
        const ids = answered.filter(answer => answer.round === round).flatMap(answer => answer.ids);
        expect([ids.length, new Set(ids).size]).toEqual([100, 1]);
      }
      expect(await counts(on.host)).toEqual({ waiting: keys });
    });
  });

  describe.skipIf(skipped !== undefined)("a program whose host has stopped", { concurrent: !nightly }, () => {
    test("ends by itself, with nothing of the store left that would hold it open", async () => {
      await using on = await stage(open);
      await using program = new HostProcess("stop-with-store", on.url, String(lease));
      expect(await program.says("stopped")).toEqual({ exitCode: 0, culprits: [] });
      const stopped = performance.now();
      expect(await program.ended).toMatchObject({ code: 0, signal: null });
      expect(performance.now() - stopped).toBeLessThan(late);
      expect([program.said("ran"), program.said("sent"), program.errors]).toEqual([[true], ["told"], ""]);
    });
  });
});
