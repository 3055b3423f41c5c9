import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { MessagePort, Worker } from "node:worker_threads";
import { createSqliteStore } from "@sora/core/sqlite";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../logging/logger.ts";
import { systemClock } from "../../../time/system-clock.ts";
import type { DurableStore, StoreBell } from "../../store/durable-store.ts";
import { temporaryFolder } from "../fixtures/sqlite-harness.ts";
import { signals } from "./thread-protocol.ts";

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let store: DurableStore;
let workers: Worker[];
beforeEach(async () => {
  folder = temporaryFolder();
  const unref = vi.spyOn(Worker.prototype, "unref"); // which each thread is, once it is made
  file = join(folder.path, "x.db");
  store = createSqliteStore({ file, synchronous: "normal" });
  await store.open({ clock: systemClock, logger: silentLogger });
  workers = unref.mock.contexts as Worker[];
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const action = (id: string) => ({ id, queue: "S/a@1", envelope: "{}", priority: 0, attempts: 1 });

describe("StoreThread", () => {
  test("rejects everything that waits where it crashes, and the next call opens the file anew", async () => {
    await store.actions.enqueue([action("before")]);
    const bells: StoreBell[] = [];
    store.listen(bell => bells.push(bell));
    const waiting = [store.actions.enqueue([action("lost")]), store.actions.get(["before"])].map(async asked => asked.catch((error: unknown) => error));
    const terminated = workers[0]?.terminate();
    for (const outcome of await Promise.all(waiting)) {
      // One that was answered before the end was carried out.
      if (outcome instanceof Error)
        expect(outcome).toMatchObject({ code: "SORA_STORE_UNAVAILABLE", retryable: true, message: expect.stringContaining("its thread has ended") });
    }
    await terminated;
    expect((await store.actions.get(["before"])).map(({ id }) => id)).toEqual(["before"]);
    expect(workers.length).toBe(2);
    await store.actions.enqueue([action("after")]);
    expect(bells.at(-1)).toEqual({ kind: "ready" });
  });

  test("answers what was asked before the end of the store, and refuses what comes after", async () => {
    const asked = [store.actions.enqueue([action("a")]), store.actions.enqueue([action("b")])];
    const closed = store[Symbol.asyncDispose]();
    await expect(store.actions.get(["a"])).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE", retryable: false });
    expect(await Promise.all(asked)).toEqual([[{ id: "a", outcome: "stored" }], [{ id: "b", outcome: "stored" }]]);
    await closed;
    await store[Symbol.asyncDispose](); // a second time is harmless
  });

  test("ends though it is told to while it has work, and finds both when it comes back from a wait", async () => {
    using other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    const first = store.actions.enqueue([action("a")]);
    await systemClock.sleep(30); // the thread waits for the lock
    const second = store.actions.enqueue([action("b")]);
    const closed = store[Symbol.asyncDispose]();
    await systemClock.sleep(30);
    other.exec("ROLLBACK");
    await closed;
    expect(await Promise.all([first, second])).toMatchObject([[{ id: "a" }], [{ id: "b" }]]);
  });

  test("is opened again by the next host that is given the object, and closed with the last", async () => {
    await store.open({ clock: systemClock, logger: silentLogger });
    await store[Symbol.asyncDispose]();
    expect(await store.actions.enqueue([action("a")])).toEqual([{ id: "a", outcome: "stored" }]);
    await store[Symbol.asyncDispose]();
    await expect(store.actions.get(["a"])).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE" });
    await store.open({ clock: systemClock, logger: silentLogger });
    expect(await store.actions.enqueue([action("a")])).toEqual([{ id: "a", outcome: "existing" }]);
  });

  test("is given a seed that is drawn from the chance of the store, another at each start", async () => {
    let drawn = 0;
    await store[Symbol.asyncDispose]();
    await store.open({ clock: systemClock, logger: silentLogger, chance: { next: () => ++drawn / 10 } });
    await store.actions.counts(); // in the thread for long reads
    expect(drawn).toBe(2);
  });

  test("refuses what cannot be sent to it, and nothing of what was asked in the same turn", async () => {
    const bad = { ...action("bad"), parameters: (() => {}) as unknown as string };
    const asked = [store.actions.enqueue([action("a")]), store.actions.enqueue([bad]), store.actions.enqueue([action("c")])];
    expect(await Promise.allSettled(asked)).toMatchObject([
      { value: [{ id: "a" }] },
      { reason: { code: "SORA_STORE_UNAVAILABLE", retryable: false, message: expect.stringContaining("actions.enqueue") } },
      { value: [{ id: "c" }] },
    ]);
    expect((await store.actions.get(["a", "bad", "c"])).map(({ id }) => id)).toEqual(["a", "c"]);
  });

  test("tells many that are answered together in parts, sends what each part asks next while the others hear, and says that more is to come until it has come", async () => {
    const answered: number[] = [];
    const ask = async (n: number): Promise<void> => {
      await store.actions.enqueue([action(`${n}`)]);
      answered.push(n);
      await store.actions.enqueue([action(`${n}'`)]);
    };
    const posted = vi.spyOn(MessagePort.prototype, "postMessage");
    const stored = vi.spyOn(Atomics, "store");
    await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n)));
    expect(answered).toEqual(Array.from({ length: 50 }, (_, n) => n));
    const sizes = posted.mock.calls.map(([requests]) => (requests as unknown[]).length);
    expect([sizes[0], sizes.slice(1).reduce((sum, size) => sum + size, 0)]).toEqual([50, 50]);
    expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(16);
    const more = (): unknown[] => stored.mock.calls.filter(([, place]) => place === signals.more).map(([, , value]) => value);
    expect(more()).toContain(1);
    expect(more().at(-1)).toBe(0);
    stored.mockClear();
    await Promise.all(Array.from({ length: 50 }, (_, n) => (n < 16 ? ask(100 + n) : store.actions.get(["0"])))); // the last to hear ask nothing more
    expect(more()).toContain(1);
    expect(more().at(-1)).toBe(0);
  });

  test("shows in a list what was acknowledged before it was asked for, while other lists are under way", async () => {
    await store.actions.enqueue(Array.from({ length: 2_000 }, (_, n) => action(`${n}`)));
    for (let round = 0; round < 30; round++) {
      const others = [1, 2, 3].map(() => store.actions.list({ limit: 500 }));
      await store.actions.enqueue([action(`mine ${round}`)]);
      expect((await store.actions.list({ limit: 1 })).actions).toMatchObject([{ id: `mine ${round}` }]);
      await Promise.all(others);
    }
  });

  test("refuses a turn that cannot be written as text, and answers what is asked next", async () => {
    const settled = [1n, 2n].map(fence => ({ id: "a", fence: fence as unknown as number, kind: "completed", keepFor: 1 }) as const);
    await expect(store.actions.turn({ worker: "w", settle: settled })).rejects.toThrow(TypeError);
    expect(await store.actions.enqueue([action("a")])).toEqual([{ id: "a", outcome: "stored" }]);
  });

  test.runIf(availableParallelism() > 1)("stays awake for answers that come at once, where one request follows the other", async () => {
    const turns = vi.spyOn(systemClock, "setTimer");
    for (let n = 0; n < 200; n++) await store.actions.enqueue([action(`${n}`)]);
    expect(turns.mock.calls.filter(([, delay]) => delay === 0).length).toBeGreaterThan(0);
  });

  test("reads lists in a thread of its own, which the others do not wait for", async () => {
    expect(workers.length).toBe(1);
    await store.actions.enqueue([action("a")]);
    expect((await store.actions.list({})).actions.map(({ id }) => id)).toEqual(["a"]);
    expect(workers.length).toBe(2);
    await workers[1]?.terminate();
    expect((await store.actions.list({})).actions.length).toBe(1); // started again where it has ended
  });
});
