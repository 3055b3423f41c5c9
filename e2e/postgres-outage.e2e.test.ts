import { defineService, SoraError, SoraHost, type } from "@sora/core";
import { systemClock } from "@sora/core/adapter";
import { createMemoryLogger } from "@sora/core/testing";
import { createPostgresStore } from "@sora/postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ActionReceipt } from "@sora/core";
import type { DurableStore, NewAction } from "@sora/core/adapter";
import { storeAt } from "./fixtures/durable-service.ts";
import { HostProcess } from "./host-process.ts";
import { postgresBinaries, PostgresServer } from "./own-postgres-server.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
if (postgresBinaries === undefined && process.env["SORA_REQUIRE_SERVERS"] === "1")
  throw new Error("The tests of PostgreSQL's outages need its initdb, which is not installed here");
/** Which of these the store has not. */
async function missing(store: DurableStore, ids: readonly string[]): Promise<readonly string[]> {
  const there = new Set<string>();
  for (let from = 0; from < ids.length; from += 1_000) for (const { id } of await store.actions.get(ids.slice(from, from + 1_000))) there.add(id);
  return ids.filter(id => !there.has(id));
}

const whySkipped = postgresBinaries === undefined ? " (skipped: PostgreSQL's initdb is not installed here)" : "";

describe.skipIf(postgresBinaries === undefined)(`a PostgreSQL server that goes away${whySkipped}`, () => {
  let server: PostgresServer;
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);

  beforeAll(async () => {
    process.on("unhandledRejection", note).on("uncaughtException", note);
    server = await PostgresServer.create();
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    process.off("unhandledRejection", note).off("uncaughtException", note);
  });

  test(
    "stopped again and again under work: every action has its right result, and a host is at work soon after the server is back",
    { timeout: nightly ? 1_200_000 : 60_000 },
    async () => {
      const count = nightly ? 5_000 : 500;
      const ran = new Map<number, number>();
      let lastRun = 0;
      const squares = defineService("Squares", {
        actions: {
          square: {
            parameters: type<number>(),
            run: async n => {
              ran.set(n, (ran.get(n) ?? 0) + 1);
              lastRun = performance.now();
              await systemClock.sleep(5);
              return n * n;
            },
          },
        },
      });
      const logger = createMemoryLogger();
      const store = createPostgresStore({ connectionString: server.url, lease: "5s" });
      await using host = await SoraHost.start({ services: [squares], store, logger, environment: "Development" });

      let over = false;
      const recoveries: number[] = [];
      const outages = (async () => {
        for (let round = 0; !over; round++) {
          await systemClock.sleep(2_000);
          await server.stop();
          await systemClock.sleep((round * 370) % 1_000);
          await server.start();
          const back = performance.now();
          while (lastRun < back && !over) await systemClock.sleep(5);
          if (lastRun >= back) recoveries.push(lastRun - back);
        }
      })();

      const results: Promise<number>[] = [];
      for (let n = 0; n < count; n++) {
        results.push(
          host
            .services(squares)
            .do("square", n)
            .enqueue()
            .then((receipt: ActionReceipt<number>) => receipt.result()),
        );
        await systemClock.sleep(15);
      }
      const settled = await Promise.allSettled(results).finally(() => (over = true));
      await outages;

      expect(settled.filter(({ status }) => status === "rejected")).toEqual([]);
      expect(settled.map(one => (one as PromiseFulfilledResult<number>).value)).toEqual(Array.from({ length: count }, (_, n) => n * n));
      expect(ran.size).toBe(count);
      expect(recoveries.length).toBeGreaterThanOrEqual(2);
      expect(Math.max(...recoveries), `back at work after ${recoveries.map(Math.round).join(", ")} ms`).toBeLessThan(nightly ? 2_000 : 10_000);
      expect(unhandled).toEqual([]);
    },
  );

  test("killed at any moment: what enqueue has answered is there", { timeout: nightly ? 3_600_000 : 60_000 }, async () => {
    const rounds = nightly ? 100 : 3;
    const store = createPostgresStore({ connectionString: server.url, schema: "kills", enqueueFor: 0 });
    await store.open({ clock: systemClock, logger: createMemoryLogger() });
    const action = (id: string, keyed: boolean): NewAction => ({
      id,
      queue: "Kill/it@1",
      envelope: "{}",
      priority: 0,
      attempts: 1,
      ...(keyed && { key: id.slice(0, 3), idempotencyKey: id }),
    });
    const acknowledged: string[] = [];
    const refused: unknown[] = [];
    for (let round = 0; round < rounds; round++) {
      let alive = true;
      const asking = Array.from({ length: 10 }, async (_, caller) => {
        for (let n = 0; alive; n++) {
          const id = `${caller}/${round}/${n}`;
          try {
            acknowledged.push(...(await store.actions.enqueue([action(id, n % 3 === 0)])).map(answer => answer.id));
          } catch (error) {
            if (alive || !SoraError.is(error, "SORA_STORE_UNAVAILABLE")) refused.push(error);
          }
        }
      });
      await systemClock.sleep(50 + ((round * 37) % 200));
      await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan((round + 1) * 10);
      alive = false;
      await server.kill();
      await Promise.all(asking);
      await server.start();
    }
    expect(acknowledged.length).toBeGreaterThan(rounds * 10);
    expect(await missing(store, acknowledged)).toEqual([]);
    expect(refused).toEqual([]);
    await store[Symbol.asyncDispose]();
    expect(unhandled).toEqual([]);
  });

  const deaths = nightly ? 1_000 : 2;

  test(
    `killed together with a program that enqueues, ${deaths} times: what the program was answered is there`,
    { timeout: nightly ? 7_200_000 : 60_000 },
    async () => {
      const url = `${server.url}#deaths`;
      const acknowledged: string[] = [];
      for (let death = 0; death < deaths; death++) {
        await using client = new HostProcess("enqueue-without-end", url, `${death}`);
        await client.says("stored");
        await systemClock.sleep((death * 37) % 150);
        // Now the one is first, now the other; there is no time between them.
        if (death % 2 === 0) client.kill("SIGKILL");
        const killed = server.kill();
        client.kill("SIGKILL");
        await killed;
        expect({ ...(await client.ended), unhandled: client.said("unhandled") }).toMatchObject({ signal: "SIGKILL", unhandled: [] });
        acknowledged.push(...(client.said("stored") as string[]));
        await server.start();
      }
      await using store = await storeAt(url, 15_000);
      await store.open({ clock: systemClock, logger: createMemoryLogger() });
      expect(acknowledged.length).toBeGreaterThanOrEqual(deaths);
      expect(await missing(store, acknowledged)).toEqual([]);
    },
  );

  test("that hangs without a word: calls are given up, the host stops in time, and nothing is left behind", { timeout: 60_000 }, async () => {
    const store = createPostgresStore({ connectionString: server.url, schema: "hangs", callTimeout: "500ms", enqueueFor: "1s" });
    await store.open({ clock: systemClock, logger: createMemoryLogger() });
    await store.actions.enqueue([{ id: "a", queue: "A/a@1", envelope: "{}", priority: 0, attempts: 1 }]);
    server.freeze();
    const begin = performance.now();
    await expect(store.actions.get(["a"])).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE", retryable: true });
    await expect(store.actions.enqueue([{ id: "b", queue: "A/a@1", envelope: "{}", priority: 0, attempts: 1 }])).rejects.toMatchObject({
      code: "SORA_STORE_UNAVAILABLE",
    });
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    expect(performance.now() - begin).toBeLessThan(20_000);
    server.thaw();
    expect(unhandled).toEqual([]);
  });
});
