import { deepEqual, equal } from "node:assert/strict";
import type { StorePromise } from "./store-bench.ts";
import { work } from "./store-bench.ts";

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
  {
    title: "where a dead one is deleted, the next still waits",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", after: "a" }]); // prettier-ignore
      await bench.kill("a", 0);
      equal(await bench.get("a"), undefined);
      deepEqual(await (await bench.worker()).claimIds(), []);
      equal(await bench.stateOf("b"), "waiting");
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
