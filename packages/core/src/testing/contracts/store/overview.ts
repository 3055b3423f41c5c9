import { deepEqual, equal, ok } from "node:assert/strict";
import type { QueueCount } from "../../../durable/store/stored-action.ts";
import { actionStates } from "../../../durable/store/stored-action.ts";
import type { StoreBench, StorePromise } from "./store-bench.ts";
import { day, work } from "./store-bench.ts";

/** One action in each state, named after it, and a second kind of action. */
async function oneOfEach(bench: StoreBench): Promise<void> {
  const worker = await bench.worker();
  await bench.enqueueAll(["completed", "dead", "failed", "running"].map(id => ({ id })));
  const [completed, dead, failed] = await worker.claim();
  await worker.settleAll([worker.completed(completed!), worker.dead(dead!), worker.failed(failed!, 60_000)]);
  await bench.enqueueAll([
    { id: "cancelled" },
    { id: "waiting" },
    { id: "delayed", delay: 60_000 },
    { id: "other", queue: "Bench/other@1" },
    { id: "foreign", queue: "Foreign/work@2" },
  ]);
  await bench.store.actions.cancel(["cancelled"]);
}

const byQueue = (counts: readonly QueueCount[]): readonly QueueCount[] =>
  counts
    .toSorted((one, other) => (`${one.queue} ${one.state}` < `${other.queue} ${other.state}` ? -1 : 1))
    .map(({ queue, state, count }) => ({ queue, state, count }));

