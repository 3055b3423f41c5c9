import { deepEqual, equal, ok } from "node:assert/strict";
import type { DurableStore } from "../../../durable/store/durable-store.ts";
import type { StoreBench, StorePromise } from "./store-bench.ts";
import { work } from "./store-bench.ts";

/** Three openers of the same data. */
async function three(bench: StoreBench): Promise<readonly [DurableStore, DurableStore, DurableStore]> {
  return [bench.store, await bench.another(), await bench.another()];
}

interface WorkOff {
  readonly expected: number;
  /** When all of it is stored. */
  readonly stored?: Promise<unknown>;
  readonly begun?: (id: string) => void;
  /** Called before the store can give what waits for it. */
  readonly ended?: (id: string) => void;
}

/** Works off whatever there is, from every opener at once, until so many have ended. */
async function workOff(bench: StoreBench, stores: readonly DurableStore[], { expected, stored = Promise.resolve(), begun, ended }: WorkOff): Promise<void> {
  let done = 0;
  let busy = 0;
  let idle = 0;
  let isAllStored = false;
  const noted = stored.then(() => (isAllStored = true));
  await Promise.all(
    [...stores, ...stores].map(async store => {
      const worker = await bench.worker(store);
      // Many empty looks in a row, while nobody has anything and nothing more comes, mean that the rest is stuck.
      while (done < expected && idle < 200) {
        const claimed = await worker.claim({ most: 5 });
        idle = claimed.length === 0 && busy === 0 && isAllStored ? idle + 1 : 0;
        busy += claimed.length;
        for (const { id } of claimed) begun?.(id);
        for (const { id } of claimed) ended?.(id);
        if (claimed.length > 0) await worker.settleAll(claimed.map(action => worker.completed(action)));
        busy -= claimed.length;
        done += claimed.length;
      }
    }),
  );
  await noted;
  equal(done, expected, `${expected - done} actions are stuck`);
}

