import { deepEqual, equal } from "node:assert/strict";
import type { StoreBench, StorePromise } from "./store-bench.ts";
import { day, work } from "./store-bench.ts";

/** The ways in which an action stops its chain. */
const endings: readonly { readonly ending: "dead" | "cancelled"; readonly end: (bench: StoreBench, id: string, keepFor: number) => Promise<unknown> }[] = [
  { ending: "dead", end: (bench, id, keepFor) => bench.kill(id, keepFor) },
  { ending: "cancelled", end: (bench, id, keepFor) => bench.store.actions.cancel([id], keepFor) },
];

/** Actions that wait for another of their chain. */
export const chains: readonly StorePromise[] = [
  {
    title: "an action begins after the completion of the one before it, in the turn that completes it",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a", priority: 9 }, { id: "c", after: "b", priority: 9 }]);
      equal((await bench.get("b"))?.after, "a");
      deepEqual(await bench.statesOf(["a", "b", "c"]), ["waiting", "waiting", "waiting"]);
      const worker = await bench.worker();
      const [a, ...none] = await worker.claim();
      deepEqual([a!.id, none.length], ["a", 0]);
      const { claimed } = await worker.turn([worker.completed(a!)], { queues: [{ queue: work }], most: 5, suspect: false });
      deepEqual(claimed.map(({ id }) => id), ["b"]); // prettier-ignore
      await worker.complete(claimed[0]!);
      deepEqual(await worker.claimIds(), ["c"]);
    },
  },
  {
    title: "several may wait for one, in a call of their own",
    run: async bench => {
      await bench.enqueue({ id: "a" });
      await bench.enqueueAll([{ id: "b", after: "a" }, { id: "c", after: "a" }]); // prettier-ignore
      const worker = await bench.worker();
      await worker.complete(await worker.claimOne());
      deepEqual(await worker.claimIds(), ["b", "c"]);
    },
  },
  {
    title: "a failed, released or recovered one lets nobody begin",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }]); // prettier-ignore
      const worker = await bench.worker();
      await worker.fail(await worker.claimOne());
      await worker.settleAll([worker.released(await worker.claimOne())]);
      const again = await worker.claim();
      deepEqual(again.map(({ id }) => id), ["a"]); // prettier-ignore
      await bench.lose(worker);
      deepEqual(await (await bench.worker()).claimIds(), ["a"]);
    },
  },
  {
    title: "where the one before dies, the next goes on waiting, and begins when that one is retried and completes",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }]); // prettier-ignore
      await bench.kill("a");
      const worker = await bench.worker();
      deepEqual(await worker.claimIds(), []);
      equal(await bench.stateOf("b"), "waiting");
      await bench.store.actions.retry(["a"]);
      const again = await worker.claimOne();
      equal(again.id, "a");
      await worker.complete(again);
      deepEqual(await worker.claimIds(), ["b"]);
    },
  },
  {
    title: "where the one before is cancelled, the next goes on waiting, and can be cancelled too",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }, { id: "c", after: "b" }]);
      await bench.store.actions.cancel(["a"]);
      const worker = await bench.worker();
      deepEqual(await worker.claimIds(), []);
      deepEqual(await bench.store.actions.cancel(["b"]), ["cancelled"]);
      deepEqual(await bench.statesOf(["a", "b", "c"]), ["cancelled", "cancelled", "waiting"]);
    },
  },
  ...endings.flatMap(({ ending, end }): readonly StorePromise[] => [
    {
      title: `one that is ${ending} and not kept is kept all the same while the next waits for it, and can be retried`,
      run: async bench => {
        await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }]); // prettier-ignore
        await end(bench, "a", 0);
        deepEqual(await (await bench.worker()).claimIds(), []);
        deepEqual(await bench.statesOf(["a", "b"]), [ending, "waiting"]);
        deepEqual(await bench.store.actions.retry(["a"]), [ending]);
        const worker = await bench.worker();
        await worker.complete(await worker.claimOne());
        deepEqual(await worker.claimIds(), ["b"]);
      },
    },
    {
      title: `when the retention of one that is ${ending} is over, all that wait for it are cancelled, and their keys go to the next`,
      run: async bench => {
        await bench.enqueueAll([
          { id: "a" },
          { id: "b", after: "a" },
          { id: "c", after: "b", key: "k" },
          { id: "beside", after: "a" },
          { id: "next", key: "k" },
        ]);
        await end(bench, "a", 60_000);
        deepEqual(await bench.store.actions.purge(10, day), { deleted: 0, cancelled: [] });
        deepEqual(await bench.statesOf(["a", "b", "c"]), [ending, "waiting", "waiting"]);
        await bench.advance(60_001);
        const { deleted, cancelled } = await bench.store.actions.purge(10, day);
        deepEqual([deleted, cancelled.toSorted()], [0, ["b", "beside", "c"]]);
        deepEqual(await bench.statesOf(["a", "b", "c", "beside"]), [ending, "cancelled", "cancelled", "cancelled"]);
        const { error, finishedAt, attempt } = (await bench.get("c"))!;
        deepEqual([error?.code, error?.message.includes("It waited for b"), error?.at, attempt], ["SORA_CHAIN_STOPPED", true, finishedAt, 0]);
        deepEqual(await (await bench.worker()).claimIds(), ["next"]);
      },
    },
  ]),
  {
    title: "a chain whose waiting actions purge has cancelled can be retried as a whole, until it is deleted as a whole",
    run: async bench => {
      const { actions } = bench.store;
      const chain = ["a", "b", "c"];
      await bench.enqueueAll([{ id: "a", key: "k" }, { id: "b", after: "a", key: "k" }, { id: "c", after: "b", key: "k" }]); // prettier-ignore
      await bench.kill("a", 60_000);
      await bench.advance(60_001);
      await actions.purge(10, day);
      await bench.advance(day / 2);
      deepEqual(await actions.purge(10, day), { deleted: 0, cancelled: [] });
      deepEqual(await actions.retry(["b"]), ["cancelled"]);
      const worker = await bench.worker();
      deepEqual(await worker.claimIds(), []);
      deepEqual(await actions.retry(chain), ["dead", "waiting", "cancelled"]);
      const first = await worker.claimOne();
      equal(first.id, "a");
      await worker.settleAll([worker.dead(first, 60_000)]);
      await bench.advance(60_001);
      await actions.purge(10, day);
      deepEqual(await bench.statesOf(chain), ["dead", "cancelled", "cancelled"]);
      await bench.advance(day + 1);
      deepEqual(await actions.purge(10, day), { deleted: 3, cancelled: [] });
      deepEqual(await bench.statesOf(chain), [undefined, undefined, undefined]);
    },
  },
  {
    title: "purge that keeps nothing deletes a chain that has stopped, and what waits in it, at once",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }, { id: "c", after: "b" }]); // prettier-ignore
      await bench.kill("a", 0);
      const { deleted, cancelled } = await bench.store.actions.purge(10, 0);
      deepEqual([deleted, cancelled.toSorted()], [2, ["b", "c"]]);
      deepEqual(await bench.statesOf(["a", "b", "c"]), [undefined, undefined, undefined]);
    },
  },
  {
    title: "purge deletes and cancels no more than its limit, and the rest with the next calls",
    run: async bench => {
      const waiting = Array.from({ length: 7 }, (_, n) => ({ id: `${n}`, after: n < 5 ? "a" : `${n - 2}` }));
      await bench.enqueueAll([{ id: "a" }, ...waiting]);
      await bench.kill("a", 0);
      const cancelled = new Set<string>();
      const rounds: number[] = [];
      for (let round = await bench.store.actions.purge(3, day); round.cancelled.length > 0; round = await bench.store.actions.purge(3, day)) {
        equal(round.deleted, 0);
        rounds.push(round.cancelled.length);
        for (const id of round.cancelled) cancelled.add(id);
      }
      deepEqual(rounds, [3, 3, 1]);
      deepEqual(
        [...cancelled].sort(),
        waiting.map(({ id }) => id),
      );
      equal(await bench.stateOf("a"), "dead");
    },
  },
  {
    title: "of several that are cancelled and not kept, one that is named before what waits for it is kept for that",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }, { id: "c" }, { id: "d", after: "c" }]);
      deepEqual(await bench.store.actions.cancel(["a", "b", "a", "d", "c", "c"], 0), [
        "cancelled",
        "cancelled",
        "finished",
        "cancelled",
        "cancelled",
        "unknown",
      ]);
      deepEqual(await bench.statesOf(["a", "b", "c", "d"]), ["cancelled", undefined, undefined, undefined]);
      deepEqual(await bench.store.actions.purge(10), { deleted: 1, cancelled: [] });
    },
  },
  {
    title: "what was cancelled while it waited is not cancelled again, and holds up no deletion",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }]); // prettier-ignore
      await bench.store.actions.cancel(["b"]);
      await bench.kill("a", 0);
      deepEqual(await bench.statesOf(["a", "b"]), [undefined, "cancelled"]);
      equal((await bench.get("b"))?.error, undefined);
    },
  },
  {
    title: "purges, retries and cancels at once leave nothing that waits for what is gone",
    run: async bench => {
      const { actions } = bench.store;
      const others = [await bench.another(), await bench.another()] as const;
      const chains = Array.from({ length: 30 }, (_, n) => [`${n}a`, `${n}b`, `${n}c`] as const);
      await bench.enqueueAll(chains.flatMap(([a, b, c]) => [{ id: a }, { id: b, after: a, key: `k${b}` }, { id: c, after: b }]));
      await actions.cancel(chains.map(([a]) => a), 0); // prettier-ignore
      await Promise.all([
        ...[bench.store, ...others].map(store => store.actions.purge(100, 60_000)),
        ...chains.slice(0, 10).map(chain => others[0].actions.retry(chain)),
        ...chains.slice(10, 20).map(([, b, c]) => others[1].actions.cancel([c, b], 60_000)),
      ]);
      const worker = await bench.worker();
      for (let claimed = await worker.claim(); claimed.length > 0; claimed = await worker.claim())
        await worker.settleAll(claimed.map(action => worker.completed(action)));
      await bench.advance(60_001);
      for (let n = 0; n < 4; n++) {
        await actions.purge(1_000, 60_000);
        await bench.advance(60_001);
      }
      const left = await bench.statesOf(chains.flat());
      deepEqual(left.filter(state => state !== undefined && state !== "completed"), []); // prettier-ignore
    },
  },
  {
    title: "one that completes and is deleted at once lets the next begin",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }]); // prettier-ignore
      const worker = await bench.worker();
      await worker.complete(await worker.claimOne(), undefined, 0);
      deepEqual(await worker.claimIds(), ["b"]);
    },
  },
  {
    title: "what is stored after one that has completed, or is not stored, does not wait for it",
    run: async bench => {
      await bench.enqueue({ id: "a" });
      const worker = await bench.worker();
      await worker.complete(await worker.claimOne());
      await bench.enqueueAll([{ id: "b", after: "a" }, { id: "c", after: "nobody" }]); // prettier-ignore
      deepEqual(await worker.claimIds(), ["b", "c"]);
    },
  },
  {
    title: "what is stored after one that is dead waits for it",
    run: async bench => {
      await bench.enqueue({ id: "a" });
      await bench.kill("a");
      await bench.enqueue({ id: "b", after: "a" });
      deepEqual(await (await bench.worker()).claimIds(), []);
    },
  },
  {
    title: "a cancelled one that is retried waits for the one before it again",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }]); // prettier-ignore
      await bench.store.actions.cancel(["b"]);
      deepEqual(await bench.store.actions.retry(["b"]), ["cancelled"]);
      const worker = await bench.worker();
      const [first, ...none] = await worker.claim();
      deepEqual([first!.id, none.length], ["a", 0]);
      await worker.complete(first!);
      deepEqual(await worker.claimIds(), ["b"]);
    },
  },
  {
    title: "one that was cancelled while it waited is left as it is by retry, where the one before it is not stored any more",
    run: async bench => {
      const { actions } = bench.store;
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a", key: "k" }, { id: "c", after: "b" }, { id: "next", key: "k", delay: 2 * day }]);
      await bench.kill("a", 60_000);
      deepEqual(await actions.cancel(["c", "b"], day), ["cancelled", "cancelled"]);
      await bench.advance(60_001);
      deepEqual(await actions.purge(10, day), { deleted: 1, cancelled: [] });
      const before = await bench.get("b");
      deepEqual(await actions.retry(["b", "c", "b"]), ["cancelled", "cancelled", "cancelled"]);
      deepEqual(await bench.get("b"), before);
      deepEqual(await (await bench.worker()).claimIds(), []);
      deepEqual(await bench.statesOf(["b", "c"]), ["cancelled", "waiting"]); // c waits for b, as ever
      deepEqual((await actions.list({ state: "cancelled" })).actions.map(({ id }) => id), ["b"]); // prettier-ignore
    },
  },
  {
    title: "no step runs without the one before it, wherever the limit of a purge cuts the deletion of its chain",
    run: async bench => {
      const { actions } = bench.store;
      const chain = ["a", "b", "c"];
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }, { id: "c", after: "b" }]);
      await bench.kill("a", 60_000);
      await bench.advance(60_001);
      deepEqual((await actions.purge(10, day)).cancelled.toSorted(), ["b", "c"]);
      await bench.advance(day + 1);
      for (let left = 3; left > 0; left--) {
        deepEqual(await actions.purge(1, day), { deleted: 1, cancelled: [] });
        const states = await bench.statesOf(chain);
        const broken = chain.filter((_, n) => n > 0 && states[n - 1] === undefined && states[n] !== undefined);
        deepEqual(await actions.retry(broken), broken.map(() => "cancelled")); // prettier-ignore
        deepEqual(await (await bench.worker()).claimIds(), []);
      }
    },
  },
  {
    title: "one that was cancelled after its turn had come can be retried, though the one before it is not stored any more",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a", delay: 60_000 }, { id: "c", after: "nobody" }]);
      const worker = await bench.worker();
      const claimed = await worker.claim();
      await worker.settleAll(claimed.map(action => (action.id === "a" ? worker.completed(action, undefined, 0) : worker.released(action))));
      deepEqual(await bench.store.actions.cancel(["b", "c"]), ["cancelled", "cancelled"]);
      deepEqual(await bench.store.actions.retry(["b", "c"]), ["cancelled", "cancelled"]);
      deepEqual(await worker.claimIds(), ["b", "c"]);
    },
  },
  {
    title: "one that waits for its chain holds its place in its key, and has a time of its own",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a", key: "k", delay: 60_000 }, { id: "c", key: "k" }]);
      const worker = await bench.worker();
      const first = await worker.claimOne();
      deepEqual(await worker.claimIds(), []);
      await worker.complete(first);
      deepEqual(await worker.claimIds(), []);
      await bench.advance(60_001);
      deepEqual(await (await bench.worker()).claimIds(), ["b"]);
    },
  },
  {
    title: "chains whose steps share a key run in order",
    run: async bench => {
      await bench.enqueueAll(
        ["x", "y"].flatMap(chain => [0, 1, 2].map(step => ({ id: `${chain}${step}`, key: "k", ...(step > 0 && { after: `${chain}${step - 1}` }) }))),
      );
      const worker = await bench.worker();
      const order: string[] = [];
      for (let [action] = await worker.claim(); action !== undefined; [action] = await worker.claim()) {
        order.push(action.id);
        await worker.complete(action, undefined, 0);
      }
      deepEqual(order, ["x0", "x1", "x2", "y0", "y1", "y2"]);
    },
  },
  {
    title: "one that is to come after an action for which another stands waits for that one",
    run: async bench => {
      await bench.enqueueAll([{ id: "known", idempotencyKey: "i" }]);
      const stored = await bench.enqueueAll([
        { id: "again", idempotencyKey: "i" },
        { id: "next", after: "again" },
        { id: "last", after: "next" },
      ]);
      deepEqual(stored.map(({ id }) => id), ["known", "next", "last"]); // prettier-ignore
      const worker = await bench.worker();
      for (const id of ["known", "next", "last"]) {
        const action = await worker.claimOne();
        equal(action.id, id);
        deepEqual(await worker.claimIds(), []);
        await worker.complete(action);
      }
    },
  },
];
