import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sectionObject } from "./configuration-node.ts";
import { readObjectLayer } from "./object-layer.ts";

const layer = { locate: () => ({ source: "host options" }) };
const read = (root: unknown) => {
  const { tree, problems } = readObjectLayer(root, layer);
  return { object: sectionObject(tree), problems: problems.map(({ path, got }) => [path, got]) };
};

describe("readObjectLayer", () => {
  test("keeps what JSON can hold, and leaves out what is undefined", () => {
    const root = { A: { b: [1, "x", null, { c: true }], d: undefined }, e: 0, f: {} };
    expect(read(root)).toEqual({ object: { A: { b: [1, "x", null, { c: true }] }, e: 0, f: {} }, problems: [] });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter(name => !/:|__proto__/.test(name) && name === name.toLowerCase()),
          fc.jsonValue().filter(v => typeof v !== "object" || v === null),
        ),
        values => {
          expect(read(values)).toEqual({ object: { ...values }, problems: [] });
        },
      ),
    );
  });

  test("freezes a copy and leaves the original alone", () => {
    const root = { A: { b: [{ c: 1 }] } };
    const { object } = read(root);
    root.A.b[0]!.c = 2;
    expect(object).toEqual({ A: { b: [{ c: 1 }] } });
    expect(() => ((object as typeof root).A.b[0]!.c = 3)).toThrow(TypeError);
  });

  test("splits names with colons at the top level and merges them with sections", () => {
    const root = { "Sora:Web:Port": 1, Sora: { Web: { Address: "a" } }, Own: { "http://x": 1 } };
    expect(read(root)).toEqual({ object: { Sora: { Web: { Port: 1, Address: "a" } }, Own: { "http://x": 1 } }, problems: [] });
  });

  test.each([
    ["an array", [], "an array"],
    ["null", null, "null"],
    ["a string", "x", "a string"],
    ["an instance", new Date(), "an instance of Date"],
  ])("refuses %s as the root", (_what, root, got) => {
    expect(read(root).problems).toEqual([["", got]]);
  });

  test("refuses names that differ by case only, and keys that two names spell", () => {
    expect(read({ a: { Port: 1, port: 2 } }).problems).toEqual([["a:port", "it a second time"]]);
    expect(read({ a: { B: {}, b: {} } }).problems).toEqual([["a:b", "it a second time"]]);
    expect(read({ a: [{ Port: 1, PORT: 2 }] }).problems).toEqual([["a:0:PORT", "it a second time"]]);
    expect(read({ "A:B": 1, A: { b: 2 } }).problems).toEqual([["A:b", "it a second time"]]);
    expect(read({ A: 1, "A:B": 2 }).problems).toEqual([["A:B", "it a second time"]]);
  });

  test("refuses names that reach an object's prototype, anywhere", () => {
    const { object, problems } = read(JSON.parse('{"__proto__":{"x":1},"a":[{"__proto__":1}],"constructor":{"prototype":{"x":1}},"b":{"constructor":1}}'));
    expect(problems.map(([path]) => path)).toEqual(["__proto__", "a:0:__proto__", "constructor"]);
    expect(object).toEqual({ a: [{}], b: { constructor: 1 } });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test("refuses what JSON has not, by key", () => {
    const root = { a: { f: () => 1, s: Symbol("s"), n: NaN, i: Infinity, b: 1n, m: new Map() } };
    expect(read(root).problems).toEqual([
      ["a:f", "a function"],
      ["a:s", "a symbol"],
      ["a:n", "NaN"],
      ["a:i", "Infinity"],
      ["a:b", "a bigint"],
      ["a:m", "an instance of Map"],
    ]);
  });

  test("refuses circles, members that throw, and more than 64 levels", () => {
    const circle: Record<string, unknown> = { inner: {} };
    (circle["inner"] as Record<string, unknown>)["again"] = circle;
    expect(read({ circle }).problems).toEqual([["circle:inner:again", "an object inside itself"]]);
    const throwing = Object.defineProperty({}, "x", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    expect(read({ throwing }).problems).toEqual([["throwing:x", "an error: Error: no"]]);
    expect(read(JSON.parse('{"a":'.repeat(65) + "1" + "}".repeat(65))).problems).toEqual([[Array(64).fill("a").join(":"), "more"]]);
    expect(read(JSON.parse('{"a":'.repeat(64) + "1" + "}".repeat(64))).problems).toEqual([]);
    expect(read({ a: JSON.parse("[".repeat(100_000) + "]".repeat(100_000)) as unknown }).problems).toHaveLength(1);
  });
});
