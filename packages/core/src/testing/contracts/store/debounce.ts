import { deepEqual, equal } from "node:assert/strict";
import type { StorePromise } from "./store-bench.ts";

/** Several actions for the same thing that become one. */
export const debounce: readonly StorePromise[] = [
  {
    title: "an action that has not begun takes parameters, envelope, priority, attempts, queue and due time of the next with its debounce key",
    run: async bench => {
      await bench.enqueue({ id: "a", debounceKey: "d", parameters: "1", delay: 10_000 });
      deepEqual(
        await bench.enqueueAll([
          { id: "b", debounceKey: "d", parameters: "2", envelope: '{"two":2}', priority: 7, attempts: 2, queue: "Bench/work@2", delay: 60_000 },
        ]),
        [{ id: "a", outcome: "replaced" }],
      );
      const { enqueuedAt, dueAt, ...rest } = (await bench.get("a"))!;
      deepEqual(rest, {
        id: "a",
        queue: "Bench/work@2",
        state: "delayed",
        parameters: "2",
        envelope: '{"two":2}',
        priority: 7,
        attempt: 0,
        attempts: 2,
        key: "d",
        cancelRequested: false,
      });
      equal(await bench.get("b"), undefined);
      const passed = dueAt - enqueuedAt;
      equal(passed >= 60_000 && passed < 120_000, true);
      await bench.advance(10_001);
      deepEqual(await (await bench.worker()).from("Bench/work@1", "Bench/work@2"), []);
      await bench.advance(50_000);
      deepEqual((await (await bench.worker()).from("Bench/work@1", "Bench/work@2")).map(({ id, parameters }) => [id, parameters]), [["a", "2"]]); // prettier-ignore
    },
  },
  {
    title: "what is left out by the next is left out",
    run: async bench => {
      await bench.enqueue({ id: "a", debounceKey: "d", parameters: "1", delay: 60_000 });
      await bench.enqueue({ debounceKey: "d" });
      const action = await (await bench.worker()).claimOne();
      deepEqual([action.id, "parameters" in action], ["a", false]);
    },
  },
  {
    title: "one call that gives a debounce key twice stores one action, with the last parameters",
    run: async bench => {
      deepEqual(await bench.enqueueAll(["1", "2", "3"].map(n => ({ id: n, debounceKey: "d", parameters: n }))), [
        { id: "1", outcome: "stored" },
        { id: "1", outcome: "replaced" },
        { id: "1", outcome: "replaced" },
      ]);
      equal((await bench.get("1"))?.parameters, "3");
    },
  },
  {
    title: "what changes while it runs is run once more, after it and with the last parameters",
    run: async bench => {
      await bench.enqueue({ id: "a", debounceKey: "d", parameters: "1" });
      const worker = await bench.worker();
      const running = await worker.claimOne();
      deepEqual(await bench.enqueueAll([{ id: "b", debounceKey: "d", parameters: "2" }]), [{ id: "b", outcome: "stored" }]);
      deepEqual(await bench.enqueueAll([{ id: "c", debounceKey: "d", parameters: "3" }]), [{ id: "b", outcome: "replaced" }]);
      deepEqual(await worker.claimIds(), []);
      await worker.complete(running);
      const next = await worker.claimOne();
      deepEqual([next.id, next.parameters], ["b", "3"]);
      await worker.complete(next);
      deepEqual(await worker.claimIds(), []);
    },
  },
  {
    title: "one that has failed has begun: the next is run after it",
    run: async bench => {
      await bench.enqueue({ id: "a", debounceKey: "d", parameters: "1" });
      const worker = await bench.worker();
      await worker.fail(await worker.claimOne());
      deepEqual(await bench.enqueueAll([{ id: "b", debounceKey: "d", parameters: "2" }]), [{ id: "b", outcome: "stored" }]);
      const again = await worker.claim();
      deepEqual(again.map(({ id, parameters }) => [id, parameters]), [["a", "1"]]); // prettier-ignore
      await worker.complete(again[0]!);
      deepEqual(await worker.claimIds(), ["b"]);
    },
  },
  {
    title: "one that was given back has not begun; where two have not, the last stored is the one replaced",
    run: async bench => {
      await bench.enqueue({ id: "a", debounceKey: "d", parameters: "1" });
      const worker = await bench.worker();
      const running = await worker.claimOne();
      await bench.enqueue({ id: "b", debounceKey: "d", parameters: "2" });
      await worker.settleAll([worker.released(running)]);
      deepEqual(await bench.enqueueAll([{ debounceKey: "d", parameters: "3" }]), [{ id: "b", outcome: "replaced" }]);
      const first = await worker.claimOne();
      deepEqual([first.id, first.parameters], ["a", "1"]);
      await worker.complete(first);
      const second = await worker.claimOne();
      deepEqual([second.id, second.parameters], ["b", "3"]);
    },
  },
  {
    title: "one that has its outcome is not replaced, and one that is retried is",
    run: async bench => {
      await bench.enqueue({ id: "a", debounceKey: "d", parameters: "1" });
      await bench.kill("a");
      deepEqual(await bench.enqueueAll([{ id: "b", debounceKey: "d", parameters: "2" }]), [{ id: "b", outcome: "stored" }]);
      await bench.store.actions.cancel(["b"]);
      await bench.store.actions.retry(["a"]);
      deepEqual(await bench.enqueueAll([{ id: "c", debounceKey: "d", parameters: "3" }]), [{ id: "a", outcome: "replaced" }]);
      equal((await bench.get("a"))?.parameters, "3");
    },
  },
  {
    title: "an idempotency key comes before a debounce key",
    run: async bench => {
      await bench.enqueue({ id: "a", idempotencyKey: "once", debounceKey: "d", parameters: "1" });
      deepEqual(await bench.enqueueAll([{ id: "b", idempotencyKey: "once", debounceKey: "d", parameters: "2" }]), [{ id: "a", outcome: "existing" }]);
      equal((await bench.get("a"))?.parameters, "1");
    },
  },
  {
    title: "a debounce key is the key: it holds up keyed actions stored after it, with a limit of 1",
    run: async bench => {
      await bench.enqueueAll([
        { id: "a", debounceKey: "d", key: "other", keyLimit: 5 },
        { id: "b", key: "d" },
        { id: "c", key: "other" },
      ]);
      equal((await bench.get("a"))?.key, "d");
      const worker = await bench.worker();
      const claimed = await worker.claim();
      deepEqual(claimed.map(({ id }) => id), ["a", "c"]); // prettier-ignore
      await worker.complete(claimed[0]!);
      deepEqual(await worker.claimIds(), ["b"]);
    },
  },
  {
    title: "100 enqueues of one debounce key at once, through three openers, leave one action",
    needs: "openers",
    run: async bench => {
      const stores = [bench.store, await bench.another(), await bench.another()];
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, n) => bench.enqueueAll([{ debounceKey: "d", parameters: `${n}`, delay: 60_000 }], stores[n % 3])),
      );
      equal(new Set(answers.map(([answer]) => answer!.id)).size, 1);
      equal(answers.filter(([answer]) => answer!.outcome === "stored").length, 1);
      equal((await bench.store.actions.list({})).actions.length, 1);
    },
  },
];
