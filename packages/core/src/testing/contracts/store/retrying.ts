import { deepEqual, equal, ok } from "node:assert/strict";
import type { StorePromise } from "./store-bench.ts";

/** Dead, cancelled and failed actions that are to be tried after all. */
export const retrying: readonly StorePromise[] = [
  {
    title: "retry has a dead action tried now, with all its attempts and a higher fence",
    run: async bench => {
      const id = await bench.enqueue({ attempts: 2 });
      const worker = await bench.worker();
      await worker.fail(await worker.claimOne());
      const last = await worker.claimOne();
      await worker.settleAll([worker.dead(last)]);
      deepEqual(await bench.store.actions.retry([id]), ["dead"]);
      const { state, attempt, attempts, finishedAt } = (await bench.get(id))!;
      deepEqual([state, attempt, attempts, finishedAt], ["waiting", 0, 2, undefined]);
      const again = await worker.claimOne();
      deepEqual([again.id, again.attempt, again.suspect], [id, 1, false]);
      ok(again.fence > last.fence);
      deepEqual((await worker.turn([worker.completed(last, '"stale"')])).settled, [false]);
    },
  },
  {
    title: "retry tells the state each was in, and leaves the others as they are",
    run: async bench => {
      const worker = await bench.worker();
      await bench.enqueueAll([{ id: "completed" }, { id: "failed" }, { id: "running" }]);
      const [completed, failed] = await worker.claim();
      await worker.settleAll([worker.completed(completed!, '"kept"'), worker.failed(failed!, 60_000)]);
      await bench.enqueueAll([{ id: "waiting" }, { id: "delayed", delay: 60_000 }, { id: "cancelled" }]);
      await bench.store.actions.cancel(["cancelled"]);
      const ids = ["completed", "failed", "running", "waiting", "delayed", "cancelled", "nobody"];
      deepEqual(await bench.store.actions.retry(ids), ["completed", "failed", "running", "waiting", "delayed", "cancelled", undefined]);
      deepEqual(await bench.statesOf(ids), ["completed", "waiting", "running", "waiting", "delayed", "waiting", undefined]);
      equal((await bench.get("completed"))?.result, '"kept"');
      equal((await bench.get("running"))?.attempt, 1);
      deepEqual((await worker.claim()).map(({ id, attempt }) => [id, attempt]), [["failed", 1], ["waiting", 1], ["cancelled", 1]]); // prettier-ignore
    },
  },
  {
    title: "retry of a delayed action that was cancelled has it tried now",
    run: async bench => {
      const id = await bench.enqueue({ delay: 60_000 });
      await bench.store.actions.cancel([id]);
      await bench.store.actions.retry([id]);
      deepEqual(await (await bench.worker()).claimIds(), [id]);
    },
  },
  {
    title: "a retried action keeps its place in the order of storing",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }, { id: "c" }]);
      await bench.store.actions.cancel(["b"]);
      await bench.store.actions.retry(["b"]);
      deepEqual(await (await bench.worker()).claimIds(), ["a", "b", "c"]);
    },
  },
  {
    title: "a retried action waits for the one of its key that runs, and goes before those stored after it",
    run: async bench => {
      await bench.enqueueAll(["a", "b", "c"].map(id => ({ id, key: "k" })));
      const worker = await bench.worker();
      await worker.settleAll([worker.dead(await worker.claimOne())]);
      const b = await worker.claimOne();
      equal(b.id, "b");
      await bench.store.actions.retry(["a"]);
      deepEqual(await worker.claimIds(), []);
      await worker.complete(b);
      const next = await worker.claimOne();
      equal(next.id, "a");
      deepEqual(await worker.claimIds(), []);
      await worker.complete(next);
      deepEqual(await worker.claimIds(), ["c"]);
    },
  },
  {
    title: "a retried action whose key is free is let in at once",
    run: async bench => {
      await bench.enqueueAll(["a", "b"].map(id => ({ id, key: "k" })));
      await bench.store.actions.cancel(["a", "b"]);
      await bench.store.actions.retry(["b"]);
      await bench.store.actions.retry(["a"]);
      const worker = await bench.worker();
      const first = await worker.claimOne();
      equal(first.id, "b");
      deepEqual(await worker.claimIds(), []);
      await worker.complete(first);
      deepEqual(await worker.claimIds(), ["a"]);
    },
  },
  {
    title: "actions of one key that are retried together begin in the order they were stored, however they are named",
    run: async bench => {
      await bench.enqueueAll(["a", "b", "c"].map(id => ({ id, key: "k" })));
      await bench.store.actions.cancel(["a", "b", "c"]);
      deepEqual(await bench.store.actions.retry(["c", "a", "c", "nobody", "b"]), ["cancelled", "cancelled", "waiting", undefined, "cancelled"]);
      const worker = await bench.worker();
      for (const id of ["a", "b", "c"]) {
        const next = await worker.claimOne();
        equal(next.id, id);
        await worker.complete(next);
      }
    },
  },
  {
    title: "a failed action that is retried still holds its key",
    run: async bench => {
      await bench.enqueueAll(["a", "b"].map(id => ({ id, key: "k" })));
      const worker = await bench.worker();
      await worker.fail(await worker.claimOne(), 60_000);
      await bench.store.actions.retry(["a"]);
      const again = await worker.claim();
      deepEqual(again.map(({ id, attempt }) => [id, attempt]), [["a", 1]]); // prettier-ignore
      await worker.complete(again[0]!);
      deepEqual(await worker.claimIds(), ["b"]);
    },
  },
  {
    title: "a retried action is not deleted when its former retention is over",
    run: async bench => {
      const id = await bench.enqueue();
      await bench.kill(id, 1_000);
      await bench.store.actions.retry([id]);
      await bench.advance(10_000);
      deepEqual(await bench.store.actions.purge(10), { deleted: 0, cancelled: [] });
      equal(await bench.stateOf(id), "waiting");
    },
  },
  {
    title: "a chain whose steps have one key goes on where a step is retried, ahead of what was stored after it",
    run: async bench => {
      await bench.enqueueAll([
        { id: "first", key: "k" },
        { id: "second", key: "k", after: "first" },
        { id: "later", key: "k" },
      ]);
      const worker = await bench.worker();
      await worker.settleAll([worker.dead(await worker.claimOne())]);
      deepEqual(await worker.claimIds(), []);
      deepEqual(await bench.store.actions.retry(["first"]), ["dead"]);
      for (const id of ["first", "second", "later"]) {
        const next = await worker.claimOne();
        equal(next.id, id);
        deepEqual(await worker.claimIds(), []);
        await worker.complete(next);
      }
    },
  },
  {
    title: "two chains whose keys cross go on where both are retried",
    run: async bench => {
      await bench.enqueueAll([
        { id: "a1", key: "x" },
        { id: "a2", key: "y", after: "a1" },
        { id: "b1", key: "y" },
        { id: "b2", key: "x", after: "b1" },
      ]);
      await bench.store.actions.cancel(["a1", "b1"]);
      await bench.store.actions.retry(["a1", "b1"]);
      const worker = await bench.worker();
      const done: string[] = [];
      for (let n = 0; n < 4; n++) {
        const next = await worker.claim();
        done.push(...next.map(({ id }) => id));
        for (const action of next) await worker.complete(action);
      }
      deepEqual(done.toSorted(), ["a1", "a2", "b1", "b2"]);
    },
  },
];
