import { describe, expect, test } from "vitest";
import { jsonText } from "./json-text.ts";

const circle: Record<string, unknown> = { a: { b: [] } };
((circle["a"] as Record<string, unknown>)["b"] as unknown[]).push(circle);
const shared = { x: 1 };
const chain = (length: number): object => {
  let inner: object = {};
  for (let index = 0; index < length; index++) inner = { next: inner };
  return inner;
};

describe("jsonText", () => {
  test.each<[string, unknown, string | undefined]>([
    ["nothing", undefined, undefined],
    ["null", null, "null"],
    ["a text", 'a"\u2028', '"a\\"\u2028"'],
    ["numbers JSON has no word for", [Number.NaN, Infinity, -Infinity, -0], "[null,null,null,0]"],
    ["members that are undefined", { a: undefined, b: [undefined] }, '{"b":[null]}'],
    ["a date", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["an invalid date", [new Date(Number.NaN)], "[null]"],
    ["a bigint", { n: 2n ** 64n }, '{"n":"18446744073709551616"}'],
    ["a map", new Map([["a", 1n]]), '{"a":"1"}'],
    ["a map with other keys", { m: new Map([[1, "a"]]) }, '{"m":[[1,"a"]]}'],
    ["a map with a dangerous key", new Map([["__proto__", 1]]), '{"__proto__":1}'],
    ["a set", new Set([1, new Set(["a"])]), '[1,["a"]]'],
    ["bytes", { b: new Uint8Array([1, 2, 255]), c: Buffer.from("x").buffer.slice(0, 0) }, '{"b":"AQL/","c":""}'],
    ["an error, without its stack", { e: new TypeError("no") }, '{"e":{"name":"TypeError","message":"no"}}'],
    ["a URL and whatever else speaks for itself", [new URL("http://a/b"), { toJSON: () => ({ x: 1n }) }], '["http://a/b",{"x":"1"}]'],
    [
      "an object of a class",
      new (class Point {
        x = 1;
        #y = 2;
        get y() {
          return this.#y;
        }
      })(),
      '{"x":1}',
    ],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 }), '{"a":1}'],
    ["the same object twice", [circle["b"] ?? {}, ...Array.from({ length: 2 }, () => shared)], '[{},{"x":1},{"x":1}]'],
    ["300 levels", chain(300), `${'{"next":'.repeat(300)}{}${"}".repeat(300)}`],
  ])("writes %s", (_, value, text) => {
    expect(jsonText(value)).toBe(text);
  });

  test.each<[string, unknown, string]>([
    ["a function", { a: [1, { run() {} }] }, "$.a[1].run"],
    ["a symbol", [Symbol("x")], "$[0]"],
    ["a function itself", () => 1, "$"],
    ["a RegExp", { pattern: /a/ }, "$.pattern"],
    ["an iterator", [1, [1].values()], "$[1]"],
    ["a promise", { at: Promise.resolve(1) }, "$.at"],
    ["a circle", circle, "$.a.b[0]"],
    ["a circle through a map", new Map<string, unknown>([["m", circle]]), "$.m.a.b[0]"],
    [
      "a member that throws",
      {
        a: {
          get b() {
            throw new Error("no");
          },
        },
      },
      "$.a",
    ],
    [
      "a Proxy that throws",
      {
        p: new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error("no");
            },
            getPrototypeOf: () => {
              throw new Error("no");
            },
          },
        ),
      },
      "$.p",
    ],
    [
      "a toJSON that throws",
      {
        a: {
          toJSON: () => {
            throw new Error("no");
          },
        },
      },
      "$.a",
    ],
    ["10,000 levels", chain(10_000), `$${".next".repeat(39)}.next`],
    ["8 Mi characters", ["x".repeat(8 * 1024 * 1024)], "$"],
  ])("refuses %s, and names its path", (_, value, path) => {
    let thrown: unknown;
    try {
      jsonText(value);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "SORA_RESULT_NOT_SERIALIZABLE", details: { path: expect.stringContaining(path.slice(0, 200)) } });
  });
});