/** What several do to the same actions at the same moment. */
export const contention: readonly StorePromise[] = [
  {
    title: "actions of few keys that are stored while others of them end all have their turn, one at a time",
    needs: "openers",
    run: async bench => {
      const stores = await three(bench);
      const running = new Set<string>();
      const storing = Promise.all(
        stores.map(async (store, writer) => {
          for (let n = 0; n < 40; n++) await bench.enqueueAll([{ id: `${n % 4}:${writer}:${n}`, key: `key ${n % 4}` }], store);
        }),
      );
      const keyOf = (id: string): string => id.split(":")[0]!;
      const begun = (id: string): void => {
        ok(!running.has(keyOf(id)), `two of key ${keyOf(id)} ran at once`);
        running.add(keyOf(id));
      };
      await workOff(bench, stores, { expected: 120, stored: storing, begun, ended: id => running.delete(keyOf(id)) });
    },
  },
  {
    title: "a step of a chain that is stored while the one before it ends has its turn",
    needs: "openers",
    run: async bench => {
      const stores = await three(bench);
      await bench.enqueueAll(Array.from({ length: 60 }, (_, n) => ({ id: `before ${n}` })));
      const storing = Promise.all(stores.map(async (store, part) => {
        for (let n = part; n < 60; n += 3) await bench.enqueueAll([{ id: `after ${n}`, after: `before ${n}` }], store);
      })); // prettier-ignore
      const seen = new Set<string>();
      const begun = (id: string): void => {
        seen.add(id);
        ok(!id.startsWith("after") || seen.has(id.replace("after", "before")), `${id} came first`);
      };
      await workOff(bench, stores, { expected: 120, stored: storing, begun });
    },
  },
  {
    title: "what is debounced while it begins and ends is run once more, or was not begun: the last parameters always run",
    needs: "openers",
    run: async bench => {
      const stores = await three(bench);
      let last = "";
      let stored = false;
      const worked = (async () => {
        const worker = await bench.worker(stores[2]);
        for (let empty = 0; !(stored && empty > 2);) {
          const claimed = await worker.claim();
          ok(claimed.length <= 1, "two of a debounce key were handed out at once");
          empty = claimed.length === 0 && stored ? empty + 1 : 0;
          for (const { parameters } of claimed) last = parameters!;
          await worker.settleAll(claimed.map(action => worker.completed(action, undefined, 0)));
        }
      })();
      for (let n = 0; n < 60; n++) await bench.enqueueAll([{ debounceKey: "d", parameters: `${n}` }], stores[n % 2]);
      stored = true;
      await worked;
      equal(last, "59");
    },
  },
  {
    title: "a cancel and the beginning of an action both happen, or one of them: never an action that runs though it is cancelled",
    needs: "openers",
    run: async bench => {
      const [one, other] = await three(bench);
      const worker = await bench.worker(other);
      for (let round = 0; round < 20; round++) {
        const id = await bench.enqueue({}, one);
        const [[outcome], claimed] = await Promise.all([one.actions.cancel([id]), worker.claim()]);
        const state = await bench.stateOf(id);
        if (outcome === "cancelled") deepEqual([state, claimed.length], ["cancelled", 0]);
        else {
          deepEqual([outcome, state, claimed.length], ["requested", "running", 1]);
          await worker.settleAll([worker.cancelled(claimed[0]!)]);
        }
      }
    },
  },
  {
    title: "two that retry one action at once have it begin once",
    needs: "openers",
    run: async bench => {
      const stores = await three(bench);
      for (let round = 0; round < 10; round++) {
        const id = await bench.enqueue({ key: "k" });
        await bench.kill(id);
        const states = (await Promise.all(stores.map(store => store.actions.retry([id])))).flat();
        ok(states.includes("dead"), `the states were ${states.join(", ")}`);
        const worker = await bench.worker();
        const claimed = await worker.claim();
        deepEqual(claimed.map(action => action.id), [id]); // prettier-ignore
        await worker.complete(claimed[0]!);
      }
      await bench.enqueue({ id: "next", key: "k" });
      deepEqual(await (await bench.worker()).claimIds(), ["next"]);
    },
  },
  {
    title: "cancels, failures, releases, retries and recoveries at once leave every key free and nothing stuck",
    needs: "openers",
    run: async bench => {
      const stores = await three(bench);
      const ids = Array.from({ length: 90 }, (_, n) => `${n}`);
      await bench.enqueueAll(ids.map((id, n) => ({ id, key: `key ${n % 6}`, keyLimit: 1 + (n % 2), attempts: 50 })));
      await Promise.all(
        stores.map(async (store, part) => {
          for (let round = 0; round < 8; round++) {
            const worker = await bench.worker(store);
            const claimed = await worker.claim({ most: 6 });
            const settle = claimed.map(
              (action, n) => [worker.completed(action), worker.failed(action), worker.released(action), worker.dead(action)][(n + round + part) % 4]!,
            );
            await worker.turn(settle.slice(1));
            await store.actions.cancel([ids[(round * 3 + part) % 90]!]);
            await store.actions.leave(worker.id);
            await store.actions.recover(100);
            await store.actions.retry([ids[(round * 5 + part) % 90]!, ids[(round * 7 + part) % 90]!]);
          }
        }),
      );
      await bench.store.actions.recover(1_000);
      const open = (await bench.store.actions.get(ids)).filter(({ state }) => state !== "completed" && state !== "dead" && state !== "cancelled");
      await workOff(bench, stores, { expected: open.length });
      deepEqual((await bench.store.actions.counts()).filter(({ state }) => state !== "dead" && state !== "cancelled"), []); // prettier-ignore
      await bench.enqueueAll(Array.from({ length: 6 }, (_, n) => ({ id: `last ${n}`, key: `key ${n}` })));
      equal((await (await bench.worker()).from(work)).length, 6);
    },
  },
];
