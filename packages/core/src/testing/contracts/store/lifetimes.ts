import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { DurableStore, StoreBell } from "../../../durable/store/durable-store.ts";
import { SoraError } from "../../../errors/sora-error.ts";
import type { StorePromise } from "./store-bench.ts";
import { eventually, refuses, work } from "./store-bench.ts";

/** Opening, closing and ringing. */
export const lifetimes: readonly StorePromise[] = [
  {
    title: "a store has a name without secrets, and a lease",
    run: async bench => {
      const { name, lease, lasting, shared } = bench.store;
      match(name, /^\S.*$/u);
      ok(!/password|:\/\/[^/]*@/iu.test(name), "the name shows credentials");
      ok(Number.isFinite(lease) && lease >= 1);
      deepEqual([typeof lasting, typeof shared], ["boolean", "boolean"]);
    },
  },
  {
    title: "many open it at once",
    needs: "openers",
    run: async bench => {
      const stores = await Promise.all(Array.from({ length: 6 }, () => bench.another()));
      await Promise.all(stores.map(store => bench.enqueue({}, store)));
      equal((await bench.store.actions.list({})).actions.length, 6);
    },
  },
  {
    title: "what was stored outlives its opener, where others have it open",
    needs: "openers",
    run: async bench => {
      const other = await bench.another();
      const id = await bench.enqueue({}, other);
      await other[Symbol.asyncDispose]();
      equal(await bench.stateOf(id), "waiting");
    },
  },
  {
    title: "ready rings when something is stored, now or for later",
    run: async bench => {
      const heard: StoreBell[] = [];
      using _listening = bench.store.listen(bell => heard.push(bell));
      await bench.enqueue();
      await eventually("ready rings for what is due", () => heard.some(({ kind }) => kind === "ready"));
      heard.length = 0;
      await bench.enqueue({ delay: 60_000 });
      await eventually("ready rings for what is due later", () => heard.some(({ kind }) => kind === "ready"));
    },
  },
  {
    title: "ready rings when something is to be tried again or may go on",
    run: async bench => {
      const heard: StoreBell[] = [];
      const id = await bench.enqueue();
      await bench.store.actions.pause({ service: "Bench" });
      await bench.store.actions.cancel([id]);
      for (const [what, change] of [
        ["retry", () => bench.store.actions.retry([id])],
        ["resume", () => bench.store.actions.resume({ service: "Bench" })],
      ] as const) {
        heard.length = 0;
        using _listening = bench.store.listen(bell => heard.push(bell));
        await change();
        await eventually(`ready rings after ${what}`, () => heard.some(({ kind }) => kind === "ready"));
      }
    },
  },
  {
    title: "ready rings when a worker, a recovery or a cancel lets others begin",
    run: async bench => {
      await bench.enqueueAll([
        { id: "failing" },
        { id: "released" },
        { id: "lost" },
        { id: "first" },
        { id: "second", after: "first" },
        { id: "x1", key: "x" },
        { id: "x2", key: "x" },
      ]);
      const [worker, lost] = [await bench.worker(), await bench.worker()];
      const [failing, released] = await worker.claim({ most: 2 });
      await lost.claim({ most: 1 });
      const [first] = await worker.claim({ most: 1 });
      const heard: StoreBell[] = [];
      using _listening = bench.store.listen(bell => heard.push(bell));
      for (const [what, change] of [
        ["a failure without delay", () => worker.fail(failing!)],
        ["a release", () => worker.settleAll([worker.released(released!)])],
        ["a step of a chain", () => worker.complete(first!)],
        ["the cancelling of the first of a key", () => bench.store.actions.cancel(["x1"])],
        ["a recovery", () => bench.lose(lost)],
      ] as const) {
        heard.length = 0;
        await change();
        await eventually(`ready rings after ${what}`, () => heard.some(({ kind }) => kind === "ready"));
      }
    },
  },
  {
    title: "ready rings for what a turn lets begin and does not hand out, however much else it hands out",
    run: async bench => {
      const others = "Bench/others@1";
      const worker = await bench.worker();
      for (const [what, first, next] of [
        ["the next of a key", { key: "k" }, { key: "k", queue: others }],
        ["a step of a chain", { id: "before" }, { after: "before", queue: others }],
      ] as const) {
        await bench.enqueueAll([first, next, {}, {}]);
        const claimed = await worker.claimOne();
        const heard: StoreBell[] = [];
        using _listening = bench.store.listen(bell => heard.push(bell));
        await worker.turn([worker.completed(claimed)], { queues: [{ queue: work }], most: 2, suspect: true });
        await eventually(`ready rings for ${what}`, () => heard.some(({ kind }) => kind === "ready"));
      }
    },
  },
  {
    title: "settled rings with an outcome, by a worker, a cancel or a purge, and ready where that frees a key",
    run: async bench => {
      const heard: StoreBell[] = [];
      await bench.enqueueAll([{ id: "a" }, { id: "b" }, { id: "c", after: "b", key: "k" }, { id: "next", key: "k" }]);
      const worker = await bench.worker();
      const claimed = await worker.claimOne();
      using _listening = bench.store.listen(bell => heard.push(bell));
      const rang = (id: string): boolean => heard.some(bell => bell.kind === "settled" && (bell.ids === undefined || bell.ids.includes(id)));
      await worker.complete(claimed);
      await eventually("settled rings for a completed action", () => rang("a"));
      heard.length = 0;
      await bench.store.actions.cancel(["b"], 0);
      await eventually("settled rings for a cancelled action", () => rang("b"));
      heard.length = 0;
      await bench.store.actions.purge(10);
      await eventually("settled rings for what waited for it", () => rang("c") && heard.some(({ kind }) => kind === "ready"));
    },
  },
  {
    title: "cancelling rings when what runs is to be cancelled",
    run: async bench => {
      const heard: StoreBell[] = [];
      const id = await bench.enqueue();
      await (await bench.worker()).claimOne();
      using _listening = bench.store.listen(bell => heard.push(bell));
      await bench.store.actions.cancel([id]);
      await eventually("cancelling rings", () => heard.some(bell => bell.kind === "cancelling" && (bell.ids === undefined || bell.ids.includes(id))));
    },
  },
  {
    title: "scheduled rings when a schedule is made, changed or resumed",
    run: async bench => scheduledRings(bench.store, bench.store),
  },
  {
    title: "scheduled rings at what others do",
    needs: "openers",
    run: async bench => scheduledRings(await bench.another(), bench.store),
  },
  {
    title: "who has stopped listening hears nothing, and a listener that throws harms nobody",
    run: async bench => {
      const heard: string[] = [];
      const first = bench.store.listen(() => heard.push("first"));
      using _throwing = bench.store.listen(() => {
        throw new Error("as the test has it");
      });
      using _last = bench.store.listen(() => heard.push("last"));
      first[Symbol.dispose]();
      first[Symbol.dispose]();
      await bench.enqueue();
      await eventually("the last listener hears", () => heard.includes("last"));
      deepEqual([...new Set(heard)], ["last"]);
    },
  },
  {
    title: "what is no transaction is refused, with a message that says what would be",
    run: async bench => {
      for (const nothing of [undefined, null, {}, "transaction", () => {}, 42]) {
        try {
          const within = bench.store.within(nothing);
          await within.enqueue([bench.action()]);
        } catch (error) {
          ok(SoraError.is(error, "SORA_TRANSACTION_UNSUPPORTED"), `refused with ${String(error)}`);
          continue;
        }
        ok(false, `${String(nothing)} was taken for a transaction`);
      }
      deepEqual(await bench.store.actions.list({}), { actions: [] });
    },
  },
  {
    title: "a store that has been disposed of refuses everything, and can be disposed of again",
    run: async bench => {
      const { store } = bench;
      await bench.enqueue();
      await store[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      for (const [what, ask] of Object.entries({
        enqueue: () => store.actions.enqueue([bench.action()]),
        turn: () => store.actions.turn({ worker: "w", settle: [] }),
        get: () => store.actions.get(["a"]),
        join: () => store.actions.join({ id: "w", node: "n", queues: [] }),
        renew: () => store.actions.renew("w"),
        holder: () => store.leases.holder("n"),
        due: () => store.schedules.due(1),
        now: () => store.now(),
        last: () => store.ticks.last(["A"]),
        read: () => store.outbox.read(1),
      }))
        await refuses(`${what} of a closed store`, "SORA_STORE_UNAVAILABLE", ask);
    },
  },
];

async function scheduledRings(store: DurableStore, listening: DurableStore): Promise<void> {
  const { schedules } = store;
  const heard: StoreBell[] = [];
  using _listening = listening.listen(bell => heard.push(bell));
  const schedule = { id: "s", service: "Bench", action: "work", recurrence: "1", envelope: "{}", version: 1, priority: 0, attempts: 5 };
  const nextAt = (await store.now()) + 60_000;
  for (const [what, change] of [
    ["a schedule is made", () => schedules.put({ ...schedule, nextAt })],
    ["one is changed", () => schedules.put({ ...schedule, recurrence: "2", nextAt: nextAt - 1_000 })],
    ["one is resumed", () => schedules.setPaused("s", false, nextAt - 2_000)],
  ] as const) {
    heard.length = 0;
    await change();
    await eventually(`scheduled rings when ${what}`, () => heard.some(({ kind }) => kind === "scheduled"));
  }
}
