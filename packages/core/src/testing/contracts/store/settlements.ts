import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import type { Settlement } from "../../../durable/store/worker-turn.ts";
import type { ClaimedAction } from "../../../durable/store/worker-turn.ts";
import type { BenchWorker, StorePromise } from "./store-bench.ts";
import { work } from "./store-bench.ts";

/** One of each kind. */
const kinds: readonly [string, (worker: BenchWorker, action: ClaimedAction) => Settlement][] = [
  ["completed", (worker, action) => worker.completed(action, '"late"')],
  ["failed", (worker, action) => worker.failed(action)],
  ["dead", (worker, action) => worker.dead(action)],
  ["cancelled", (worker, action) => worker.cancelled(action)],
  ["released", (worker, action) => worker.released(action)],
];

/** How attempts end, and whose word counts. */
export const settlements: readonly StorePromise[] = [
  {
    title: "a completed action has its result and its times, and is run by nobody",
    run: async bench => {
      const id = await bench.enqueue();
      const worker = await bench.worker();
      const claimed = await worker.claimOne();
      await bench.advance(1_000);
      await worker.complete(claimed, '{"n":1}');
      const { state, result, startedAt, finishedAt, worker: by, attempt } = (await bench.get(id))!;
      deepEqual([state, result, by, attempt], ["completed", '{"n":1}', undefined, 1]);
      ok(startedAt !== undefined && finishedAt !== undefined && finishedAt >= startedAt);
      deepEqual(await worker.claimIds(), []);
    },
  },
  {
    title: "an action that returned nothing has no result",
    run: async bench => {
      const id = await bench.enqueue();
      const worker = await bench.worker();
      await worker.complete(await worker.claimOne());
      equal("result" in (await bench.get(id))!, false);
    },
  },
  {
    title: "a failed action waits for its delay, keeps its error and its place, and its next attempt has the next number and a higher fence",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      const worker = await bench.worker();
      const first = await worker.claimOne();
      const error = { message: "grüße", code: "SORA_TEST", attempt: 1, at: 1_700_000_000_123 };
      await worker.settleAll([{ id: first.id, fence: first.fence, kind: "failed", error, delay: 60_000 }]);
      const failed = (await bench.get("a"))!;
      deepEqual([failed.state, failed.error, failed.attempt, failed.worker, failed.finishedAt], ["failed", error, 1, undefined, undefined]);
      await bench.advance(50_000);
      equal(await bench.stateOf("a"), "failed");
      deepEqual(await (await bench.worker()).claimIds({ most: 1 }), ["b"]);
      await bench.advance(10_001);
      const next = await (await bench.worker()).claimOne();
      deepEqual([next.id, next.attempt], ["a", 2]);
      ok(next.fence > first.fence);
      deepEqual((await bench.get("a"))?.error, error);
    },
  },
  {
    title: "an error without a code has none",
    run: async bench => {
      const id = await bench.enqueue();
      const worker = await bench.worker();
      const { fence } = await worker.claimOne();
      await worker.settleAll([{ id, fence, kind: "dead", error: { message: "", attempt: 1, at: 0 }, keepFor: 1_000 }]);
      deepEqual((await bench.get(id))?.error, { message: "", attempt: 1, at: 0 });
    },
  },
  {
    title: "a dead action keeps its error and is not tried again; a cancelled one keeps the error it ended with",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      const worker = await bench.worker();
      const [a, b] = await worker.claim();
      const error = { message: "stopped", attempt: 1, at: 5 };
      await worker.settleAll([worker.dead(a!), { id: "b", fence: b!.fence, kind: "cancelled", error, keepFor: 1_000 }]);
      const [dead, cancelled] = [(await bench.get("a"))!, (await bench.get("b"))!];
      deepEqual([dead.state, dead.error?.code, typeof dead.finishedAt], ["dead", "SORA_TEST", "number"]);
      deepEqual([cancelled.state, cancelled.error, typeof cancelled.finishedAt], ["cancelled", error, "number"]);
      await bench.advance(10_000_000);
      deepEqual(await (await bench.worker()).claimIds(), []);
    },
  },
  {
    title: "an action that is cancelled without an error keeps that of its last attempt",
    run: async bench => {
      const id = await bench.enqueue();
      const worker = await bench.worker();
      await worker.fail(await worker.claimOne());
      await worker.settleAll([worker.cancelled(await worker.claimOne())]);
      deepEqual((await bench.get(id))?.error?.attempt, 1);
    },
  },
  {
    title: "a released action waits again, due at once and in its old place, and its attempt does not count",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      const worker = await bench.worker();
      const first = await worker.claimOne();
      await worker.settleAll([worker.released(first)]);
      const released = (await bench.get("a"))!;
      deepEqual([released.state, released.attempt, released.worker], ["waiting", 0, undefined]);
      const again = await worker.claimOne();
      deepEqual([again.id, again.attempt], ["a", 1]);
      ok(again.fence > first.fence);
      await worker.fail(again);
      const third = await worker.claimOne();
      equal(third.attempt, 2);
      await worker.settleAll([worker.released(third)]);
      equal((await worker.claimOne()).attempt, 2);
    },
  },
  {
    title: "an action that is kept for 0 ms is deleted with its outcome",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }, { id: "c" }]);
      const worker = await bench.worker();
      const [a, b, c] = await worker.claim();
      await worker.settleAll([worker.completed(a!, '"result"', 0), worker.dead(b!, 0), worker.cancelled(c!, 0)]);
      deepEqual(await bench.store.actions.get(["a", "b", "c"]), []);
      deepEqual(await bench.store.actions.counts(), []);
      deepEqual((await bench.store.actions.list({})).actions, []);
    },
  },
  ...kinds.flatMap(([kind, settlement]): readonly StorePromise[] => [
    {
      title: `an outcome is written once: ${kind} is refused after it`,
      run: async bench => {
        const id = await bench.enqueue();
        const worker = await bench.worker();
        const claimed = await worker.claimOne();
        await worker.complete(claimed, '"first"');
        deepEqual((await worker.turn([settlement(worker, claimed)])).settled, [false]);
        const { state, result, attempt } = (await bench.get(id))!;
        deepEqual([state, result, attempt], ["completed", '"first"', 1]);
      },
    },
    {
      title: `the fence refuses ${kind} of a worker whose action runs elsewhere`,
      run: async bench => {
        const id = await bench.enqueue();
        const lost = await bench.worker();
        const stale = await lost.claimOne();
        await bench.lose(lost);
        const successor = await bench.worker();
        const current = await successor.claimOne();
        ok(current.fence > stale.fence);
        deepEqual((await lost.turn([settlement(lost, stale)])).settled, [false]);
        // Even one that holds a lease of its own has no say with the old fence, nor with another's action.
        deepEqual((await successor.turn([settlement(successor, stale)])).settled, [false]);
        const stranger = await bench.worker();
        deepEqual((await stranger.turn([settlement(stranger, current)])).settled, [false]);
        const { state, worker, attempt } = (await bench.get(id))!;
        deepEqual([state, worker, attempt], ["running", successor.id, 2]);
        await successor.complete(current, '"right"');
        equal((await bench.get(id))?.result, '"right"');
      },
    },
    {
      title: `the fence refuses ${kind} of an action that was given back and waits`,
      run: async bench => {
        const id = await bench.enqueue();
        const worker = await bench.worker();
        const claimed = await worker.claimOne();
        await worker.settleAll([worker.released(claimed)]);
        deepEqual((await worker.turn([settlement(worker, claimed)])).settled, [false]);
        const { state, attempt } = (await bench.get(id))!;
        deepEqual([state, attempt], ["waiting", 0]);
      },
    },
  ]),
  {
    title: "the fence holds between two attempts of one worker",
    run: async bench => {
      const id = await bench.enqueue();
      const worker = await bench.worker();
      const first = await worker.claimOne();
      await worker.fail(first);
      const second = await worker.claimOne();
      notEqual(first.fence, second.fence);
      deepEqual((await worker.turn([worker.completed(first, '"stale"')])).settled, [false]);
      await worker.complete(second, '"right"');
      equal((await bench.get(id))?.result, '"right"');
    },
  },
  {
    title: "settlements are answered in order, each by itself, and before what is claimed in the same turn",
    run: async bench => {
      await bench.enqueueAll(["a", "b", "c", "d"].map(id => ({ id })));
      const worker = await bench.worker();
      const [a, b, c] = await worker.claim({ most: 3 });
      const answer = await worker.turn(
        [
          worker.completed(a!),
          { ...worker.completed(b!), fence: b!.fence + 1 },
          { ...worker.completed(c!), id: "nobody" },
          worker.failed(c!),
          worker.released(b!),
        ],
        { queues: [{ queue: work }], most: 10, suspect: true },
      );
      deepEqual(answer.settled, [true, false, false, true, true]);
      deepEqual(answer.claimed.map(({ id }) => id), ["b", "c", "d"]); // prettier-ignore
    },
  },
  {
    title: "progress is kept while the action runs, guarded by its fence",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      const worker = await bench.worker();
      const [a, b] = await worker.claim();
      deepEqual(
        await bench.store.actions.progress([
          { id: "a", fence: a!.fence, progress: "1" },
          { id: "a", fence: a!.fence - 1, progress: "0" },
          { id: "nobody", fence: 1, progress: "0" },
          { id: "b", fence: b!.fence, progress: "2" },
        ]),
        [true, false, false, true],
      );
      deepEqual([(await bench.get("a"))?.progress, (await bench.get("b"))?.progress], ["1", "2"]);
      await bench.store.actions.progress([{ id: "a", fence: a!.fence, progress: "3" }]);
      await worker.complete(a!);
      deepEqual(await bench.store.actions.progress([{ id: "a", fence: a!.fence, progress: "4" }]), [false]);
      equal((await bench.get("a"))?.progress, "3");
      await bench.lose(worker);
      deepEqual(await bench.store.actions.progress([{ id: "b", fence: b!.fence, progress: "5" }]), [false]);
      const successor = await (await bench.worker()).claimOne();
      deepEqual(await bench.store.actions.progress([{ id: "b", fence: b!.fence, progress: "6" }, { id: "b", fence: successor.fence, progress: "7" }]), [false, true]); // prettier-ignore
      equal((await bench.get("b"))?.progress, "7");
    },
  },
  {
    title: "holds releases what a turn whose answer was lost had handed out, and nothing else",
    run: async bench => {
      await bench.enqueueAll(["a", "b", "c", "d", "e"].map(id => ({ id })));
      const [worker, other] = [await bench.worker(), await bench.worker()];
      const [a, b] = await worker.claim({ most: 2 });
      await worker.claim({ most: 2 }); // never heard of
      await other.claim();
      const { actions } = bench.store;
      const answer = await actions.turn({ worker: worker.id, settle: [worker.completed(a!)], holds: ["b"] });
      deepEqual(answer.settled, [true]);
      deepEqual(await bench.statesOf(["a", "b", "c", "d", "e"]), ["completed", "running", "waiting", "waiting", "running"]);
      deepEqual((await actions.get(["c", "d"])).map(({ attempt }) => attempt), [0, 0]); // prettier-ignore
      const again = await actions.turn({ worker: worker.id, settle: [], holds: ["b"], claim: { queues: [{ queue: work }], most: 10, suspect: false } });
      deepEqual(again.claimed.map(({ id, attempt, suspect }) => [id, attempt, suspect]), [["c", 1, false], ["d", 1, false]]); // prettier-ignore
      await worker.complete(b!);
      await actions.turn({ worker: worker.id, settle: [], holds: [] });
      deepEqual(await bench.statesOf(["b", "c", "d", "e"]), ["completed", "waiting", "waiting", "running"]);
    },
  },
];
