import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { isErrorRecord, toLoggable } from "./loggable-value.ts";

const keep = (_key: string, value: unknown): unknown => value;
const copy = (value: unknown): unknown => toLoggable("value", value, keep);
const asPlain = (value: unknown): unknown => JSON.parse(JSON.stringify(copy(value)));

describe("toLoggable", () => {
  test.each([
    ["text", "text"],
    [1.5, 1.5],
    [true, true],
    [null, null],
    [undefined, undefined],
    [Number.NaN, "NaN"],
    [-Infinity, "-Infinity"],
    [12n, "12"],
    [Symbol("s"), "Symbol(s)"],
    [function named() {}, "[function named]"],
    [new Uint8Array(12), "[12 bytes]"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new Date(Number.NaN), null],
    [new URL("https://example.com/a"), "https://example.com/a"],
  ])("writes %o as %o", (value, written) => {
    expect(copy(value)).toEqual(written);
  });

  test("writes maps, sets, lists and class instances as JSON can", () => {
    class Point {
      readonly x = 1;
      readonly #hidden = 2;
      sum(): number {
        return this.x + this.#hidden;
      }
    }
    expect(asPlain({ map: new Map([[1, "one"]]), set: new Set(["a"]), list: [1, [2]], point: new Point() })).toEqual({
      map: { 1: "one" },
      set: ["a"],
      list: [1, [2]],
      point: { x: 1 },
    });
  });

  test("cuts cycles, and keeps what is merely shared", () => {
    const shared = { ok: true };
    const value: Record<string, unknown> = { first: shared, second: shared };
    value["self"] = value;
    expect(asPlain(value)).toEqual({ first: { ok: true }, second: { ok: true }, self: "[circular]" });
  });

  test("cuts depth, entries and length, and says how much is missing", () => {
    let deep: unknown = "bottom";
    for (let level = 0; level < 20; level++) deep = { deep };
    expect(JSON.stringify(copy(deep))).toContain('"[too deep]"');
    expect((copy(Array.from({ length: 105 }, () => 1)) as unknown[]).at(-1)).toBe("[5 more]");
    expect((copy(Object.fromEntries(Array.from({ length: 103 }, (_, n) => [`k${n}`, n]))) as Record<string, unknown>)["…"]).toBe("[3 more]");
    expect(copy("x".repeat(10_004))).toBe(`${"x".repeat(10_000)}… (4 more characters)`);
  });

  test("reads past getters that throw, and gives up only on what is unreadable", () => {
    const value = {
      fine: 1,
      get broken(): never {
        throw new Error("no");
      },
    };
    expect(asPlain(value)).toEqual({ fine: 1, broken: "[unreadable]" });
  });

  test("survives revoked proxies, proxies whose traps throw, and a toJSON that throws or answers itself", () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error("get");
        },
        ownKeys: () => {
          throw new Error("keys");
        },
      },
    );
    const self = { toJSON: () => self };
    const throwing = {
      toJSON() {
        throw new Error("json");
      },
    };
    expect(asPlain({ revoked: revoked.proxy, hostile, self, throwing })).toEqual({
      revoked: "[unreadable]",
      hostile: "[unreadable]",
      self: "[circular]",
      throwing: "[unreadable]",
    });
  });

  test("keeps __proto__ as a key and pollutes nothing", () => {
    const copied = copy(JSON.parse('{"__proto__":{"polluted":true}}')) as Record<string, unknown>;
    expect(Object.keys(copied)).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("writes a SoraError with code, fix, details, stack and its causes", () => {
    const error = new SoraError("SORA_OVERLOADED", "Too much.", { details: { waiting: 3 }, cause: new TypeError("root") });
    const copied = copy(error);
    expect(copied).toMatchObject({
      name: "SoraError",
      code: "SORA_OVERLOADED",
      message: "Too much.",
      fix: error.fix,
      details: { waiting: 3 },
      stack: expect.stringContaining("loggable-value.test.ts"),
      cause: { name: "TypeError", message: "root" },
    });
    expect(isErrorRecord(copied)).toBe(true);
  });

  test("leaves empty details out, and lists the errors of an AggregateError", () => {
    expect(copy(new SoraError("SORA_OVERLOADED", "Too much."))).not.toHaveProperty("details");
    expect(copy(new AggregateError([new Error("a"), "b"], "several"))).toMatchObject({ errors: [{ message: "a" }, "b"] });
  });

  test("writes an error whose cause is itself, and one whose message throws", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    expect(copy(loop)).toMatchObject({ message: "loop", cause: "[circular]" });
    const broken = Object.defineProperty(new Error("x"), "message", {
      get: () => {
        throw new Error("no");
      },
    });
    expect(copy(broken)).toMatchObject({ message: "[unreadable]" });
  });

  test("asks redact for every value with its key, before looking inside", () => {
    const redact = (key: string, value: unknown): unknown => (key === "password" ? "[redacted]" : value);
    const value = {
      user: {
        name: "ada",
        password: {
          get secret(): never {
            throw new Error("must not be read");
          },
        },
      },
      list: [{ password: 1 }],
    };
    expect(JSON.parse(JSON.stringify(toLoggable("value", value, redact)))).toEqual({
      user: { name: "ada", password: "[redacted]" },
      list: [{ password: "[redacted]" }],
    });
  });

  test("writes nothing of a value whose redaction throws", () => {
    expect(
      toLoggable("value", "secret", () => {
        throw new Error("no");
      }),
    ).toBe("[unreadable]");
  });
});
