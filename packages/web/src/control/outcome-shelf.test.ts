import { describe, expect, test } from "vitest";
import { createVirtualClock } from "@sora/core/testing";
import { IdempotentCalls } from "./idempotent-calls.ts";
import { OutcomeShelf } from "./outcome-shelf.ts";
import type { Reply } from "../routing/reply.ts";

const never = (): boolean => false;

class Entry {
  finished = false;
  size = 0;
  finish(size: number): this {
    this.finished = true;
    this.size = size;
    return this;
  }
}

describe("OutcomeShelf", () => {
  test("drops the oldest that has finished, and nothing under way", () => {
    const shelf = new OutcomeShelf<Entry>({ entries: 3, size: 100 });
    const [running, first, second] = [new Entry(), new Entry().finish(1), new Entry().finish(1)];
    expect([shelf.add("running", running), shelf.add("first", first), shelf.add("second", second)]).toEqual([true, true, true]);
    expect(shelf.add("third", new Entry())).toBe(true);
    expect([shelf.get("running"), shelf.get("first"), shelf.get("second")]).toEqual([running, undefined, second]);
    expect([shelf.add("fourth", new Entry()), shelf.add("fifth", new Entry())]).toEqual([true, false]);
  });

  test("holds no more than its size, and counts what it removes", () => {
    const shelf = new OutcomeShelf<Entry>({ entries: 10, size: 10 });
    for (const id of ["a", "b", "c"]) {
      const entry = new Entry();
      shelf.add(id, entry);
      shelf.finish(id, entry.finish(4));
    }
    expect(["a", "b", "c"].map(id => shelf.get(id) !== undefined)).toEqual([false, true, true]);
    shelf.remove("b");
    shelf.remove("b");
    const more = new Entry();
    shelf.add("d", more);
    shelf.finish("d", more.finish(6));
    expect(["c", "d"].map(id => shelf.get(id) !== undefined)).toEqual([true, true]);
    const huge = new Entry();
    shelf.add("e", huge);
    shelf.finish("e", huge.finish(11));
    expect(["c", "d", "e"].map(id => shelf.get(id) !== undefined)).toEqual([false, false, false]);
  });
});

test("IdempotentCalls refuses a key where all it has room for is under way, and keeps what it knows within bounds", async () => {
  const calls = new IdempotentCalls(createVirtualClock(), { entries: 2, size: 1_000 });
  const reply: Reply = { kind: "text", status: 200, type: "application/json", body: "{}" };
  const pending = Promise.withResolvers<Reply>();
  const body = [1];
  const [one, two] = [calls.once("a", body, () => pending.promise, never), calls.once("b", body, () => pending.promise, never)];
  await expect(calls.once("c", body, async () => reply, never)).rejects.toMatchObject({ code: "SORA_OVERLOADED" });
  pending.resolve(reply);
  await Promise.all([one, two]);
  expect(await calls.once("c", body, async () => reply, never)).toEqual(reply);
  let ran = false;
  await calls.once("a", body, async () => ((ran = true), reply), never);
  expect(ran).toBe(true);
});
