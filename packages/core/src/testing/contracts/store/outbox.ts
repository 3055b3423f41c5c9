import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { seededChance } from "../../../time/chance.ts";
import { Dice } from "../../simulator/dice.ts";
import type { NewOutboxEntry, OutboxEntry } from "../../../durable/store/outbox-store.ts";
import type { StoreBench, StorePromise } from "./store-bench.ts";

const entry = (id: string, change: Partial<NewOutboxEntry> = {}): NewOutboxEntry => ({ id, topic: "topic", envelope: "{}", ...change });

const read = async (bench: StoreBench, limit = 100): Promise<readonly string[]> => (await bench.store.outbox.read(limit)).map(({ id }) => id);

const find = (entries: readonly OutboxEntry[], id: string): number => entries.find(entry => entry.id === id)!.sequence;

/** Entries that are to be published. */
export const outbox: readonly StorePromise[] = [
  {
    title: "what is appended is read as it was written, in order, and stays until it is reported",
    run: async bench => {
      const { outbox } = bench.store;
      deepEqual(await outbox.read(10), []);
      const odd = JSON.stringify("grüße 🌍 \u0000 '".repeat(1_000));
      await outbox.append([entry("a", { topic: "Bestellung angelegt", key: "schlüssel 🔑", payload: odd, envelope: odd }), entry("b")]);
      await outbox.append([]);
      await outbox.append([entry("c", { payload: "" })]);
      const entries = await outbox.read(10);
      deepEqual(await outbox.read(10), entries);
      ok(entries[0]!.sequence < entries[1]!.sequence && entries[1]!.sequence < entries[2]!.sequence);
      deepEqual(
        entries.map(({ id, topic, key, payload, envelope, failures, writtenAt }) => ({
          id,
          topic,
          key,
          payload,
          envelope,
          failures,
          written: Number.isFinite(writtenAt),
        })),
        [
          { id: "a", topic: "Bestellung angelegt", key: "schlüssel 🔑", payload: odd, envelope: odd, failures: 0, written: true },
          { id: "b", topic: "topic", key: undefined, payload: undefined, envelope: "{}", failures: 0, written: true },
          { id: "c", topic: "topic", key: undefined, payload: "", envelope: "{}", failures: 0, written: true },
        ],
      );
      deepEqual(await read(bench, 2), ["a", "b"]);
      deepEqual(await outbox.counts(), { waiting: 3, dead: 0 });
    },
  },
  {
    title: "append writes all of a call or nothing, and an id that waits once",
    run: async bench => {
      const { outbox } = bench.store;
      const broken = Object.defineProperty({ ...entry("broken") }, "envelope", {
        enumerable: true,
        get: () => {
          throw new Error("as the test has it");
        },
      });
      await rejects(outbox.append([entry("first"), broken]));
      deepEqual(await outbox.read(10), []);
      await outbox.append([entry("a", { payload: "1" })]);
      await outbox.append([entry("b"), entry("a", { payload: "2" }), entry("b")]);
      deepEqual((await outbox.read(10)).map(({ id, payload }) => [id, payload]), [["a", "1"], ["b", undefined]]); // prettier-ignore
    },
  },
  {
    title: "what is published is gone",
    run: async bench => {
      const { outbox } = bench.store;
      await outbox.append(["a", "b", "c", "d"].map(id => entry(id)));
      const entries = await outbox.read(10);
      equal(await outbox.report({ fence: 1, published: [find(entries, "c"), find(entries, "a")], failed: [] }), true);
      deepEqual(await read(bench), ["b", "d"]);
      deepEqual(await outbox.counts(), { waiting: 2, dead: 0 });
      equal(await outbox.report({ fence: 1, published: [find(entries, "c"), 1_000_000], failed: [] }), true);
      deepEqual(await read(bench), ["b", "d"]);
      await outbox.append([entry("a")]);
      deepEqual(await read(bench), ["b", "d", "a"]);
    },
  },
  {
    title: "what failed waits for its delay, and those of its key that were written after it wait with it",
    run: async bench => {
      const { outbox } = bench.store;
      await outbox.append([entry("a", { key: "k" }), entry("b", { key: "k" }), entry("c", { key: "l" }), entry("d"), entry("e", { key: "k" }), entry("f")]);
      const entries = await outbox.read(10);
      const failed = (id: string): { sequence: number; error: string; delay: number; dead: boolean } => ({
        sequence: find(entries, id),
        error: "down",
        delay: 60_000,
        dead: false,
      });
      equal(await outbox.report({ fence: 1, published: [], failed: [failed("a"), failed("d")] }), true);
      deepEqual(await read(bench), ["c", "f"]);
      deepEqual(await read(bench, 1), ["c"]);
      deepEqual(await outbox.counts(), { waiting: 6, dead: 0 });
      await bench.advance(50_000);
      deepEqual(await read(bench), ["c", "f"]);
      await bench.advance(10_001);
      deepEqual(await read(bench), ["a", "b", "c", "d", "e", "f"]);
      deepEqual((await outbox.read(10)).map(({ failures }) => failures), [1, 0, 0, 1, 0, 0]); // prettier-ignore
    },
  },
  {
    title: "one that failed in the middle of its key holds up only those after it",
    run: async bench => {
      const { outbox } = bench.store;
      await outbox.append(["a", "b", "c"].map(id => entry(id, { key: "k" })));
      const entries = await outbox.read(10);
      await outbox.report({ fence: 1, published: [find(entries, "a")], failed: [{ sequence: find(entries, "b"), error: "down", delay: 60_000, dead: false }] });
      deepEqual(await read(bench), []);
      await bench.advance(60_001);
      deepEqual(await read(bench), ["b", "c"]);
    },
  },
  {
    title: "reads go on as from a plain list, whatever has failed, died, come back and been written since",
    run: async bench => {
      const { outbox } = bench.store;
      const dice = new Dice(seededChance(7));
      const list: { id: string; key: string | undefined; until: number; dead: boolean }[] = [];
      let time = 0;
      const readable = (): readonly string[] =>
        list
          .filter(({ dead, until, key }, place) => {
            if (dead || until > time) return false;
            return key === undefined || !list.slice(0, place).some(other => other.key === key && !other.dead && other.until > time);
          })
          .map(({ id }) => id);
      for (let step = 0; step < 150; step++) {
        const written = Array.from({ length: dice.between(0, 3) }, () => {
          const key = dice.pick([undefined, "k", "l", "m"]);
          return entry(bench.id("entry"), key === undefined ? {} : { key });
        });
        await outbox.append(written);
        list.push(...written.map(({ id, key }) => ({ id, key, until: 0, dead: false })));
        const limit = dice.pick([1, 3, 100]);
        const entries = await outbox.read(limit);
        deepEqual(
          entries.map(({ id }) => id),
          readable().slice(0, limit),
          `step ${step}`,
        );
        const published: number[] = [];
        const failed: { sequence: number; error: string; delay: number; dead: boolean }[] = [];
        const passed = new Set<string>();
        for (const { id, sequence, key } of entries) {
          if (key !== undefined && passed.has(key)) continue; // as a relay does, behind one that has failed
          const [delay, dead] = [dice.pick([60_000, 180_000]), dice.oneIn(10)];
          const place = list.findIndex(other => other.id === id);
          if (dice.oneIn(3)) {
            published.push(sequence);
            list.splice(place, 1);
          } else if (!dice.oneIn(4)) {
            failed.push({ sequence, error: "down", delay, dead });
            Object.assign(list[place]!, dead ? { dead } : { until: time + delay });
            if (key !== undefined && !dead) passed.add(key);
          } else if (key !== undefined) passed.add(key);
        }
        equal(await outbox.report({ fence: 1, published, failed }), true);
        if (dice.oneIn(10)) {
          const dead = await outbox.dead(1);
          await outbox.retry(dead.map(({ sequence }) => sequence));
          for (const { id } of dead)
            Object.assign(
              list.find(other => other.id === id)!,
              { dead: false, until: 0 },
            );
        }
        if (dice.oneIn(2)) {
          await bench.advance(61_000);
          time += 61_000;
        }
      }
      deepEqual(await outbox.counts(), { waiting: list.filter(({ dead }) => !dead).length, dead: list.filter(({ dead }) => dead).length });
    },
  },
  {
    title: "dead ones are listed with their errors, the oldest first, hold up nobody, and are published after all when they are retried",
    run: async bench => {
      const { outbox } = bench.store;
      await outbox.append([entry("a", { key: "k", payload: "1" }), entry("b", { key: "k" }), entry("c"), entry("d")]);
      const entries = await outbox.read(10);
      const dead = (id: string): { sequence: number; error: string; delay: number; dead: boolean } => ({
        sequence: find(entries, id),
        error: `${id} is refused`,
        delay: 60_000,
        dead: true,
      });
      await outbox.report({ fence: 1, published: [], failed: [dead("c")] });
      await outbox.report({ fence: 1, published: [], failed: [dead("a")] });
      deepEqual(await read(bench), ["b", "d"]);
      deepEqual(await outbox.counts(), { waiting: 2, dead: 2 });
      deepEqual((await outbox.dead(10)).map(({ id, error, failures, payload }) => [id, error, failures, payload]), [["a", "a is refused", 1, "1"], ["c", "c is refused", 1, undefined]]); // prettier-ignore
      deepEqual((await outbox.dead(1)).map(({ id }) => id), ["a"]); // prettier-ignore
      equal(await outbox.retry([find(entries, "a"), find(entries, "b"), 1_000_000]), 1);
      const again = await outbox.read(10);
      deepEqual(again.map(({ id, failures, payload }) => [id, failures, payload]), [["a", 0, "1"], ["b", 0, undefined], ["d", 0, undefined]]); // prettier-ignore
      deepEqual(await outbox.counts(), { waiting: 3, dead: 1 });
      await outbox.append([entry("c", { payload: "again" })]);
      deepEqual(await outbox.counts(), { waiting: 3, dead: 1 });
    },
  },
  {
    title: "a relay that has been passed by reports nothing",
    run: async bench => {
      const { outbox } = bench.store;
      await outbox.append([entry("a"), entry("b")]);
      const entries = await outbox.read(10);
      equal(await outbox.report({ fence: 5, published: [], failed: [] }), true);
      equal(
        await outbox.report({
          fence: 4,
          published: [find(entries, "a")],
          failed: [{ sequence: find(entries, "b"), error: "late", delay: 60_000, dead: true }],
        }),
        false,
      );
      deepEqual(await read(bench), ["a", "b"]);
      equal(await outbox.report({ fence: 5, published: [find(entries, "a")], failed: [] }), true);
      equal(await outbox.report({ fence: 6, published: [find(entries, "b")], failed: [] }), true);
      deepEqual(await outbox.counts(), { waiting: 0, dead: 0 });
    },
  },
  {
    title: "eight writers at once lose nothing, and each one's order is kept",
    needs: "openers",
    run: async bench => {
      const stores = [bench.store, await bench.another(), await bench.another()];
      await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          for (let n = 0; n < 25; n++) await stores[writer % 3]!.outbox.append([entry(`${writer}:${n}`, { key: `writer ${writer}` })]);
        }),
      );
      const published: string[] = [];
      for (let entries = await bench.store.outbox.read(30); entries.length > 0; entries = await bench.store.outbox.read(30)) {
        published.push(...entries.map(({ id }) => id));
        equal(await bench.store.outbox.report({ fence: 1, published: entries.map(({ sequence }) => sequence), failed: [] }), true);
      }
      equal(published.length, 200);
      for (let writer = 0; writer < 8; writer++) {
        const own = published.filter(id => id.startsWith(`${writer}:`));
        deepEqual(own, Array.from({ length: 25 }, (_, n) => `${writer}:${n}`)); // prettier-ignore
      }
    },
  },
];
