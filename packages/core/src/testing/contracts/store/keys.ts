import { deepEqual, equal, ok } from "node:assert/strict";
import type { StorePromise } from "./store-bench.ts";
import { work } from "./store-bench.ts";

/** Order and limits by key. */
export const keys: readonly StorePromise[] = [
  {
    title: "actions of one key are handed out one at a time, in the order of storing, whatever their priority and queue",
    run: async bench => {
      const [a, b, c] = [
        await bench.enqueue({ key: "k" }),
        await bench.enqueue({ key: "k", priority: 9, queue: "Other/thing@1" }),
        await bench.enqueue({ key: "k", priority: 5 }),
      ];
      const other = await bench.enqueue({ key: "another", priority: -1 });
      const worker = await bench.worker();
      const [first, beside, ...none] = await worker.from(work, "Other/thing@1");
      deepEqual([first!.id, beside!.id, none.length], [a, other, 0]);
      equal(await bench.stateOf(b), "waiting");
      await worker.complete(first!);
      const [second] = await worker.from(work, "Other/thing@1");
      equal(second!.id, b);
      await worker.complete(second!);
      deepEqual(await worker.claimIds(), [c]);
    },
  },
  {
    title: "an action whose key has become free is handed out in the turn that freed it",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", key: "k" }, { id: "b", key: "k" }]); // prettier-ignore
      const worker = await bench.worker();
      const first = await worker.claimOne();
      const { settled, claimed } = await worker.turn([worker.completed(first)], { queues: [{ queue: work }], most: 5, suspect: false });
      deepEqual(settled, [true]);
      deepEqual(claimed.map(({ id }) => id), ["b"]); // prettier-ignore
    },
  },
  {
    title: "a failed action keeps its key, through its wait and its retry",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", key: "k" }, { id: "b", key: "k" }]); // prettier-ignore
      const worker = await bench.worker();
      await worker.fail(await worker.claimOne(), 60_000);
      deepEqual(await worker.claimIds(), []);
      await bench.advance(60_001);
      const [again, ...none] = await (await bench.worker()).claim();
      deepEqual([again!.id, again!.attempt, none.length], ["a", 2, 0]);
    },
  },
  {
    title: "a delayed action holds up those of its key that were stored after it",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", key: "k", delay: 60_000 }, { id: "b", key: "k" }, { id: "c" }]); // prettier-ignore
      const worker = await bench.worker();
      deepEqual(await worker.claimIds(), ["c"]);
      await bench.advance(60_001);
      deepEqual(await (await bench.worker()).claimIds(), ["a"]);
    },
  },
  {
    title: "one that stood in line, and whose own time comes later, waits for both",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", key: "k" }, { id: "b", key: "k", delay: 60_000 }, { id: "c", key: "k" }]); // prettier-ignore
      const worker = await bench.worker();
      equal(await bench.stateOf("b"), "delayed");
      await worker.complete(await worker.claimOne());
      deepEqual(await worker.claimIds(), []);
      await bench.advance(60_001);
      const next = await bench.worker();
      const second = await next.claimOne();
      equal(second.id, "b");
      deepEqual(await next.claimIds(), []);
      await next.complete(second);
      deepEqual(await next.claimIds(), ["c"]);
    },
  },
  ...(["completed", "dead", "cancelled", "deleted"] as const).map((outcome): StorePromise => ({
    title: `a key goes to the next when its action is ${outcome}`,
    run: async bench => {
      await bench.enqueueAll([{ id: "a", key: "k" }, { id: "b", key: "k" }]); // prettier-ignore
      const worker = await bench.worker();
      const first = await worker.claimOne();
      const settlement = outcome === "deleted" ? worker.completed(first, undefined, 0) : worker[outcome](first);
      await worker.settleAll([settlement]);
      deepEqual(await worker.claimIds(), ["b"]);
    },
  })),
  {
    title: "a key goes to the next when its first is cancelled before it begins, and the line closes up where one in it is",
    run: async bench => {
      await bench.enqueueAll(["a", "b", "c", "d"].map(id => ({ id, key: "k" })));
      deepEqual(await bench.store.actions.cancel(["b", "a"]), ["cancelled", "cancelled"]);
      const worker = await bench.worker();
      const first = await worker.claimOne();
      equal(first.id, "c");
      deepEqual(await worker.claimIds(), []);
      await worker.complete(first);
      deepEqual(await worker.claimIds(), ["d"]);
    },
  },
  {
    title: "a released or recovered action keeps its key",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", key: "k" }, { id: "b", key: "k" }]); // prettier-ignore
      const worker = await bench.worker();
      await worker.settleAll([worker.released(await worker.claimOne())]);
      const again = await worker.claim();
      deepEqual(again.map(({ id }) => id), ["a"]); // prettier-ignore
      await bench.lose(worker);
      deepEqual(await (await bench.worker()).claimIds(), ["a"]);
    },
  },
  {
    title: "a key goes to the next when recovery finds its action dead",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", key: "k", attempts: 1 }, { id: "b", key: "k" }]); // prettier-ignore
      const worker = await bench.worker();
      await worker.claimOne();
      deepEqual((await bench.lose(worker)).map(({ id, state }) => [id, state]), [["a", "dead"]]); // prettier-ignore
      deepEqual(await (await bench.worker()).claimIds(), ["b"]);
    },
  },
  {
    title: "keyLimit lets in so many at once, in the order of storing",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 7 }, (_, n) => ({ id: `${n}`, key: "k", keyLimit: 3, priority: n })));
      const worker = await bench.worker();
      const begun = await worker.claim();
      deepEqual(begun.map(({ id }) => id).sort(), ["0", "1", "2"]); // prettier-ignore
      await worker.complete(begun.find(({ id }) => id === "1")!);
      await worker.fail(
        begun.find(({ id }) => id === "0")!,
        60_000,
      );
      deepEqual(await worker.claimIds(), ["3"]);
      await bench.store.actions.cancel(["0"]);
      deepEqual(await worker.claimIds(), ["4"]);
    },
  },
  {
    title: "where limits of one key differ, all of them have their turn, and no more at once than the greatest",
    run: async bench => {
      const limits = [1, 3, 2, 1, 3, 1, 2];
      await bench.enqueueAll(limits.map((keyLimit, n) => ({ id: `${n}`, key: "k", keyLimit })));
      const worker = await bench.worker();
      let done = 0;
      for (let round = 0; round < limits.length && done < limits.length; round++) {
        const claimed = await worker.claim();
        ok(claimed.length > 0 && claimed.length <= 3, `${claimed.length} were let in`);
        for (const action of claimed) await worker.complete(action);
        done += claimed.length;
      }
      equal(done, limits.length);
    },
  },
  {
    title: "200 keys of five actions each keep their order while ten workers work them off",
    run: async bench => {
      const keysOf = 200;
      await bench.enqueueAll(Array.from({ length: keysOf * 5 }, (_, n) => ({ id: `${n % keysOf}:${Math.floor(n / keysOf)}`, key: `key ${n % keysOf}` })));
      const workers = await Promise.all(Array.from({ length: 10 }, () => bench.worker()));
      const seen = new Map<string, number>();
      const running = new Set<string>();
      await Promise.all(
        workers.map(async worker => {
          for (let claimed = await worker.claim({ most: 20 }); claimed.length > 0; claimed = await worker.claim({ most: 20 })) {
            for (const { id } of claimed) {
              const [key, number] = id.split(":") as [string, string];
              equal(running.has(key), false, `two of key ${key} ran at once`);
              running.add(key);
              equal(Number(number), seen.get(key) ?? 0, `key ${key} was begun out of order`);
              seen.set(key, Number(number) + 1);
            }
            for (const { id } of claimed) running.delete(id.split(":")[0]!); // before the store can give the next
            await worker.settleAll(claimed.map(action => worker.completed(action)));
          }
        }),
      );
      const last = await bench.worker();
      deepEqual(await last.claimIds(), []);
      equal([...seen.values()].reduce((sum, count) => sum + count, 0), keysOf * 5); // prettier-ignore
    },
  },
];
