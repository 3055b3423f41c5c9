import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { decodeValue } from "./decode-value.ts";
import { encodeValue } from "./encode-value.ts";

function crossed(value: unknown): unknown {
  return decodeValue(encodeValue(value, "parameters"));
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function* numbers(): Generator<number> {
  yield 1;
}

class Money {
  readonly amount = 5n;
  readonly #secret = 1;
  get doubled(): number {
    return this.#secret * 2;
  }
}

describe("encodeValue and decodeValue", () => {
  test("bring back what JSON has, and what it has not", () => {
    const value = {
      text: "ä\u0000\u2028",
      number: -0.5,
      not: Number.NaN,
      endless: [Infinity, -Infinity],
      big: 2n ** 80n,
      at: new Date("2026-01-01T00:00:00.001Z"),
      never: new Date(Number.NaN),
      map: new Map<unknown, unknown>([
        ["a", new Set([1, "x", { deep: new Date(0) }])],
        [{ key: true }, 3n],
      ]),
      bytes: new Uint8Array([0, 255, 7]),
      nothing: null,
      list: [[], {}, [undefined, 1]],
      $sora: "date",
    };
    expect(crossed(value)).toEqual({ ...value, list: [[], {}, [null, 1]] });
  });

  test("keep an own __proto__ a member and nothing more", () => {
    const parsed: unknown = JSON.parse('{ "__proto__": { "polluted": 1 }, "at": 0 }');
    const back = crossed(Object.assign(parsed as object, { when: new Date(0) })) as object;
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(Object.keys(back)).toEqual(["__proto__", "at", "when"]);
  });

  test("take bytes of any view, and class instances and errors by their members", () => {
    expect(crossed(new Uint16Array([258]))).toEqual(new Uint8Array([2, 1]));
    expect(crossed(Buffer.from("hi"))).toEqual(new Uint8Array([104, 105]));
    expect(crossed(new Money())).toEqual({ amount: 5n });
    expect(crossed([new (class Nothing {})(), new (class Text extends String {})("a"), new Number(1), Object.create(new Money())])).toEqual([{}, "a", 1, {}]);
    expect(crossed(new URL("https://a.example/b"))).toBe("https://a.example/b");
    expect(crossed(new TypeError("no"))).toEqual({ name: "TypeError", message: "no" });
    expect(encodeValue(undefined, "result")).toBeUndefined();
  });

  test("take one object in two places, and refuse one within itself", () => {
    const shared = { a: 1 };
    expect(crossed([shared, shared])).toEqual([{ a: 1 }, { a: 1 }]);
    const circle: Record<string, unknown> = {};
    circle["self"] = [circle];
    expect(() => encodeValue(circle, "result")).toThrow("Cannot store or send the result: at $.self[0] is an object that holds itself.");
  });

  test.each([
    [{ a: [() => 1] }, "$.a[0]", "is a function"],
    [{ "odd key": Symbol("s") }, '$["odd key"]', "is a symbol"],
    [new Map([["k", Promise.resolve()]]), "$[1]", "is a promise; await it first"],
    [{ pattern: /a/ }, "$.pattern", "is of the kind RegExp, of which nothing would be kept"],
    [[new SharedArrayBuffer(1)], "$[0]", "is of the kind SharedArrayBuffer"],
    [new WeakMap(), "$", "is of the kind WeakMap"],
    [new WeakSet(), "$", "is of the kind WeakSet"],
    [new WeakRef({}), "$", "is of the kind WeakRef"],
    [{ rows: numbers() }, "$.rows", "is of the kind Generator"],
    [{ rows: [1].values() }, "$.rows", "is of the kind Array Iterator"],
    [new Map([[1, new Map().entries()]]), "$[1]", "is of the kind Map Iterator"],
    [{ query: new URLSearchParams("a=1") }, "$.query", "is of the kind URLSearchParams"],
    [new Headers({ a: "b" }), "$", "is of the kind Headers"],
    [Object(1n), "$", "is of the kind BigInt"],
    ["x".repeat(5_000_000), "$", "takes 5000002 characters"],
    [
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error("no");
          },
        },
      ),
      "$",
      "throws when it is read",
    ],
    [Array.from({ length: 600 }).reduce<unknown>(inner => [inner], 1), "$[0]", "is nested deeper than 500"],
  ])("refuse %# with the path", (value, path, why) => {
    const thrown = thrownBy(() => encodeValue(value, "parameters")) as SoraError;
    expect(SoraError.is(thrown, "SORA_PARAMETERS_NOT_SERIALIZABLE")).toBe(true);
    expect(String(thrown.details["path"]).startsWith(path)).toBe(true);
    expect(thrown.message).toContain(why);
  });

  test("bring back any value that can cross", () => {
    const value = fc.anything({ withDate: true, withBigInt: true, withMap: true, withSet: true, withTypedArray: false, withNullPrototype: false });
    fc.assert(
      fc.property(value, drawn => {
        const once = crossed(drawn);
        expect(crossed(once)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });

  test("give a value that JSON has as JSON has it, without copying it", () => {
    expect(encodeValue({ a: [1, "b", null, { c: true }] }, "parameters")).toBe('{"a":[1,"b",null,{"c":true}]}');
  });
});
