import { deepEqual, equal, ok } from "node:assert/strict";
import { retryDelay } from "../../../durable/retry-policy.ts";
import { seededChance } from "../../../time/chance.ts";
import type { StorePromise } from "./store-bench.ts";
import { day, work } from "./store-bench.ts";

/** When an action may begin. */
export const dueTimes: readonly StorePromise[] = [
  ...[10_000, 2 ** 31 - 1, 2 ** 31, 400 * day].map((delay): StorePromise => ({
    title: `an action delayed by ${delay} ms is not handed out before, and then is`,
    run: async bench => {
      const id = await bench.enqueue({ delay });
      const action = (await bench.get(id))!;
      equal(action.state, "delayed");
      ok(Math.abs(action.dueAt - action.enqueuedAt - delay) <= 1);
      deepEqual(await (await bench.worker()).claimIds(), []);
      await bench.advance(delay - 5_000);
      deepEqual(await (await bench.worker()).claimIds(), []);
      equal(await bench.stateOf(id), "delayed");
      await bench.advance(5_001);
      equal(await bench.stateOf(id), "waiting");
      deepEqual(await (await bench.worker()).claimIds(), [id]);
    },
  })),
  {
    title: "nothing is handed out before its time, and all of it is soon after",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 20 }, (_, n) => ({ id: `${n}`, delay: 100 * n + 0.5 })));
      const worker = await bench.worker();
      const begun = new Set<string>();
      for (let step = 0; step <= 40; step++) {
        const { claimed, now } = await worker.ask();
        for (const { id } of claimed) begun.add(id);
        for (const { id, state, dueAt } of await bench.store.actions.get(Array.from({ length: 20 }, (_, n) => `${n}`))) {
          if (state === "running") ok(dueAt <= now || !claimed.some(one => one.id === id), `${id} was handed out ${dueAt - now} ms before its time`);
          else ok(dueAt > now, `${id} was due ${now - dueAt} ms ago and was not handed out`);
        }
        await bench.advance(50);
      }
      equal(begun.size, 20);
    },
  },
  {
    title: "a delay of 1 ms, of a fraction, and of none",
    run: async bench => {
      const delays = [1, 0.25, 0];
      const ids: string[] = [];
      for (const delay of delays) {
        const id = await bench.enqueue({ delay });
        const { dueAt, enqueuedAt } = (await bench.get(id))!;
        ok(dueAt - enqueuedAt >= delay && dueAt - enqueuedAt <= Math.ceil(delay) + 1, `a delay of ${delay} ms makes it due after ${dueAt - enqueuedAt} ms`);
        ids.push(id);
      }
      await bench.advance(2);
      deepEqual(await (await bench.worker()).claimIds(), ids);
    },
  },
  {
    title: "`at` is a date on the store's clock; what has passed is due at once",
    run: async bench => {
      const { now } = await (await bench.worker()).ask();
      const later = await bench.enqueue({ at: now + 60_000 });
      const passed = [await bench.enqueue({ at: now - 60_000 }), await bench.enqueue({ at: 0 }), await bench.enqueue({ at: -day })];
      deepEqual(await (await bench.worker()).claimIds(), passed);
      equal((await bench.get(later))?.dueAt, now + 60_000);
      for (const id of passed) {
        const action = (await bench.get(id))!;
        ok(action.dueAt >= action.enqueuedAt, "an action is due no earlier than it was stored");
      }
      await bench.advance(60_001);
      deepEqual(await (await bench.worker()).claimIds(), [later]);
    },
  },
  {
    title: "1,000 that fail at once come due as far apart as their delays are: with those of the default backoff, at most 10 % in any 100 ms",
    run: async bench => {
      const ids = (await bench.enqueueAll(Array.from({ length: 1_000 }, () => ({})))).map(({ id }) => id);
      const worker = await bench.worker();
      const chance = seededChance(ids.length);
      const claimed = await worker.claim({ most: ids.length });
      await worker.settleAll(claimed.map(action => worker.failed(action, retryDelay(undefined, undefined, 1, chance.next()))));
      const due = (await bench.store.actions.get(ids)).map(({ dueAt }) => dueAt).toSorted((a, b) => a - b);
      equal(due.length, ids.length);
      for (const [index, from] of due.entries())
        ok((due[index + 100] ?? Infinity) - from > 100, `more than 100 of 1,000 come due within 100 ms, from ${from} on`);
    },
  },
  {
    title: "what comes due is handed out by priority and order of storing, not by when it came due",
    run: async bench => {
      const [late, early, high] = [
        await bench.enqueue({ delay: 2_000 }),
        await bench.enqueue({ delay: 1_000 }),
        await bench.enqueue({ delay: 3_000, priority: 1 }),
      ];
      const now = await bench.enqueue();
      await bench.advance(3_001);
      deepEqual(await (await bench.worker()).claimIds(), [high, late, early, now]);
    },
  },
  {
    title: "higher priorities are handed out first, of whatever queue; within one, the order of storing counts",
    run: async bench => {
      const priorities = [0, 5, -3, 5, 100, 0, -3, 2_147_483_647, -2_147_483_648];
      const ids = await bench.enqueueAll(priorities.map((priority, n) => ({ id: `${n}`, priority, queue: n % 2 === 0 ? work : "Other/thing@1" })));
      equal(ids.length, 9);
      const claimed = await (await bench.worker()).from(work, "Other/thing@1");
      deepEqual(claimed.map(({ id }) => id), ["7", "4", "1", "3", "0", "5", "2", "6", "8"]); // prettier-ignore
    },
  },
  {
    title: "dueIn is never later than the next that is due of what was asked for, and above 0",
    run: async bench => {
      const worker = await bench.worker();
      equal((await worker.ask()).dueIn, undefined);
      await bench.enqueue({ delay: 60_000 });
      await bench.enqueue({ delay: 20_000 });
      const { dueIn, claimed } = await worker.ask();
      deepEqual(claimed, []);
      ok(dueIn !== undefined && dueIn > 0 && dueIn <= 20_000, `dueIn is ${dueIn}`);
      await bench.enqueue();
      const taken = await worker.ask();
      equal(taken.claimed.length, 1);
      ok(taken.dueIn !== undefined && taken.dueIn > 0 && taken.dueIn <= 20_000, `dueIn is ${taken.dueIn} after a claim`);
      await worker.fail(taken.claimed[0]!, 5_000);
      const failed = await worker.ask();
      ok(failed.dueIn !== undefined && failed.dueIn > 0 && failed.dueIn <= 5_000, `dueIn is ${failed.dueIn} after a failure`);
    },
  },
  {
    title: "dueIn does not count what is due and waits for something else",
    run: async bench => {
      const worker = await bench.worker();
      await bench.enqueueAll([{ key: "k" }, { key: "k" }, { id: "first" }, { after: "first" }, { queue: "Paused/thing@1" }]);
      await bench.store.actions.pause({ service: "Paused" });
      const { claimed, dueIn } = await worker.ask({ queues: [{ queue: work }, { queue: "Paused/thing@1" }] });
      equal(claimed.length, 2);
      ok(dueIn === undefined || dueIn > 0);
    },
  },
  {
    title: "the store's now moves with its clock",
    run: async bench => {
      const worker = await bench.worker();
      const before = (await worker.ask()).now;
      await bench.advance(1_000_000);
      const passed = (await worker.turn([])).now - before;
      ok(passed >= 1_000_000 && passed < 1_060_000, `${passed} ms have passed`);
    },
  },
  {
    title: "now is the time that due times, turns and schedules go by, in milliseconds since the epoch",
    run: async bench => {
      const { store } = bench;
      const worker = await bench.worker();
      const times: number[] = [];
      for (const passes of [0, 1_000_000]) {
        await bench.advance(passes);
        times.push(await store.now(), (await worker.ask()).now, (await store.schedules.due(1)).now, await store.now());
      }
      deepEqual(
        times,
        times.toSorted((one, other) => one - other),
      );
      const passed = times.at(-1)! - times[0]!;
      ok(passed >= 1_000_000 && passed < 1_060_000, `${passed} ms have passed`);
      const id = await bench.enqueue({ at: (await store.now()) + 60_000 });
      equal(await bench.stateOf(id), "delayed");
      await bench.advance(60_001);
      equal(await bench.stateOf(id), "waiting");
    },
  },
];
