import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { type } from "../definition/type.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { ActionReceipt } from "./action-receipt.ts";
import type { TestHost } from "../testing/test-host.ts";
import type { ActionStore } from "./store/action-store.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { ActionState } from "./store/stored-action.ts";

interface Stage extends AsyncDisposable {
  readonly host: TestHost;
  readonly store: DurableStore;
  /** The numbers of those that have begun, in their order. */
  readonly began: number[];
  /** Milliseconds that one takes from now on. */
  takes: number;
  /** How many turns the worker has taken with the store. */
  readonly turns: number;
  /** Puts the store out of reach, or back. */
  cutOff(isCutOff: boolean): void;
  /** Milliseconds for which the next one holds the event loop. */
  blocks: number;
  /** `alone` is an action of which one runs at once. */
  enqueue(from: number, to: number, priority?: number, action?: "go" | "alone"): Promise<readonly ActionReceipt[]>;
  count(state: ActionState): Promise<number>;
}

/** A worker for two at once. */
async function stage(takes: number): Promise<Stage> {
  const began: number[] = [];
  let isOutOfReach = false;
  let turns = 0;
  const work = defineService("Work", {
    actions: {
      go: {
        parameters: type<{ readonly n: number }>(),
        run: async ({ n }, { delay }) => {
          began.push(n);
          if (all.blocks > 0) clock.block(all.blocks);
          all.blocks = 0;
          if (all.takes > 0) await delay(all.takes);
        },
      },
      alone: { concurrency: 1, parameters: type<{ readonly n: number }>(), run: ({ n }) => void began.push(n) },
    },
  });
  const memory = createMemoryStore({ lease: 15_000 });
  const actions = new Proxy(memory.actions, {
    get(target, name: keyof ActionStore) {
      if (name === "turn") turns++;
      return isOutOfReach ? () => Promise.reject(new Error("out of reach")) : (Reflect.get(target, name) as (...args: never) => unknown).bind(target);
    },
  });
  const store = new Proxy(memory, {
    get(target, name) {
      const value: unknown = name === "actions" ? actions : Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const clock = createVirtualClock();
  const host = await createTestHost({ services: [work], store, clock, worker: { concurrency: 2 } });
  const all: Stage = {
    host,
    store: memory,
    began,
    takes,
    get turns() {
      return turns;
    },
    blocks: 0,
    cutOff: isCutOff => void (isOutOfReach = isCutOff),
    enqueue: (from, to, priority = 0, action = "go") =>
      Promise.all(
        Array.from({ length: to - from }, (_, index) =>
          host
            .services(work)
            .do(action, { n: from + index })
            .withPriority(priority)
            .enqueue(),
        ),
      ),
    count: async state => (await host.actions.list({ state, limit: 500 })).actions.length,
    [Symbol.asyncDispose]: async () => void (await host.stop()),
  };
  return all;
}

describe("a worker whose actions end within milliseconds", () => {
  test("has more handed out than run at once, and begins it in order", async () => {
    await using one = await stage(1);
    await one.enqueue(0, 200);
    await one.host.clock.advance(40);
    expect(await one.count("running")).toBeGreaterThan(4);
    await one.host.clock.advance(100);
    expect(await one.count("completed")).toBe(200);
    expect(one.began).toEqual(Array.from({ length: 200 }, (_, n) => n));
  });

  test("gives back what does not begin within a tenth of a second, and no attempt is counted", async () => {
    await using one = await stage(1);
    const receipts = await one.enqueue(0, 200);
    await one.host.clock.advance(40);
    one.takes = 60_000;
    await one.host.clock.advance(250);
    expect([await one.count("running"), await one.count("waiting")]).toEqual([2, 200 - one.began.length]);
    expect(await one.host.actions.get(receipts[199]!.id)).toMatchObject({ state: "waiting", attempt: 0 });
    one.takes = 1;
    await one.host.clock.advance(60_500);
    expect(await one.count("completed")).toBe(200);
    expect(new Set(one.began).size).toBe(one.began.length);
  });

  test("writes outcomes together with the next claim, and not one turn after the other", async () => {
    await using one = await stage(1);
    await one.enqueue(0, 400);
    await one.host.clock.advance(40);
    const before = one.turns;
    await one.host.clock.advance(100);
    expect(await one.count("completed")).toBeGreaterThan(200);
    expect(one.turns - before).toBeLessThan(20); // of a hundred milliseconds, in each of which something ends
  });

  test("has an outcome wait for that for twenty milliseconds at most", async () => {
    await using one = await stage(1);
    const receipts = await one.enqueue(0, 200);
    await one.host.clock.advance(40);
    one.takes = 500;
    await one.host.clock.advance(1);
    const last = receipts[one.began.length - 3]!;
    await one.host.clock.advance(20);
    expect(await last.status()).toMatchObject({ state: "completed" });
    expect(await one.count("running")).toBeGreaterThan(2); // what was claimed ahead is still here
  });

  test("begins what is more urgent before what it has claimed ahead", async () => {
    await using one = await stage(1);
    await one.enqueue(0, 200);
    await one.host.clock.advance(40);
    const at = one.began.length;
    await one.enqueue(1_000, 1_001, 5);
    await one.host.clock.advance(40);
    expect(one.began.indexOf(1_000)).toBeLessThan(at + 24); // what it had claimed would have kept it busy for longer
    await one.host.clock.advance(200);
    expect(one.began.length).toBe(201);
  });

  test("does not have what it may not claim ahead wait for all that it may", async () => {
    await using one = await stage(1);
    await one.enqueue(0, 1_000);
    await one.host.clock.advance(40);
    const at = one.began.length;
    await one.enqueue(1_000, 1_001, 5, "alone");
    await one.host.clock.advance(40);
    expect(one.began.indexOf(1_000)).toBeGreaterThan(0);
    expect(one.began.indexOf(1_000)).toBeLessThan(at + 44); // what it had claimed already
    await one.host.clock.advance(600);
    expect(one.began.length).toBe(1_001);
  });

  test("begins nothing of it once the action is paused", async () => {
    await using one = await stage(1);
    await one.enqueue(0, 200);
    await one.host.clock.advance(40);
    const begun = one.began.length;
    await one.host.actions.pause("Work", "go");
    await one.host.clock.advance(1_000);
    expect(one.began.length).toBe(begun);
    expect(await one.count("waiting")).toBe(200 - begun);
    await one.host.actions.resume("Work", "go");
    await one.host.clock.advance(200);
    expect(await one.count("completed")).toBe(200);
  });

  test("begins nothing of it after its loop was blocked for longer than the lease, until the store has had its word", async () => {
    await using one = await stage(1);
    await one.enqueue(0, 200);
    await one.host.clock.advance(40);
    const begun = one.began.length;
    one.cutOff(true);
    one.takes = 0;
    one.blocks = 40_000;
    await one.host.clock.advance(1);
    expect(one.began.length).toBeLessThan(begun + 3); // the one that blocks it, and what began beside that
    one.cutOff(false);
    await one.host.clock.advance(60_000);
    expect(await one.count("completed")).toBe(200);
  });

  test("gives it back when the host stops, as if it had never had it", async () => {
    await using one = await stage(1);
    await using other = await createTestHost({ services: [], store: one.store, clock: one.host.clock, worker: false, name: "other" });
    const count = async (state: ActionState): Promise<number> => (await other.actions.list({ state, limit: 500 })).actions.length;
    const receipts = await one.enqueue(0, 200);
    await one.host.clock.advance(40);
    one.takes = 5_000;
    await one.host.clock.advance(20);
    expect(await count("running")).toBeGreaterThan(2);
    const begun = one.began.length;
    await one.host.stop();
    expect([one.began.length, await count("running"), await count("completed"), await count("waiting")]).toEqual([begun, 0, begun, 200 - begun]);
    expect(await other.actions.get(receipts[begun]!.id)).toMatchObject({ state: "waiting", attempt: 0 });
  });

  test("never begins what was cancelled before it began", async () => {
    await using one = await stage(1);
    const receipts = await one.enqueue(0, 200);
    await one.host.clock.advance(40);
    one.takes = 60;
    await one.host.clock.advance(2);
    const next = receipts[one.began.length]!;
    expect(await next.status()).toMatchObject({ state: "running", attempt: 1 });
    await next.cancel();
    await one.host.clock.advance(10);
    expect(await next.status()).toMatchObject({ state: "cancelled" });
    const n = receipts.indexOf(next);
    await one.host.clock.advance(60_000);
    expect(one.began).not.toContain(n);
    expect(await one.count("completed")).toBe(199);
  });
});

test("a worker whose actions take longer has no more handed out than run at once", async () => {
  await using one = await stage(25);
  await one.enqueue(0, 100);
  for (let n = 0; n < 40; n++) {
    await one.host.clock.advance(25);
    expect(await one.count("running")).toBe(2);
  }
});
