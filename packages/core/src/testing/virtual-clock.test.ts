import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import type { Duration } from "../time/duration.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const hour = 3_600_000;

describe("createVirtualClock", () => {
  test.each([Date.parse("2026-03-29T00:00:00Z"), "2026-03-29T00:00:00Z", new Date("2026-03-29T00:00:00Z")])(
    "begins at %o, with its monotonic clock at 0",
    start => {
      const clock = createVirtualClock({ start });
      expect(clock.now()).toBe(Date.parse("2026-03-29T00:00:00Z"));
      expect(clock.monotonic()).toBe(0);
    },
  );

  test("begins on a fixed day when told none, so that no test depends on the day it runs", () => {
    expect(new Date(createVirtualClock().now()).toISOString()).toBe("2026-01-01T00:00:00.000Z");
  });

  test("refuses a start that is not a date", () => {
    expect(() => createVirtualClock({ start: "tomorrow-ish" })).toThrow(expect.toSatisfy(error => SoraError.is(error, "SORA_OPTION_INVALID")));
  });
});

describe("advance", () => {
  test("fires timers in the order they are due, those of one instant in the order armed, at their own time", async () => {
    const clock = createVirtualClock({ start: 0 });
    const fired: [string, number, number][] = [];
    for (const [name, delay] of [
      ["c", 30],
      ["a", 10],
      ["b1", 20],
      ["b2", 20],
      ["never", 31],
    ] as const) {
      clock.setTimer(() => fired.push([name, clock.monotonic(), clock.now()]), delay);
    }
    await clock.advance(30);
    expect(fired).toEqual([
      ["a", 10, 10],
      ["b1", 20, 20],
      ["b2", 20, 20],
      ["c", 30, 30],
    ]);
    expect([clock.monotonic(), clock.pending]).toEqual([30, 1]);
  });

  test("fires timers armed meanwhile, where they fall due within the span", async () => {
    const clock = createVirtualClock();
    const fired: number[] = [];
    const again = (): void => void clock.setTimer(() => (fired.push(clock.monotonic()), again()), hour);
    again();
    await clock.advance("3h");
    expect(fired).toEqual([hour, 2 * hour, 3 * hour]);
  });

  test("lets promise chains of any length end between two instants", async () => {
    const clock = createVirtualClock();
    const order: string[] = [];
    void (async () => {
      await clock.sleep(1_000);
      for (let i = 0; i < 2_000; i++) await Promise.resolve();
      await turn();
      await turn();
      order.push(`chain done at ${clock.monotonic()}`);
    })();
    clock.setTimer(() => order.push(`timer at ${clock.monotonic()}`), 1_001);
    await clock.advance("2s");
    expect(order).toEqual(["chain done at 1000", "timer at 1001"]);
  });

  test("lets chains under way reach their first sleep before time passes", async () => {
    const clock = createVirtualClock();
    let woke = -1;
    void (async () => {
      for (let i = 0; i < 100; i++) await Promise.resolve();
      await clock.sleep(500);
      woke = clock.monotonic();
    })();
    await clock.advance("1s");
    expect(woke).toBe(500);
  });

  test("runs a callback in the async context that armed it, as Node's timers do", async () => {
    const clock = createVirtualClock();
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    storage.run("armed", () => clock.setTimer(() => seen.push(storage.getStore()), 10));
    await storage.run("advancing", () => clock.advance(10));
    expect(seen).toEqual(["armed"]);
  });

  test("moves on while a test fakes Node's own timers", async () => {
    const clock = createVirtualClock();
    const fired = vi.fn<() => void>();
    clock.setTimer(fired, 1_000);
    vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "setImmediate", "clearImmediate", "clearTimeout"] });
    await clock.advance("1s").finally(() => void vi.useRealTimers());
    expect(fired).toHaveBeenCalledOnce();
  });

  test("calls made together follow one another and add up", async () => {
    const clock = createVirtualClock();
    await Promise.all([clock.advance("1s"), clock.advance("2s")]);
    expect(clock.monotonic()).toBe(3_000);
  });

  test("may be called by what it wakes", async () => {
    const clock = createVirtualClock();
    let inner = -1;
    clock.setTimer(() => void clock.advance("1h").then(() => (inner = clock.monotonic())), 1_000);
    await clock.advance("2s");
    await clock.settle();
    expect(inner).toBe(2_000 + hour);
  });

  test("goes on past callbacks that throw, then rejects with all of it", async () => {
    const clock = createVirtualClock();
    const fired = vi.fn<() => void>();
    const [first, second] = [new Error("first"), new Error("second")];
    for (const [error, delay] of [[first, 1], [second, 2]] as const) clock.setTimer(() => { throw error; }, delay); // prettier-ignore
    clock.setTimer(fired, 2);
    const error = await clock.advance(5).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toEqual([first, second]);
    expect((error as AggregateError).message).toContain("first");
    expect(fired).toHaveBeenCalledOnce();
    expect(clock.monotonic()).toBe(5);
    await clock.advance(5);
  });

  test("a timer cancelled by another of its instant does not fire", async () => {
    const clock = createVirtualClock();
    const fired = vi.fn<() => void>();
    clock.setTimer(() => second.cancel(), 10);
    const second = clock.setTimer(fired, 10);
    await clock.advance(10);
    second.cancel();
    expect(fired).not.toHaveBeenCalled();
    expect(clock.pending).toBe(0);
  });

  test.each([2 ** 31 - 1, 2 ** 31, 400 * 24 * hour])("keeps a delay of %d ms to the millisecond", async delay => {
    const clock = createVirtualClock();
    const fired = vi.fn<() => void>();
    clock.setTimer(fired, delay);
    await clock.advance(delay - 1);
    expect(fired).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(fired).toHaveBeenCalledOnce();
  });

  test("fires a timer of zero or less only when time is next let pass", async () => {
    const clock = createVirtualClock();
    const fired = vi.fn<() => void>();
    clock.setTimer(fired, -5);
    await clock.settle();
    expect(fired).not.toHaveBeenCalled();
    await clock.advance(0);
    expect(fired).toHaveBeenCalledOnce();
  });

  test("refuses to stand still for ever", async () => {
    const clock = createVirtualClock();
    const again = (): void => void clock.setTimer(again, 0);
    again();
    await expect(clock.advance("1s")).rejects.toThrow("Cannot advance past 2026-01-01T00:00:00.000Z");
  });

  test.each(["5 fortnights", -1, Number.NaN])("rejects by name for a span of %j", async span => {
    await expect(createVirtualClock().advance(span as Duration)).rejects.toSatisfy(error => SoraError.is(error, "SORA_DURATION_INVALID"));
  });

  test("takes 1,000 sleepers through an hour, 60,000 wakings at 60 instants, in well under a second", async () => {
    const clock = createVirtualClock();
    let woken = 0;
    for (let i = 0; i < 1_000; i++) {
      void (async () => {
        for (let minute = 0; minute < 60; minute++) {
          await clock.sleep(60_000);
          woken += 1;
        }
      })();
    }
    await clock.advance("1h");
    expect(woken).toBe(60_000);
  });
});

