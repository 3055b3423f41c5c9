import { deepEqual, equal, ok } from "node:assert/strict";
import type { NewSchedule, ScheduleFilter } from "../../../durable/store/schedule-store.ts";
import type { StoreBench, StorePromise } from "./store-bench.ts";

function schedule(change: Partial<NewSchedule> = {}): NewSchedule {
  return { id: "s", service: "Bench", action: "work", recurrence: '{"every":1000}', envelope: "{}", version: 1, priority: 0, attempts: 5, ...change };
}

const now = (bench: StoreBench): Promise<number> => bench.store.now();

/** Schedules made at run time. */
export const schedules: readonly StorePromise[] = [
  {
    title: "a schedule comes back as it was put, with the time of its making",
    run: async bench => {
      const { schedules } = bench.store;
      equal(await schedules.get("s"), undefined);
      const put = schedule({ id: "s grüße 🌍", parameters: '{"a":1}', envelope: '{"b":2}', version: 3, priority: -4, attempts: 7, nextAt: 1_900_000_000_000 });
      equal(await schedules.put(put), true);
      const { createdAt, ...stored } = (await schedules.get(put.id))!;
      deepEqual(stored, { ...put, paused: false });
      ok(Math.abs(createdAt - (await now(bench))) < 60_000);
      equal(await schedules.put(schedule()), true);
      deepEqual("nextAt" in (await schedules.get("s"))!, false);
      deepEqual("parameters" in (await schedules.get("s"))!, false);
    },
  },
  {
    title: "a change replaces what was put and keeps pause, last tick and making",
    run: async bench => {
      const { schedules } = bench.store;
      const at = await now(bench);
      await schedules.put(schedule({ nextAt: at, parameters: "1" }));
      const { createdAt } = (await schedules.get("s"))!;
      await schedules.fire({ id: "s", tick: at, nextAt: at + 1_000, actions: [] });
      await schedules.setPaused("s", true);
      await bench.advance(100_000);
      const changed = schedule({ service: "Other", action: "thing", recurrence: '"other"', version: 2, nextAt: at + 9_000 });
      equal(await schedules.put(changed), false);
      deepEqual(await schedules.get("s"), { ...changed, paused: true, lastAt: at, createdAt });
    },
  },
  {
    title: "a change that leaves the recurrence as it is leaves its next tick, and gives one to what had none",
    run: async bench => {
      const { schedules } = bench.store;
      const at = await now(bench);
      await schedules.put(schedule({ nextAt: at - 1_000 }));
      await schedules.put(schedule({ nextAt: at + 9_000, parameters: "2" }));
      deepEqual([(await schedules.get("s"))?.nextAt, (await schedules.get("s"))?.parameters], [at - 1_000, "2"]);
      deepEqual((await schedules.due(10)).schedules.map(({ id }) => id), ["s"]); // prettier-ignore
      await schedules.put(schedule({ nextAt: at + 9_000, recurrence: '"other"' }));
      equal((await schedules.get("s"))?.nextAt, at + 9_000);
      await schedules.put(schedule({ id: "ended" }));
      await schedules.put(schedule({ id: "ended", nextAt: at + 5_000 }));
      equal((await schedules.get("ended"))?.nextAt, at + 5_000);
    },
  },
  {
    title: "list goes by id in code points, by service, by page",
    run: async bench => {
      const { schedules } = bench.store;
      const ids = ["b", "a", "B", "é", "\u{1F600}", "\uFFFD", "a b", "a-b", "ab", "10", "9"];
      for (const id of ids) await schedules.put(schedule({ id, service: id === "a" ? "Other" : "Bench" }));
      const sorted = ["10", "9", "B", "a", "a b", "a-b", "ab", "b", "é", "\uFFFD", "\u{1F600}"];
      const listed = async (filter: ScheduleFilter): Promise<readonly string[]> => (await schedules.list(filter)).map(({ id }) => id);
      deepEqual(await listed({}), sorted);
      deepEqual(await listed({ limit: 4 }), sorted.slice(0, 4));
      deepEqual(await listed({ limit: 4, cursor: "a" }), sorted.slice(4, 8));
      deepEqual(await listed({ cursor: "\uFFFD" }), ["\u{1F600}"]);
      deepEqual(await listed({ cursor: "nothing of this name" }), ["é", "\uFFFD", "\u{1F600}"]);
      deepEqual(await listed({ service: "Other" }), ["a"]);
      deepEqual(await listed({ service: "Nobody" }), []);
    },
  },
  {
    title: "due gives what is due and not paused, the longest overdue first, and says when the next is",
    run: async bench => {
      const { schedules } = bench.store;
      deepEqual((await schedules.due(10)).schedules, []);
      equal((await schedules.due(10)).dueIn, undefined);
      const at = await now(bench);
      await schedules.put(schedule({ id: "later", nextAt: at + 100_000 }));
      await schedules.put(schedule({ id: "b", nextAt: at - 1_000 }));
      await schedules.put(schedule({ id: "a", nextAt: at - 2_000 }));
      await schedules.put(schedule({ id: "c", nextAt: at - 500 }));
      await schedules.put(schedule({ id: "never" }));
      await schedules.put(schedule({ id: "paused", nextAt: at - 9_000 }));
      await schedules.setPaused("paused", true);
      const due = await schedules.due(2);
      deepEqual(due.schedules.map(({ id }) => id), ["a", "b"]); // prettier-ignore
      ok(due.dueIn !== undefined && due.dueIn > 0 && due.dueIn <= 100_000, `dueIn is ${due.dueIn}`);
      deepEqual((await schedules.due(10)).schedules.map(({ id }) => id), ["a", "b", "c"]); // prettier-ignore
      await bench.advance(100_001);
      const all = await schedules.due(10);
      deepEqual(all.schedules.map(({ id }) => id), ["a", "b", "c", "later"]); // prettier-ignore
      equal(all.dueIn, undefined);
      deepEqual(all.schedules[0], await schedules.get("a"));
    },
  },
  {
    title: "a pause lasts until it is ended, and then goes on from where it is told, or from where it stood",
    run: async bench => {
      const { schedules } = bench.store;
      const at = await now(bench);
      equal(await schedules.setPaused("s", true), false);
      await schedules.put(schedule({ nextAt: at - 1 }));
      equal(await schedules.setPaused("s", true), true);
      deepEqual([(await schedules.get("s"))?.paused, (await schedules.get("s"))?.nextAt], [true, at - 1]);
      deepEqual((await schedules.due(10)).schedules, []);
      equal(await schedules.setPaused("s", false), true);
      deepEqual((await schedules.due(10)).schedules.map(({ id }) => id), ["s"]); // prettier-ignore
      await schedules.setPaused("s", true);
      equal(await schedules.setPaused("s", false, at + 500_000), true);
      deepEqual((await schedules.due(10)).schedules, []);
      equal((await schedules.get("s"))?.nextAt, at + 500_000);
    },
  },
  {
    title: "fire enqueues the tick's actions and moves the schedule on",
    run: async bench => {
      const { schedules } = bench.store;
      const at = await now(bench);
      await schedules.put(schedule({ nextAt: at }));
      equal(
        await schedules.fire({
          id: "s",
          tick: at,
          nextAt: at + 60_000,
          actions: [bench.action({ id: "a" }), bench.action({ id: "b", idempotencyKey: "tick" })],
        }),
        true,
      );
      deepEqual(await (await bench.worker()).claimIds(), ["a", "b"]);
      const moved = (await schedules.get("s"))!;
      deepEqual([moved.lastAt, moved.nextAt], [at, at + 60_000]);
      deepEqual((await schedules.due(10)).schedules, []);
      equal(await schedules.fire({ id: "s", tick: at + 60_000, actions: [] }), true);
      const ended = (await schedules.get("s"))!;
      deepEqual([ended.lastAt, "nextAt" in ended], [at + 60_000, false]);
    },
  },
  {
    title: "fire of another tick, or of what was changed, paused or removed, does nothing",
    run: async bench => {
      const { schedules } = bench.store;
      const at = await now(bench);
      const fire = (id = "s"): Promise<boolean> => schedules.fire({ id, tick: at, nextAt: at + 1_000, actions: [bench.action({ id: `by ${id}` })] });
      equal(await fire("nobody"), false);
      await schedules.put(schedule({ nextAt: at + 1 }));
      equal(await fire(), false);
      await schedules.put(schedule({ nextAt: at, recurrence: '"other"' }));
      await schedules.setPaused("s", true);
      equal(await fire(), false);
      await schedules.setPaused("s", false);
      equal(await schedules.remove("s"), true);
      equal(await fire(), false);
      equal(await schedules.remove("s"), false);
      equal(await schedules.get("s"), undefined);
      deepEqual(await bench.store.actions.list({}), { actions: [] });
    },
  },
  {
    title: "of hosts that fire one tick at once, one does",
    needs: "openers",
    run: async bench => {
      const stores = [bench.store, await bench.another(), await bench.another()];
      const at = await now(bench);
      await bench.store.schedules.put(schedule({ nextAt: at }));
      for (let tick = at; tick < at + 10; tick++) {
        const fired = await Promise.all(Array.from({ length: 12 }, (_, n) => stores[n % 3]!.schedules.fire({ id: "s", tick, nextAt: tick + 1, actions: [bench.action()] }))); // prettier-ignore
        equal(fired.filter(Boolean).length, 1);
      }
      equal((await bench.store.actions.list({})).actions.length, 10);
      equal((await bench.store.schedules.get("s"))?.nextAt, at + 10);
    },
  },
  {
    title: "a tick whose actions cannot be stored has not fired",
    run: async bench => {
      const { schedules } = bench.store;
      const at = await now(bench);
      await schedules.put(schedule({ nextAt: at }));
      const broken = Object.defineProperty({ ...bench.action({ id: "broken" }) }, "envelope", {
        enumerable: true,
        get: () => {
          throw new Error("as the test has it");
        },
      });
      let refused = false;
      await schedules.fire({ id: "s", tick: at, nextAt: at + 1, actions: [bench.action({ id: "first" }), broken] }).catch(() => (refused = true));
      equal(refused, true);
      equal((await schedules.get("s"))?.nextAt, at);
      deepEqual(await bench.store.actions.get(["first", "broken"]), []);
    },
  },
];
