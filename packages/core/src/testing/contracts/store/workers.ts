import { deepEqual, equal, ok } from "node:assert/strict";
import type { StorePromise } from "./store-bench.ts";
import { work } from "./store-bench.ts";

/** Workers, their leases, and what becomes of what a lost one ran. */
export const workers: readonly StorePromise[] = [
  {
    title: "a worker is listed from joining to leaving, with its node and queues; joining twice harms nothing",
    run: async bench => {
      const { actions } = bench.store;
      deepEqual(await actions.workers(), []);
      await actions.join({ id: "w1", node: "node one", queues: ["A/a@1", "B/b@2"] });
      await actions.join({ id: "w2", node: "node two", queues: [] });
      await actions.join({ id: "w1", node: "node one", queues: ["A/a@1", "B/b@2"] });
      deepEqual(
        (await actions.workers()).toSorted((one, other) => (one.id < other.id ? -1 : 1)),
        [{ id: "w1", node: "node one", queues: ["A/a@1", "B/b@2"] }, { id: "w2", node: "node two", queues: [] }], // prettier-ignore
      );
      await actions.leave("w1");
      await actions.leave("w1");
      await actions.leave("nobody");
      deepEqual((await actions.workers()).map(({ id }) => id), ["w2"]); // prettier-ignore
    },
  },
  {
    title: "a worker that joins again runs what it ran, and its lease begins anew",
    run: async bench => {
      const { actions } = bench.store;
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      const worker = await bench.worker();
      const [a] = await worker.claim();
      await bench.advance(bench.store.lease * 0.7);
      await actions.join({ id: worker.id, node: "bench", queues: [work] });
      await bench.advance(bench.store.lease * 0.7);
      deepEqual(await actions.recover(10), []);
      await worker.complete(a!);
      deepEqual(
        (await bench.lose(worker)).map(({ id }) => id),
        ["b"],
      );
    },
  },
  {
    title: "a worker whose lease is over is not listed, and one that renews is",
    run: async bench => {
      const [silent, alive] = [await bench.worker(), await bench.worker()];
      await bench.advance(bench.store.lease * 0.7);
      deepEqual(await bench.store.actions.renew(alive.id), { held: true, cancelled: [] });
      await bench.advance(bench.store.lease * 0.7);
      deepEqual((await bench.store.actions.workers()).map(({ id }) => id), [alive.id]); // prettier-ignore
      ok(silent.id !== alive.id);
    },
  },
  {
    title: "a worker that never joined, or has left, is given nothing and may settle nothing",
    run: async bench => {
      const { actions } = bench.store;
      const id = await bench.enqueue();
      const claim = { queues: [{ queue: work }], most: 1, suspect: true };
      const stranger = await actions.turn({ worker: "stranger", settle: [], claim });
      deepEqual([stranger.held, stranger.claimed], [false, []]);
      deepEqual(await actions.renew("stranger"), { held: false, cancelled: [] });
      const worker = await bench.worker();
      const claimed = await worker.claimOne();
      await actions.leave(worker.id);
      equal((await actions.renew(worker.id)).held, false);
      await actions.recover(10);
      const answer = await worker.turn([worker.completed(claimed)], claim);
      deepEqual([answer.held, answer.settled, answer.claimed], [false, [false], []]);
      equal(await bench.stateOf(id), "waiting");
    },
  },
  {
    title: "recover leaves a worker alone that renews, however long it runs",
    run: async bench => {
      const id = await bench.enqueue();
      const worker = await bench.worker();
      const claimed = await worker.claimOne();
      for (let n = 0; n < 20; n++) {
        await bench.advance(bench.store.lease / 2);
        equal((await bench.store.actions.renew(worker.id)).held, true);
        deepEqual(await bench.store.actions.recover(10), []);
      }
      await worker.complete(claimed);
      equal(await bench.stateOf(id), "completed");
    },
  },
  {
    title: "recover gives back what a worker ran whose lease is over, due at once, as a suspect and with its attempt counted",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", queue: "A/a@1" }, { id: "b" }]);
      const lost = await bench.worker();
      const [a] = await lost.from("A/a@1", work);
      await bench.advance(bench.store.lease * 0.5);
      deepEqual(await bench.store.actions.recover(10), []);
      await bench.advance(bench.store.lease);
      const recovered = (await bench.store.actions.recover(10)).toSorted((one, other) => (one.id < other.id ? -1 : 1));
      deepEqual(recovered, [{ id: "a", queue: "A/a@1", attempt: 1, state: "waiting" }, { id: "b", queue: work, attempt: 1, state: "waiting" }]); // prettier-ignore
      deepEqual(await bench.store.actions.recover(10), []);
      const { state, worker, error, attempt } = (await bench.get("a"))!;
      deepEqual([state, worker, error?.code, error?.attempt, attempt], ["waiting", undefined, "SORA_WORKER_LOST", 1, 1]);
      const successor = await bench.worker();
      const again = await successor.claimOne({ queues: [{ queue: "A/a@1" }] });
      deepEqual([again.id, again.suspect, again.attempt], ["a", true, 2]);
      ok(again.fence > a!.fence);
    },
  },
  {
    title: "recover takes the lease: the worker is told so by renew and turn, and may join under another id",
    run: async bench => {
      await bench.enqueue();
      const worker = await bench.worker();
      const claimed = await worker.claimOne();
      await bench.outlast();
      equal((await bench.store.actions.recover(10)).length, 1);
      deepEqual(await bench.store.actions.renew(worker.id), { held: false, cancelled: [] });
      const answer = await worker.turn([worker.completed(claimed)], { queues: [{ queue: work }], most: 1, suspect: true });
      deepEqual([answer.held, answer.settled, answer.claimed], [false, [false], []]);
      equal((await (await bench.worker()).claim()).length, 1);
    },
  },
  {
    title: "recover takes the lease of a worker that ran nothing too",
    run: async bench => {
      const worker = await bench.worker();
      await bench.outlast();
      deepEqual(await bench.store.actions.recover(10), []);
      equal((await bench.store.actions.renew(worker.id)).held, false);
    },
  },
  {
    title: "renew keeps a lease that is over and that nobody has taken yet",
    run: async bench => {
      await bench.enqueue();
      const worker = await bench.worker();
      const claimed = await worker.claimOne();
      await bench.outlast();
      equal((await bench.store.actions.renew(worker.id)).held, true);
      deepEqual(await bench.store.actions.recover(10), []);
      await worker.complete(claimed);
    },
  },
  {
    title: "an outcome counts though the lease is over, as long as nobody has taken it",
    run: async bench => {
      const id = await bench.enqueue();
      const worker = await bench.worker();
      const claimed = await worker.claimOne();
      await bench.outlast();
      const { held, settled } = await worker.turn([worker.completed(claimed, '"late"')]);
      deepEqual([held, settled], [true, [true]]);
      deepEqual(await bench.store.actions.recover(10), []);
      equal((await bench.get(id))?.result, '"late"');
    },
  },
  {
    title: "recover gives back at most its limit, and the rest with the next call, though the worker renews meanwhile",
    run: async bench => {
      const ids = (await bench.enqueueAll(Array.from({ length: 7 }, () => ({})))).map(({ id }) => id);
      const lost = await bench.worker();
      await lost.claim();
      await bench.outlast();
      const recovered: string[] = [];
      for (const expected of [3, 3, 1, 0]) {
        const some = await bench.store.actions.recover(3);
        equal(some.length, expected);
        recovered.push(...some.map(({ id }) => id));
        equal((await bench.store.actions.renew(lost.id)).held, false);
      }
      deepEqual(recovered.toSorted(), ids.toSorted());
    },
  },
  {
    title: "what has no attempt left is dead when its worker is lost, and kept as recover says",
    run: async bench => {
      await bench.enqueueAll([{ id: "a", attempts: 1 }, { id: "b", attempts: 2 }]); // prettier-ignore
      const lost = await bench.worker();
      await lost.claim();
      await bench.store.actions.leave(lost.id);
      const recovered = (await bench.store.actions.recover(10, 60_000)).toSorted((one, other) => (one.id < other.id ? -1 : 1));
      deepEqual(recovered.map(({ id, state, attempt }) => [id, state, attempt]), [["a", "dead", 1], ["b", "waiting", 1]]); // prettier-ignore
      const { state, error, finishedAt } = (await bench.get("a"))!;
      deepEqual([state, error?.code, error?.attempt, typeof finishedAt], ["dead", "SORA_WORKER_LOST", 1, "number"]);
      deepEqual(await bench.store.actions.purge(10), { deleted: 0, cancelled: [] });
      await bench.advance(60_001);
      deepEqual(await bench.store.actions.purge(10), { deleted: 1, cancelled: [] });
      equal(await bench.get("a"), undefined);
    },
  },
  {
    title: "an action is begun no more often than its attempts, however its workers are lost",
    run: async bench => {
      const id = await bench.enqueue({ attempts: 3 });
      for (let attempt = 1; attempt <= 3; attempt++) {
        const worker = await bench.worker();
        equal((await worker.claimOne()).attempt, attempt);
        await bench.lose(worker);
      }
      equal(await bench.stateOf(id), "dead");
      deepEqual(await (await bench.worker()).claimIds(), []);
    },
  },
  {
    title: "two hosts that recover at once give back each action once",
    needs: "openers",
    run: async bench => {
      const other = await bench.another();
      await bench.enqueueAll(Array.from({ length: 200 }, () => ({})));
      const lost = await bench.worker();
      await lost.claim({ most: 200 });
      await bench.outlast();
      const recovered = (await Promise.all([bench.store, other, bench.store, other].map(store => store.actions.recover(1_000)))).flat();
      equal(recovered.length, 200);
      equal(new Set(recovered.map(({ id }) => id)).size, 200);
    },
  },
  {
    title: "a worker that settles while it is taken for lost has its word or not, never half",
    needs: "openers",
    run: async bench => {
      const other = await bench.another();
      for (let round = 0; round < 10; round++) {
        const id = await bench.enqueue({ attempts: 2 });
        const worker = await bench.worker();
        const claimed = await worker.claimOne();
        await bench.outlast();
        const [answer, recovered] = await Promise.all([worker.turn([worker.completed(claimed, '"done"')]), other.actions.recover(10)]);
        const { state, result } = (await bench.get(id))!;
        if (answer.settled[0] === true) deepEqual([state, result, recovered.length], ["completed", '"done"', 0]);
        else deepEqual([state, result, recovered.length], ["waiting", undefined, 1]);
        await bench.store.actions.cancel([id], 0);
      }
    },
  },
];
