import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareTrees } from "./configuration-change.ts";
import { readObjectLayer } from "./object-layer.ts";

const tree = (object: object) => readObjectLayer(object, { locate: () => ({ source: "test" }) }).tree;
const changed = (before: object, after: object) => Array.from(compareTrees(tree(before), tree(after))?.keys ?? []);

describe("compareTrees", () => {
  test("lists the values that were added, changed and removed", () => {
    const before = { A: { same: [1, { b: 2 }], changed: 1, removed: 1 }, list: [1, 2] };
    const after = { A: { same: [1, { b: 2 }], changed: 2, added: null }, list: [1, 3] };
    expect(changed(before, after)).toEqual(["A:changed", "A:removed", "A:added", "list"]);
  });

  test("lists both sides where a value becomes a section", () => {
    expect(changed({ A: 1 }, { A: { b: 1 } })).toEqual(["A", "A:b"]);
    expect(changed({ A: { b: 1 } }, { A: [] })).toEqual(["A", "A:b"]);
  });

  test("finds nothing between equal values, however names are cased or ordered", () => {
    expect(compareTrees(tree({ A: 1, B: { c: [1] } }), tree({ b: { C: [1] }, a: 1 }))).toBeUndefined();
    fc.assert(fc.property(fc.object(), object => compareTrees(tree(object), tree(structuredClone(object))) === undefined));
  });

  test("affects knows the changed keys and what stands above them, in any case", () => {
    const change = compareTrees(tree({ A: { B: { c: 1 } } }), tree({ A: { B: { c: 2 } } }))!;
    expect(["A:B:C", "a:b", "A", ""].map(key => change.affects(key))).toEqual([true, true, true, true]);
    expect(["A:B:C:D", "A:C", "B"].map(key => change.affects(key))).toEqual([false, false, false]);
  });
});