/** Pauses, lists, counts and retention. */
export const overview: readonly StorePromise[] = [
  {
    title: "nothing of a paused service is handed out until it is resumed; what is under way goes on",
    run: async bench => {
      const { actions } = bench.store;
      await bench.enqueueAll([{ id: "a" }, { id: "b" }, { id: "c", queue: "Bench/other@1" }, { id: "d", queue: "Benches/work@1" }]);
      const worker = await bench.worker();
      const running = await worker.claimOne();
      await actions.pause({ service: "Bench" });
      await actions.pause({ service: "Bench" });
      deepEqual(await actions.paused(), [{ service: "Bench" }]);
      deepEqual((await worker.from(work, "Bench/other@1", "Benches/work@1")).map(({ id }) => id), ["d"]); // prettier-ignore
      await worker.complete(running);
      await actions.resume({ service: "Bench" });
      deepEqual(await actions.paused(), []);
      deepEqual((await worker.from(work, "Bench/other@1")).map(({ id }) => id), ["b", "c"]); // prettier-ignore
    },
  },
  {
    title: "an action is paused in all its versions, and by itself",
    run: async bench => {
      const { actions } = bench.store;
      await bench.enqueueAll([{ id: "a" }, { id: "b", queue: "Bench/work@2" }, { id: "c", queue: "Bench/other@1" }]);
      const queues = [work, "Bench/work@2", "Bench/other@1"];
      await actions.pause({ service: "Bench", action: "work" });
      await actions.pause({ service: "Bench" });
      const worker = await bench.worker();
      deepEqual(await worker.from(...queues), []);
      await actions.resume({ service: "Bench" });
      deepEqual(await actions.paused(), [{ service: "Bench", action: "work" }]);
      deepEqual((await worker.from(...queues)).map(({ id }) => id), ["c"]); // prettier-ignore
      await actions.resume({ service: "Bench", action: "other" });
      deepEqual(await worker.from(...queues), []);
      await actions.resume({ service: "Bench", action: "work" });
      deepEqual((await worker.from(...queues)).map(({ id }) => id), ["a", "b"]); // prettier-ignore
    },
  },
  {
    title: "list finds by state, service and action, the last stored first",
    run: async bench => {
      await oneOfEach(bench);
      const { actions } = bench.store;
      const all = ["foreign", "other", "delayed", "waiting", "cancelled", "running", "failed", "dead", "completed"];
      const ids = async (filter: Parameters<typeof actions.list>[0]): Promise<readonly string[]> => (await actions.list(filter)).actions.map(({ id }) => id);
      deepEqual(await ids({}), all);
      for (const state of actionStates) deepEqual(await ids({ state, action: "work", service: "Bench" }), [state]);
      deepEqual(await ids({ state: "waiting" }), ["foreign", "other", "waiting"]);
      deepEqual(await ids({ service: "Foreign" }), ["foreign"]);
      deepEqual(await ids({ action: "other" }), ["other"]);
      deepEqual(await ids({ service: "Foreign", action: "other" }), []);
      deepEqual(await ids({ service: "bench" }), []);
      const [listed] = (await actions.list({ state: "dead" })).actions;
      deepEqual(listed, await bench.get("dead"));
    },
  },
  {
    title: "list and counts see a delayed action wait once its time has come",
    run: async bench => {
      await bench.enqueueAll([
        { id: "a", delay: 60_000 },
        { id: "b", delay: 60_000, key: "k" },
        { id: "c", delay: 1, key: "k" },
        { id: "d", delay: 600_000_000 },
      ]);
      await bench.advance(60_001);
      const { actions } = bench.store;
      deepEqual((await actions.list({ state: "waiting" })).actions.map(({ id }) => id), ["c", "b", "a"]); // prettier-ignore
      deepEqual((await actions.list({ state: "delayed" })).actions.map(({ id }) => id), ["d"]); // prettier-ignore
      deepEqual(byQueue(await actions.counts()), [{ queue: work, state: "delayed", count: 1 }, { queue: work, state: "waiting", count: 3 }]); // prettier-ignore
    },
  },
  {
    title: "list pages through everything once, whatever is stored meanwhile",
    run: async bench => {
      const ids = Array.from({ length: 25 }, (_, n) => `${n}`);
      await bench.enqueueAll(ids.map(id => ({ id })));
      const seen: string[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await bench.store.actions.list({ limit: 10, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.actions.map(({ id }) => id));
        cursor = page.next;
        pages++;
        await bench.enqueue();
      } while (cursor !== undefined && pages < 10);
      equal(pages, 3);
      deepEqual(seen, ids.toReversed());
    },
  },
  {
    title: "the last page has no next, though it is full; without a limit a page has 100",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 101 }, () => ({ queue: "Many/work@1" })));
      await bench.enqueueAll([{}, {}]);
      const { actions } = bench.store;
      const two = await actions.list({ limit: 2, service: "Bench" });
      deepEqual([two.actions.length, two.next], [2, undefined]);
      const first = await actions.list({ service: "Many" });
      equal(first.actions.length, 100);
      ok(first.next !== undefined);
      const second = await actions.list({ service: "Many", cursor: first.next });
      deepEqual([second.actions.length, second.next], [1, undefined]);
      equal((await actions.list({ limit: 1_000 })).actions.length, 103);
      deepEqual(await actions.list({ service: "Nobody" }), { actions: [] });
    },
  },
  {
    title: "list pages through what is left when some of it goes",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 9 }, (_, n) => ({ id: `${n}` })));
      const { actions } = bench.store;
      const first = await actions.list({ limit: 3 });
      await actions.cancel(["6", "5", "4"], 0);
      const second = await actions.list({ limit: 3, cursor: first.next! });
      deepEqual(second.actions.map(({ id }) => id), ["3", "2", "1"]); // prettier-ignore
    },
  },
  {
    title: "counts tells how many stand in each state of each queue, but of completed ones",
    run: async bench => {
      deepEqual(await bench.store.actions.counts(), []);
      await oneOfEach(bench);
      await bench.enqueue();
      deepEqual(
        byQueue(await bench.store.actions.counts()),
        byQueue([
          ...(["dead", "failed", "running", "cancelled", "delayed"] as const).map(state => ({ queue: work, state, count: 1 })),
          { queue: work, state: "waiting", count: 2 },
          { queue: "Bench/other@1", state: "waiting", count: 1 },
          { queue: "Foreign/work@2", state: "waiting", count: 1 },
        ]),
      );
    },
  },
  {
    title: "purge deletes what has been kept long enough, at most its limit, and nothing else",
    run: async bench => {
      await oneOfEach(bench);
      await bench.enqueueAll(Array.from({ length: 5 }, (_, n) => ({ id: `short ${n}`, queue: "Short/work@1" })));
      const worker = await bench.worker();
      for (const action of await worker.from("Short/work@1")) await worker.complete(action, undefined, 60_000);
      const { actions } = bench.store;
      deepEqual(await actions.purge(100), { deleted: 0, cancelled: [] });
      await bench.advance(60_001);
      deepEqual(await actions.purge(3), { deleted: 3, cancelled: [] });
      deepEqual(await actions.purge(100), { deleted: 2, cancelled: [] });
      deepEqual(await actions.purge(100), { deleted: 0, cancelled: [] });
      deepEqual((await actions.list({})).actions.length, 9);
      await bench.advance(day);
      deepEqual(await actions.purge(100), { deleted: 2, cancelled: [] });
      deepEqual(await bench.statesOf(["completed", "dead", "cancelled", "failed"]), [undefined, undefined, "cancelled", "failed"]);
    },
  },
  {
    title: "purge reaches a retention of a hundred years only when they are over",
    run: async bench => {
      const id = await bench.enqueue();
      const worker = await bench.worker();
      await worker.complete(await worker.claimOne(), undefined, 36_500 * day);
      await bench.advance(36_499 * day);
      deepEqual(await bench.store.actions.purge(10), { deleted: 0, cancelled: [] });
      await bench.advance(2 * day);
      deepEqual(await bench.store.actions.purge(10), { deleted: 1, cancelled: [] });
      equal(await bench.get(id), undefined);
    },
  },
];