describe("advanceTo", () => {
  test("lets time pass until the wall clock shows the date, jumps included", async () => {
    const clock = createVirtualClock({ start: "2026-01-01T00:00:00Z" });
    clock.jumpWall("1h");
    await clock.advanceTo("2026-01-01T03:00:00Z");
    expect([clock.now(), clock.monotonic()]).toEqual([Date.parse("2026-01-01T03:00:00Z"), 2 * hour]);
  });

  test("refuses a date in the past, and stays", async () => {
    const clock = createVirtualClock();
    await expect(clock.advanceTo("2025-12-31T23:59:59Z")).rejects.toSatisfy(error => SoraError.is(error, "SORA_OPTION_INVALID"));
    expect(clock.monotonic()).toBe(0);
    await clock.advance(1);
  });
});

describe("jumpWall", () => {
  test("moves wall time alone, either way, and sums up in skew", async () => {
    const clock = createVirtualClock({ start: 0 });
    const fired = vi.fn<() => void>();
    clock.setTimer(fired, hour);
    clock.jumpWall("8h");
    clock.jumpWall("-1h");
    clock.jumpWall(-hour);
    expect([clock.now(), clock.monotonic(), clock.skew]).toEqual([6 * hour, 0, 6 * hour]);
    await clock.advance(hour - 1);
    expect(fired).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(fired).toHaveBeenCalledOnce();
  });
});

describe("block", () => {
  test("moves both times with no timer firing; what fell due fires late, in order, within the span or in the next", async () => {
    const clock = createVirtualClock({ start: 0 });
    const fired: [string, number][] = [];
    const arm = (name: string, delay: number): void => void clock.setTimer(() => fired.push([name, clock.now()]), delay);
    arm("second", 2_000);
    arm("third", 3_000);
    clock.setTimer(() => (fired.push(["first", clock.now()]), clock.block("5s")), 1_000);
    await clock.advance("2s");
    expect([clock.now(), fired.splice(0)]).toEqual([6_000, [["first", 1_000], ["second", 6_000]]]); // prettier-ignore
    await clock.advance(0);
    expect([clock.now(), fired]).toEqual([6_000, [["third", 6_000]]]); // prettier-ignore
  });
});

describe("sleep", () => {
  test("rejects with the signal's reason, at once and with no timer left", async () => {
    const clock = createVirtualClock();
    const controller = new AbortController();
    const slept = clock.sleep(1_000, controller.signal);
    expect(clock.pending).toBe(1);
    controller.abort("enough");
    await expect(slept).rejects.toBe("enough");
    expect(clock.pending).toBe(0);
    await expect(clock.sleep(1_000, controller.signal)).rejects.toBe("enough");
    expect(clock.pending).toBe(0);
  });
});
