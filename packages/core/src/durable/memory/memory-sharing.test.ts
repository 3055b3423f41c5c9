import { describe, expect, test } from "vitest";
import { createMemoryLogger } from "../../logging/memory-logger.ts";
import { silentLogger } from "../../logging/logger.ts";
import { createVirtualClock } from "../../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { DurableStore } from "../store/durable-store.ts";
import type { NewAction } from "../store/stored-action.ts";

const action = (id: string, change: Partial<NewAction> = {}): NewAction => ({ id, queue: "A/a@1", envelope: "{}", priority: 0, attempts: 5, ...change });

/** Milliseconds that this thread has been at work, to which nothing adds that the machine does besides. */
const worked = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

describe("createMemoryStore shared by hosts of a process", () => {
  test("stays open until the last has disposed of it, and keeps what it holds for the next", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    await expect(store.actions.get(["a"])).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE" });
    expect(() => store.listen(() => {})).toThrow(expect.objectContaining({ code: "SORA_STORE_UNAVAILABLE" }));
    await store.open({ clock, logger: silentLogger });
    await store.open({ clock, logger: silentLogger });
    await store[Symbol.asyncDispose]();
    await store.actions.enqueue([action("a")]);
    await store[Symbol.asyncDispose]();
    await expect(store.actions.get(["a"])).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE" });
    await store[Symbol.asyncDispose](); // one too many takes nobody's turn away
    await store.open({ clock, logger: silentLogger });
    expect(await store.actions.get(["a"])).toHaveLength(1);
  });

  test("goes by the clock of whoever opened it first, until all have left", async () => {
    const [first, second] = [createVirtualClock({ start: 1_000_000 }), createVirtualClock({ start: 9_000_000 })];
    const store = createMemoryStore();
    const now = (): Promise<number> => store.now();
    await store.open({ clock: first, logger: silentLogger });
    await store.open({ clock: second, logger: silentLogger });
    expect(await now()).toBe(1_000_000);
    await store[Symbol.asyncDispose]();
    await first.advance(5_000);
    expect(await now()).toBe(1_005_000);
    await store[Symbol.asyncDispose]();
    await store.open({ clock: second, logger: silentLogger });
    expect(await now()).toBe(9_000_000);
  });

  test("measures leases and rates on the monotonic clock, and due times on the wall clock", async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore({ lease: "5s" });
    await store.open({ clock, logger: silentLogger });
    await store.actions.join({ id: "w", node: "n", queues: [] });
    const lease = await store.leases.acquire("name", "one", 5_000);
    await store.actions.enqueue([action("later", { delay: 3_600_000 }), action("a"), action("b")]);
    const claim = { queues: [{ queue: "A/a@1", rate: { name: "r", limit: 1, per: 1_000 } }], most: 5, suspect: true };
    expect((await store.actions.turn({ worker: "w", settle: [], claim })).claimed.map(({ id }) => id)).toEqual(["a"]);
    clock.jumpWall("2h");
    expect(await store.actions.recover(10)).toEqual([]);
    expect(await store.leases.holder("name")).toEqual(lease);
    expect((await store.actions.turn({ worker: "w", settle: [], claim })).claimed).toEqual([]);
    await clock.advance(1_000);
    expect((await store.actions.turn({ worker: "w", settle: [], claim })).claimed.map(({ id }) => id)).toEqual(["later"]);
  });

  test("logs what a listener throws", async () => {
    const logger = createMemoryLogger();
    const store = createMemoryStore();
    await store.open({ clock: createVirtualClock(), logger });
    using _listening = store.listen(() => {
      throw new Error("out of order");
    });
    await store.actions.enqueue([action("a")]);
    await Promise.resolve();
    expect(logger.lines).toMatchObject([{ level: "error", message: "A listener of the memory store threw: Error: out of order", fields: { bell: "ready" } }]);
  });

  test("takes a lease from 100 ms to an hour, by default 15 s", () => {
    expect(createMemoryStore().lease).toBe(15_000);
    expect(createMemoryStore({ lease: "100ms" }).lease).toBe(100);
    for (const lease of [99, 3_600_001, 0]) expect(() => createMemoryStore({ lease })).toThrow(expect.objectContaining({ code: "SORA_OPTION_INVALID" }));
    for (const lease of [Number.NaN, -1, "soon" as never])
      expect(() => createMemoryStore({ lease })).toThrow(expect.objectContaining({ code: "SORA_DURATION_INVALID" }));
  });
});

describe("claiming from a memory store", () => {
  /** Milliseconds of claiming and completing 300 actions one by one, beside so many others. */
  async function working(others: number): Promise<number> {
    const store: DurableStore = createMemoryStore();
    const clock = createVirtualClock();
    await store.open({ clock, logger: silentLogger });
    const { actions } = store;
    await actions.join({ id: "w", node: "n", queues: [] });
    const claim = { queues: [{ queue: "A/a@1" }, { queue: "B/b@1" }], most: 1, suspect: true };
    const each = Array.from({ length: others }, (_, n) => n);
    const settleAll = { queues: [{ queue: "B/b@1" }], most: others, suspect: true };
    await actions.enqueue(each.map(n => action(`finished ${n}`, { queue: "B/b@1" })));
    const { claimed } = await actions.turn({ worker: "w", settle: [], claim: settleAll });
    await actions.turn({ worker: "w", settle: claimed.map(({ id, fence }) => ({ id, fence, kind: "completed", keepFor: 86_400_000 })) });
    await actions.enqueue(each.map(n => action(`waiting ${n}`, { priority: -1 })));
    await actions.enqueue(each.map(n => action(`delayed ${n}`, { delay: 60_000 + n })));
    await actions.enqueue(each.map(n => action(`in line ${n}`, { key: "k", queue: "C/c@1" })));
    await actions.enqueue(Array.from({ length: 300 }, (_, n) => action(`own ${n}`, { key: `own ${n % 7}` })));
    const began = worked();
    let last = (await actions.turn({ worker: "w", settle: [], claim })).claimed;
    for (let n = 0; n < 299; n++) {
      const { id, fence } = last[0]!;
      last = (await actions.turn({ worker: "w", settle: [{ id, fence, kind: "completed", keepFor: 0 }], claim })).claimed;
      expect(last[0]!.id).toMatch(/^own/);
    }
    return Math.max(worked() - began, 10); // some systems count by so many
  }

  test("costs the same beside 400,000 others, waiting, delayed, in line and finished", { timeout: 60_000 }, async () => {
    await working(10);
    const few = Math.min(await working(10), await working(10), await working(10));
    const many = await working(100_000);
    // Looking at each of them would cost thousands of times as much; caches and the collector cost some.
    expect(many / few).toBeLessThan(100);
  });
});
