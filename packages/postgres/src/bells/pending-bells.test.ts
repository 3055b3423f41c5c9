import { describe, expect, test } from "vitest";
import { PendingBells } from "./pending-bells.ts";
import { bellMessage } from "./read-bell.ts";

const ids = (count: number, length = 20): string[] => Array.from({ length: count }, (_, n) => String(n).padStart(length, "x"));

describe("PendingBells", () => {
  test("puts together what is of a kind, and is empty when it has been taken", () => {
    const pending = new PendingBells();
    expect(pending.empty).toBe(true);
    pending.add({ kind: "ready" });
    pending.add({ kind: "scheduled" });
    pending.add({ kind: "ready" });
    pending.add({ kind: "settled", ids: ["a", "b"] });
    pending.add({ kind: "settled", ids: ["b", "c"] });
    pending.add({ kind: "cancelling", ids: ["d"] });
    expect(pending.empty).toBe(false);
    expect(pending.take()).toEqual([{ kind: "ready" }, { kind: "scheduled" }, { kind: "settled", ids: ["a", "b", "c"] }, { kind: "cancelling", ids: ["d"] }]);
    expect(pending.empty).toBe(true);
    expect(pending.take()).toEqual([]);
  });

  test("names no ids where there are too many, or one that does not fit", () => {
    const pending = new PendingBells();
    pending.add({ kind: "settled", ids: ids(401) });
    pending.add({ kind: "settled", ids: ["late"] });
    expect(pending.take()).toEqual([{ kind: "settled" }]);
    pending.add({ kind: "settled" });
    expect(pending.empty).toBe(false);
    expect(pending.take()).toEqual([{ kind: "settled" }]);
    pending.add({ kind: "cancelling", ids: ["x".repeat(10_000), "b"] });
    expect(pending.take()).toEqual([{ kind: "cancelling" }]);
  });

  test("names each id once, in notifications that PostgreSQL takes", () => {
    const pending = new PendingBells();
    const all = ids(400, 60).map(id => `${id}"é`);
    pending.add({ kind: "settled", ids: all });
    const bells = pending.take();
    expect(bells.flatMap(bell => ("ids" in bell ? bell.ids : []))).toEqual(all);
    for (const bell of bells) expect(Buffer.byteLength(bellMessage(bell, "x".repeat(20)))).toBeLessThan(8_000);
  });
});
