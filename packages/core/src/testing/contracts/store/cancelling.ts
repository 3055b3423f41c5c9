import { deepEqual, equal } from "node:assert/strict";
import type { StorePromise } from "./store-bench.ts";

/** Actions that are not wanted any more. */
export const cancelling: readonly StorePromise[] = [
  {
    title: "cancel ends what waits, is delayed, has failed or waits for its key or chain, and answers in order",
    run: async bench => {
      const worker = await bench.worker();
      await bench.enqueue({ id: "failed" });
      await worker.fail(await worker.claimOne(), 60_000);
      await bench.enqueueAll([
        { id: "waiting", key: "k" },
        { id: "delayed", delay: 1_000 },
        { id: "in line", key: "k" },
        { id: "chained", after: "waiting" },
      ]);
      const ids = ["waiting", "delayed", "failed", "in line", "chained"];
      deepEqual(await bench.store.actions.cancel([...ids, "nobody"]), ["cancelled", "cancelled", "cancelled", "cancelled", "cancelled", "unknown"]);
      deepEqual(await bench.statesOf(ids), ids.map(() => "cancelled")); // prettier-ignore
      await bench.advance(60_001);
      deepEqual(await (await bench.worker()).claimIds(), []);
      deepEqual(await bench.store.actions.cancel(ids), ids.map(() => "finished")); // prettier-ignore
      equal(typeof (await bench.get("waiting"))?.finishedAt, "number");
    },
  },
  {
    title: "cancel leaves an outcome as it is",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      const worker = await bench.worker();
      const [a, b] = await worker.claim();
      await worker.settleAll([worker.completed(a!, '"kept"'), worker.dead(b!)]);
      deepEqual(await bench.store.actions.cancel(["a", "b"]), ["finished", "finished"]);
      deepEqual(await bench.statesOf(["a", "b"]), ["completed", "dead"]);
      equal((await bench.get("a"))?.result, '"kept"');
    },
  },
  {
    title: "cancelling what runs asks its worker, at each renewal until it has settled",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      const [one, other] = [await bench.worker(), await bench.worker()];
      const a = await one.claimOne();
      await other.claimOne();
      deepEqual(await bench.store.actions.cancel(["a"]), ["requested"]);
      deepEqual(await bench.store.actions.cancel(["a"]), ["requested"]);
      const running = (await bench.get("a"))!;
      deepEqual([running.state, running.cancelRequested], ["running", true]);
      deepEqual(await bench.store.actions.renew(one.id), { held: true, cancelled: ["a"] });
      deepEqual(await bench.store.actions.renew(one.id), { held: true, cancelled: ["a"] });
      deepEqual(await bench.store.actions.renew(other.id), { held: true, cancelled: [] });
      await one.settleAll([one.cancelled(a)]);
      deepEqual(await bench.store.actions.renew(one.id), { held: true, cancelled: [] });
      equal(await bench.stateOf("a"), "cancelled");
    },
  },
  {
    title: "what was to be cancelled may complete or die all the same",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      const worker = await bench.worker();
      const [a, b] = await worker.claim();
      await bench.store.actions.cancel(["a", "b"]);
      await worker.settleAll([worker.completed(a!, '"done"'), worker.dead(b!)]);
      deepEqual(await bench.statesOf(["a", "b"]), ["completed", "dead"]);
    },
  },
  {
    title: "what was to be cancelled and fails, is released or loses its worker is not tried again",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }, { id: "c", key: "k" }, { id: "next", key: "k" }]);
      const worker = await bench.worker();
      const [a, b] = await worker.claim();
      await bench.store.actions.cancel(["a", "b", "c"], 60_000);
      deepEqual((await worker.turn([worker.failed(a!), worker.released(b!)])).settled, [true, true]);
      deepEqual(await bench.lose(worker), [{ id: "c", queue: "Bench/work@1", attempt: 1, state: "cancelled" }]);
      deepEqual(await bench.statesOf(["a", "b", "c"]), ["cancelled", "cancelled", "cancelled"]);
      equal((await bench.get("a"))?.error?.code, "SORA_TEST");
      deepEqual(await (await bench.worker()).claimIds(), ["next"]);
      deepEqual(await bench.store.actions.purge(10), { deleted: 0, cancelled: [] });
      await bench.advance(60_001);
      deepEqual(await bench.store.actions.purge(10), { deleted: 3, cancelled: [] });
    },
  },
  {
    title: "what is cancelled is kept as long as was asked for, and for 0 ms not at all",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }, { id: "c" }]);
      deepEqual(await bench.store.actions.cancel(["a"], 0), ["cancelled"]);
      equal(await bench.get("a"), undefined);
      deepEqual(await bench.store.actions.cancel(["b"], 1_000), ["cancelled"]);
      deepEqual(await bench.store.actions.cancel(["c"]), ["cancelled"]);
      await bench.advance(10_000_000_000);
      deepEqual(await bench.store.actions.purge(10), { deleted: 1, cancelled: [] });
      deepEqual(await bench.statesOf(["b", "c"]), [undefined, "cancelled"]);
    },
  },
  {
    title: "a retried action is no longer to be cancelled",
    run: async bench => {
      const id = await bench.enqueue();
      const worker = await bench.worker();
      const claimed = await worker.claimOne();
      await bench.store.actions.cancel([id]);
      await worker.settleAll([worker.cancelled(claimed)]);
      await bench.store.actions.retry([id]);
      equal((await bench.get(id))?.cancelRequested, false);
      const again = await worker.claimOne();
      deepEqual(await bench.store.actions.renew(worker.id), { held: true, cancelled: [] });
      await worker.fail(again);
      equal(await bench.stateOf(id), "failed");
    },
  },
];
