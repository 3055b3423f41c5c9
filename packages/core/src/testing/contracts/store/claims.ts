import { deepEqual, equal, ok } from "node:assert/strict";
import type { QueueClaim } from "../../../durable/store/worker-turn.ts";
import type { StorePromise } from "./store-bench.ts";
import { work } from "./store-bench.ts";

/** Who is given what, and how much of it. */
export const claims: readonly StorePromise[] = [
  {
    title: "a claim gives what its queues hold, and nothing of another name or version",
    run: async bench => {
      const queues = ["Bench/work@1", "Bench/work@2", "Bench/work-more@1", "Bench/w@1", "bench/work@1", "Other/work@1"];
      await bench.enqueueAll(queues.map(queue => ({ id: queue, queue })));
      const worker = await bench.worker();
      deepEqual((await worker.from("Bench/work@1")).map(({ id }) => id), ["Bench/work@1"]); // prettier-ignore
      deepEqual((await worker.from("Nobody/nothing@1")).length, 0);
      deepEqual(await worker.claim({ queues: [] }), []);
      deepEqual((await worker.from("Bench/w@1", "Other/work@1")).map(({ id }) => id), ["Bench/w@1", "Other/work@1"]); // prettier-ignore
    },
  },
  {
    title: "a claim gives no more in all, and of each queue, than was asked for",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 30 }, (_, n) => ({ id: `${n}`, queue: n % 3 === 0 ? "A/a@1" : n % 3 === 1 ? "B/b@1" : "C/c@1" })));
      const worker = await bench.worker();
      const claimed = await worker.claim({ queues: [{ queue: "A/a@1", most: 2 }, { queue: "B/b@1", most: 3 }, { queue: "C/c@1" }], most: 12 }); // prettier-ignore
      deepEqual(claimed.map(({ id }) => Number(id)), [0, 1, 2, 3, 4, 5, 7, 8, 11, 14, 17, 20]); // prettier-ignore
    },
  },
  {
    title: "what is claimed ahead follows what begins at once, in the same order over all queues, as an attempt like any",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 9 }, (_, n) => ({ id: `${n}`, queue: n % 2 === 0 ? "A/a@1" : "B/b@1", priority: n === 8 ? 1 : 0 })));
      const [one, other] = [await bench.worker(), await bench.worker()];
      const queues = [{ queue: "A/a@1" }, { queue: "B/b@1" }];
      const claimed = await one.claim({ queues, most: 2, ahead: 3 });
      deepEqual(claimed.map(({ id, attempt }) => `${id} ${attempt}`), ["8 1", "0 1", "1 1", "2 1", "3 1"]); // prettier-ignore
      deepEqual(await other.claimIds({ queues, most: 0, ahead: 2 }), ["4", "5"]);
      deepEqual(await other.claimIds({ queues, most: 2, ahead: 5 }), ["6", "7"]);
      await one.settleAll(claimed.map(action => (action.id === "8" ? one.completed(action) : one.released(action))));
      deepEqual((await other.claim({ queues, most: 1, ahead: 9 })).map(({ id, attempt }) => `${id} ${attempt}`), ["0 1", "1 1", "2 1", "3 1"]); // prettier-ignore
    },
  },
  {
    title: "nothing in its last attempt is claimed ahead",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", attempts: 1 }, { id: "b" }, { id: "c", attempts: 1 }, { id: "d" }]);
      const [one, other] = [await bench.worker(), await bench.worker()];
      deepEqual(await one.claimIds({ most: 1, ahead: 9 }), ["a", "b"]);
      deepEqual(await other.claimIds({ most: 0, ahead: 9 }), []);
      deepEqual(await other.claimIds({ most: 1, ahead: 9 }), ["c", "d"]);
    },
  },
  {
    title: "no suspect is claimed ahead, and nothing of a queue beyond its most or its rate",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", queue: "B/b@1" }, { id: "c", queue: "B/b@1" }, { id: "d", queue: "C/c@1" }, { id: "e", queue: "C/c@1" }]);
      const lost = await bench.worker();
      equal((await lost.claimOne()).id, "a");
      await bench.lose(lost);
      const worker = await bench.worker();
      const queues = [{ queue: work }, { queue: "B/b@1", most: 1 }, { queue: "C/c@1", rate: { name: "r", limit: 1, per: 400_000 } }];
      deepEqual((await worker.claimIds({ queues, most: 0, ahead: 9 })).length, 0);
      deepEqual((await worker.claimIds({ queues, most: 9, ahead: 9 })).toSorted(), ["a", "b", "d"]);
    },
  },
  {
    title: "what may not be claimed ahead is not overtaken by what may",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", queue: "B/b@1" }, { id: "c" }, { id: "d", queue: "C/c@1" }, { id: "e" }]);
      const worker = await bench.worker();
      const limited = [{ queue: work }, { queue: "B/b@1", most: 1 }];
      ok(!(await worker.claimIds({ queues: limited, most: 0, ahead: 9 })).includes("c"));
      const rated = [{ queue: work }, { queue: "C/c@1", rate: { name: "r", limit: 1, per: 400_000 } }];
      ok(!(await worker.claimIds({ queues: rated, most: 0, ahead: 9 })).includes("e"));
    },
  },
  {
    title: "a queue that has had its most holds up none of lower priority elsewhere",
    run: async bench => {
      await bench.enqueueAll([
        { id: "a", queue: "A/a@1", priority: 9 },
        { id: "b", queue: "A/a@1", priority: 9 },
        { id: "c", queue: "B/b@1", priority: -9 },
      ]);
      const worker = await bench.worker();
      deepEqual((await worker.from({ queue: "A/a@1", most: 1 }, "B/b@1")).map(({ id }) => id), ["a", "c"]); // prettier-ignore
    },
  },
  {
    title: "of queues in one group no more is given together than the group allows, the most urgent first over all of them, and others are not held up",
    run: async bench => {
      await bench.enqueueAll([
        { id: "a1", queue: "A/a@1" },
        { id: "b1", queue: "A/b@1", priority: 5 },
        { id: "c1", queue: "C/c@1", priority: -9 },
        { id: "a2", queue: "A/a@1", priority: 5 },
        { id: "b2", queue: "A/b@1", priority: 1 },
        { id: "a3", queue: "A/a@1", priority: 1 },
        { id: "a4", queue: "A/a@1" },
        { id: "c2", queue: "C/c@1", priority: 9 },
      ]);
      const groups = [{ name: "A", most: 3 }];
      const queues = [{ queue: "A/a@1", groups }, { queue: "A/b@1", groups }, { queue: "C/c@1" }]; // prettier-ignore
      const worker = await bench.worker();
      deepEqual(await worker.claimIds({ queues, most: 2 }), ["c2", "b1"]);
      deepEqual(await worker.claimIds({ queues }), ["a2", "b2", "a3", "c1"]);
      deepEqual(await worker.claimIds({ queues }), ["a1", "a4"]);
    },
  },
  {
    title: "a group gives one where it allows one, however many of its queues have some and are asked for",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 20 }, (_, n) => ({ id: `${n}`, queue: `A/${"abcd"[n % 4]}@1` })));
      const queues = ["a", "b", "c", "d"].map(action => ({ queue: `A/${action}@1`, groups: [{ name: "A", most: 1 }] }));
      for (const expected of ["0", "1", "2"]) deepEqual(await (await bench.worker()).claimIds({ queues }), [expected]);
    },
  },
  {
    title: "a queue in two groups is limited by each, and what one of them holds up takes nothing from the other",
    run: async bench => {
      await bench.enqueueAll([
        { id: "a1", queue: "A/a@1" },
        { id: "a2", queue: "A/a@2" },
        { id: "a3", queue: "A/a@1" },
        { id: "b1", queue: "A/b@1" },
        { id: "a4", queue: "A/a@2" },
        { id: "b2", queue: "A/b@1" },
        { id: "b3", queue: "A/b@1" },
        { id: "c1", queue: "B/c@1" },
        { id: "c2", queue: "B/c@1" },
        { id: "c3", queue: "B/c@1" },
      ]);
      const [ofAction, ofService, across] = [{ name: "A/a", most: 2 }, { name: "A", most: 4 }, { name: "across", most: 3 }]; // prettier-ignore
      const queues = [
        { queue: "A/a@1", groups: [ofAction, ofService] },
        { queue: "A/a@2", groups: [ofService, ofAction] },
        { queue: "A/b@1", groups: [ofService, across] },
        { queue: "B/c@1", groups: [across] },
      ];
      const [one, other] = [await bench.worker(), await bench.worker()];
      deepEqual(await one.claimIds({ queues }), ["a1", "a2", "b1", "b2", "c1"]);
      deepEqual(await other.claimIds({ queues }), ["a3", "a4", "b3", "c2", "c3"]);
    },
  },
  {
    title: "a group holds beside the most of each of its queues",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 12 }, (_, n) => ({ id: `${n}`, queue: `A/${"abc"[n % 3]}@1` })));
      const groups = [{ name: "A", most: 4 }];
      const queues = [{ queue: "A/a@1", most: 1, groups }, { queue: "A/b@1", groups }, { queue: "A/c@1", most: 0, groups }]; // prettier-ignore
      deepEqual(await (await bench.worker()).claimIds({ queues }), ["0", "1", "4", "7"]);
    },
  },
  {
    title: "a group and a rate hold each, no token is taken for what the group leaves, and what the rate leaves is no one's place in the group",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 12 }, (_, n) => ({ id: `${n}`, queue: `A/${"abc"[n % 3]}@1` })));
      const rate = { name: "r", limit: 3, per: 36_000_000 };
      const claimOf = (most: number): readonly QueueClaim[] => [
        { queue: "A/a@1", rate, groups: [{ name: "A", most }] },
        { queue: "A/b@1", rate, groups: [{ name: "A", most }] },
        { queue: "A/c@1", groups: [{ name: "A", most }] },
      ];
      const worker = await bench.worker();
      deepEqual(await worker.claimIds({ queues: claimOf(2) }), ["0", "1"]);
      deepEqual(await worker.claimIds({ queues: claimOf(4) }), ["2", "3", "5", "8"]);
      deepEqual(await worker.claimIds({ queues: claimOf(4) }), ["11"]);
    },
  },
  {
    title: "a suspect counts in its group, and is not given where the group is used up",
    run: async bench => {
      await bench.enqueueAll([{ id: "a1", queue: "A/a@1" }, { id: "b1", queue: "A/b@1" }]); // prettier-ignore
      const lost = await bench.worker();
      equal((await lost.from("A/a@1", "A/b@1")).length, 2);
      await bench.lose(lost);
      await bench.enqueueAll([{ id: "a2", queue: "A/a@1" }, { id: "b2", queue: "A/b@1" }, { id: "b3", queue: "A/b@1", priority: 1 }]); // prettier-ignore
      const groups = [{ name: "A", most: 1 }];
      const queues = [{ queue: "A/a@1", groups }, { queue: "A/b@1", groups }]; // prettier-ignore
      const worker = await bench.worker();
      deepEqual(await worker.claimIds({ queues, suspect: true }), ["b3"]);
      const [suspect, ...others] = await worker.claim({ queues, suspect: true });
      deepEqual([suspect?.id, suspect?.suspect, others.length], ["a1", true, 0]);
      deepEqual(await worker.claimIds({ queues, suspect: false }), ["a2"]);
      const two = queues.map(({ queue }) => ({ queue, groups: [{ name: "A", most: 2 }] }));
      deepEqual(await worker.claimIds({ queues: two, suspect: true }), ["b1", "b2"]);
    },
  },
  {
    title: "a suspect of a queue that is used up by what is more urgent is no hindrance to that of another",
    run: async bench => {
      await bench.enqueueAll([{ id: "a1", queue: "A/a@1" }, { id: "b1", queue: "A/b@1" }]); // prettier-ignore
      const lost = await bench.worker();
      equal((await lost.from("A/a@1", "A/b@1")).length, 2);
      await bench.lose(lost);
      await bench.enqueueAll([{ id: "a2", queue: "A/a@1", priority: 1 }]);
      const queues = [{ queue: "A/a@1", most: 1 }, { queue: "A/b@1", most: 1 }]; // prettier-ignore
      const claimed = await (await bench.worker()).claim({ queues, suspect: true });
      deepEqual(claimed.map(({ id, suspect }) => [id, suspect]), [["a2", false], ["b1", true]]); // prettier-ignore
    },
  },
  {
    title: "nothing of a queue in a group is claimed ahead, nor what is behind it",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b", queue: "B/b@1" }, { id: "c" }]);
      const worker = await bench.worker();
      const queues = [{ queue: work }, { queue: "B/b@1", groups: [{ name: "B", most: 1 }] }];
      const ids = await worker.claimIds({ queues, most: 0, ahead: 9 });
      ok(!ids.includes("b") && !ids.includes("c"), `it was given ${ids.join()}`);
    },
  },
  {
    title: "what has been handed out is handed out to nobody else",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      const [one, other] = [await bench.worker(), await bench.worker()];
      const claimed = await one.claimOne();
      equal(claimed.id, "a");
      const { state, worker, attempt, startedAt } = (await bench.get("a"))!;
      deepEqual([state, worker, attempt, typeof startedAt], ["running", one.id, 1, "number"]);
      deepEqual(await other.claimIds(), ["b"]);
      deepEqual(await one.claimIds(), []);
    },
  },
  {
    title: "a rate gives its limit at once, then one each per / limit, and never saves up more than its limit",
    run: async bench => {
      await bench.enqueueAll(Array.from({ length: 40 }, () => ({})));
      const rated = { queue: work, rate: { name: "r", limit: 4, per: 400_000 } };
      const claim = async (): Promise<number> => (await (await bench.worker()).from(rated)).length;
      equal(await claim(), 4);
      equal(await claim(), 0);
      await bench.advance(90_000);
      equal(await claim(), 0);
      await bench.advance(20_000);
      equal(await claim(), 1);
      await bench.advance(200_000);
      equal(await claim(), 2);
      await bench.advance(40_000_000);
      equal(await claim(), 4);
      equal(await claim(), 0);
    },
  },
  {
    title: "a rate is shared by all the queues and workers that name it, and holds up no others",
    run: async bench => {
      await bench.enqueueAll(
        Array.from({ length: 12 }, (_, n) => ({ id: `${n}`, queue: ["A/a@1", "B/b@1", "C/c@1"][n % 3]!, priority: n % 3 === 2 ? -1 : 0 })),
      );
      const rate = { name: "shared", limit: 3, per: 3_600_000 };
      const queues = [{ queue: "A/a@1", rate }, { queue: "B/b@1", rate }, { queue: "C/c@1", rate: { ...rate, name: "other" } }]; // prettier-ignore
      const [one, other] = [await bench.worker(), await bench.worker()];
      deepEqual((await one.claim({ queues, most: 2 })).map(({ id }) => id), ["0", "1"]); // prettier-ignore
      deepEqual((await other.claim({ queues })).map(({ id }) => id), ["3", "2", "5", "8"]); // prettier-ignore
      deepEqual(await one.claim({ queues }), []);
    },
  },
  {
    title: "dueIn says when a rate has room again",
    run: async bench => {
      await bench.enqueueAll([{}, {}, {}]);
      const queues = [{ queue: work, rate: { name: "r", limit: 1, per: 50_000 } }];
      const worker = await bench.worker();
      const { claimed, dueIn } = await worker.ask({ queues });
      equal(claimed.length, 1);
      ok(dueIn !== undefined && dueIn > 0 && dueIn <= 50_000, `dueIn is ${dueIn}`);
    },
  },
  {
    title: "what is given back takes its token with it",
    run: async bench => {
      await bench.enqueueAll([{}, {}]);
      const queues = [{ queue: work, rate: { name: "r", limit: 1, per: 3_600_000 } }];
      const worker = await bench.worker();
      await worker.settleAll([worker.released(await worker.claimOne({ queues }))]);
      deepEqual(await worker.claim({ queues }), []);
    },
  },
  {
    title: "a suspect is given only where one may be, one at a time, and holds up nobody else",
    run: async bench => {
      await bench.enqueueAll(["a", "b", "c"].map(id => ({ id, priority: 5 })));
      const lost = await bench.worker();
      equal((await lost.claim()).length, 3);
      await bench.lose(lost);
      await bench.enqueueAll([{ id: "d" }, { id: "e" }]);
      const worker = await bench.worker();
      const without = await worker.claim({ suspect: false, most: 1 });
      deepEqual(without.map(({ id, suspect }) => [id, suspect]), [["d", false]]); // prettier-ignore
      const one = await worker.claim({ suspect: true });
      deepEqual(one.map(({ id, suspect, attempt }) => [id, suspect, attempt]), [["a", true, 2], ["e", false, 1]]); // prettier-ignore
      deepEqual(await worker.claimIds({ suspect: false }), []);
      deepEqual(await worker.claimIds({ suspect: true }), ["b"]);
    },
  },
  {
    title: "an attempt that fails in the usual way, or a retry, ends the suspicion; a release does not",
    run: async bench => {
      await bench.enqueueAll(["a", "b", "c"].map(id => ({ id })));
      const lost = await bench.worker();
      await lost.claim();
      await bench.lose(lost);
      const worker = await bench.worker();
      await worker.fail(await worker.claimOne());
      const second = await worker.claimOne({ queues: [{ queue: work }], suspect: true });
      deepEqual([second.id, second.suspect], ["a", false]);
      const released = await worker.claimOne();
      deepEqual([released.id, released.suspect], ["b", true]);
      await worker.settleAll([worker.released(released)]);
      const again = await worker.claimOne();
      deepEqual([again.id, again.suspect], ["b", true]);
      await worker.settleAll([worker.dead(again)]);
      await bench.store.actions.retry(["b"]);
      deepEqual((await worker.claim({ suspect: false })).map(({ id, suspect }) => [id, suspect]), [["b", false]]); // prettier-ignore
    },
  },
  {
    title: "a suspect under a rate, a key and a time keeps to each",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", key: "k" }, { id: "b", key: "k" }]); // prettier-ignore
      const lost = await bench.worker();
      await lost.claim();
      await bench.lose(lost);
      const worker = await bench.worker();
      deepEqual(await worker.claimIds({ suspect: false }), []);
      const suspect = await worker.claimOne();
      equal(suspect.id, "a");
      await worker.complete(suspect);
      deepEqual(await worker.claimIds({ suspect: false }), ["b"]);
    },
  },
  {
    title: "20 workers on three openers work off 2,000 actions, and none is handed out twice",
    needs: "openers",
    run: async bench => {
      const stores = [bench.store, await bench.another(), await bench.another()];
      const ids = Array.from({ length: 2_000 }, (_, n) => `${n}`);
      for (let from = 0; from < ids.length; from += 500) await bench.enqueueAll(ids.slice(from, from + 500).map(id => ({ id, priority: Number(id) % 3 })));
      const workers = await Promise.all(Array.from({ length: 20 }, (_, n) => bench.worker(stores[n % 3])));
      const begun: string[] = [];
      await Promise.all(
        workers.map(async (worker, n) => {
          const claim = { queues: [{ queue: work }], most: 1 + n * 2, suspect: true };
          let { claimed } = await worker.turn([], claim);
          while (claimed.length > 0) {
            begun.push(...claimed.map(({ id }) => id));
            const answer = await worker.turn(claimed.map(action => worker.completed(action, '"done"')), claim); // prettier-ignore
            ok(answer.settled.every(Boolean));
            claimed = answer.claimed;
          }
        }),
      );
      equal(begun.length, 2_000);
      equal(new Set(begun).size, 2_000);
      deepEqual(await bench.store.actions.counts(), []);
    },
  },
];
