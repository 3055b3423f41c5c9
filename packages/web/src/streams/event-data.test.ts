import { describe, expect, test } from "vitest";
import { eventData } from "./event-data.ts";

const envelope = { service: "S", event: "E", at: 5, correlationId: "c1" };
const args = (value: unknown): unknown => (JSON.parse(eventData("S", "E", value, envelope)) as { args?: unknown }).args;

describe("eventData", () => {
  test("is one line of JSON with where the event came from", () => {
    expect(eventData("S", "E", { text: "a\nb" }, envelope)).toBe('{"service":"S","event":"E","at":5,"correlationId":"c1","args":{"text":"a\\nb"}}');
    expect(eventData("S", "E", undefined, { ...envelope, correlationId: undefined } as never)).toBe('{"service":"S","event":"E","at":5}');
  });

  test("has dates, bigints, maps, sets and bytes in a form that JSON knows", () => {
    const value = { date: new Date(0), big: 2n ** 64n, map: new Map([["a", 1n]]), set: new Set([1, 2]), bytes: new Uint8Array(3), none: null, not: Number.NaN };
    expect(args(value)).toEqual({
      date: "1970-01-01T00:00:00.000Z",
      big: "18446744073709551616",
      map: { a: "1" },
      set: [1, 2],
      bytes: "[3 bytes]",
      none: null,
      not: null,
    });
    for (const [given, shown] of [
      ["text", "text"],
      [1, 1],
      [true, true],
      [null, null],
      [7n, "7"],
      [[new Date(0)], ["1970-01-01T00:00:00.000Z"]],
    ] as const)
      expect(args(given)).toEqual(shown);
  });

  test("has secrets redacted, at every depth and in URLs", () => {
    const text = eventData(
      "S",
      "E",
      { password: "canary-1", nested: [{ apiKey: "canary-2", url: "https://user:canary-3@host/" }], text: "token=canary-4" },
      envelope,
    );
    expect(text).not.toContain("canary");
    expect(text).toContain("https://***@host/");
  });

  test("survives whatever arguments do", () => {
    const circle: Record<string, unknown> = { name: "x" };
    circle["self"] = circle;
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    const date = Object.assign(new Date(0), {
      toJSON: () => {
        throw new Error("no");
      },
    });
    expect(args(circle)).toEqual({ name: "x", self: "[circular]" });
    expect(args({ fn: () => 1, symbol: Symbol("s") })).toEqual({ fn: "[a function]", symbol: "[Symbol(s)]" });
    expect(
      args({
        get thrower() {
          throw new Error("no");
        },
      }),
    ).toEqual({ thrower: "[unreadable]" });
    expect(args(hostile)).toBe("[unreadable]");
    expect(args(date)).toBe("[unreadable]");
    expect(args({ toJSON: () => "forged" })).toEqual({ toJSON: "[a function]" });
    expect(args(JSON.parse('{"__proto__":{"a":1}}'))).toEqual(JSON.parse('{"__proto__":{"a":1}}'));
    expect(args(() => {})).toBe("[a function]");
  });

  test("says how large arguments were that are too large to send", () => {
    expect(args("x".repeat(300_000))).toBe("[300002 characters, too many to stream]");
    expect(args("x".repeat(200_000))).toHaveLength(200_000);
  });
});
