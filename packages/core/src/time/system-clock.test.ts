import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { systemClock } from "./system-clock.ts";

const day = 86_400_000;

describe("systemClock on faked Node timers", () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0, toFake: ["Date", "performance", "setTimeout", "clearTimeout", "setImmediate", "clearImmediate"] }));
  afterEach(() => void vi.useRealTimers());

  test.each([2 ** 31 - 1, 2 ** 31, 60 * day, 400 * day])("setTimer fires once after %d ms, and not a millisecond sooner", async delay => {
    const fired = vi.fn<() => void>();
    systemClock.setTimer(fired, delay);
    await vi.advanceTimersByTimeAsync(delay - 1);
    expect(fired).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(fired).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("setTimer arms again where Node fires before the monotonic clock gets there", () => {
    const fired = vi.fn<() => void>();
    const monotonic = vi.spyOn(performance, "now").mockReturnValue(1_000);
    systemClock.setTimer(fired, 10);
    monotonic.mockReturnValue(1_009.4);
    vi.advanceTimersByTime(10);
    expect(fired).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(1);
    monotonic.mockReturnValue(1_010);
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
    monotonic.mockRestore();
  });

  test("setTimer rounds a fraction up, so that it is never early", () => {
    const fired = vi.fn<() => void>();
    systemClock.setTimer(fired, 1.2);
    vi.advanceTimersByTime(1);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
  });

  test.each([0, 5, 50 * day])("a cancelled timer of %d ms never fires, and cancel may be called again", async delay => {
    const fired = vi.fn<() => void>();
    const timer = systemClock.setTimer(fired, delay);
    timer.cancel();
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60 * day);
    expect(fired).not.toHaveBeenCalled();
  });

  test("cancel does nothing to a timer that is firing", () => {
    const timer = systemClock.setTimer(() => timer.cancel(), 5);
    vi.advanceTimersByTime(5);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("setTimer takes a negative delay as zero", () => {
    const fired = vi.fn<() => void>();
    systemClock.setTimer(fired, -5);
    vi.advanceTimersByTime(0);
    expect(fired).toHaveBeenCalledOnce();
  });

  test.each([Number.NaN, Infinity, -Infinity])("setTimer refuses a delay of %d by name", delay => {
    expect(() => systemClock.setTimer(() => {}, delay)).toThrow(expect.toSatisfy(error => SoraError.is(error, "SORA_DURATION_INVALID")));
  });

  test("sleep arms one timer, and leaves neither timer nor listener behind", async () => {
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, "addEventListener");
    const remove = vi.spyOn(controller.signal, "removeEventListener");
    const slept = systemClock.sleep(1_000, controller.signal);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await slept;
    expect(vi.getTimerCount()).toBe(0);
    expect(remove.mock.calls.map(([type, listener]) => [type, listener])).toEqual(add.mock.calls.map(([type, listener]) => [type, listener]));
    expect(add).toHaveBeenCalledOnce();
  });

  test("sleep rejects with the signal's reason when it is aborted, and disarms its timer", async () => {
    const controller = new AbortController();
    const slept = systemClock.sleep(1_000, controller.signal);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(slept).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("sleep rejects at once, with no timer, on a signal aborted before", async () => {
    const slept = systemClock.sleep(1_000, AbortSignal.abort("over"));
    expect(vi.getTimerCount()).toBe(0);
    await expect(slept).rejects.toBe("over");
  });

  test("sleep rejects by name for a delay that is not finite", async () => {
    await expect(systemClock.sleep(Number.NaN)).rejects.toSatisfy(error => SoraError.is(error, "SORA_DURATION_INVALID"));
  });
});

describe("systemClock on Node's own timers", () => {
  test("is never early against its monotonic clock, whatever the fraction", async () => {
    const early: number[] = [];
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const delay = (i % 12) + (i % 7) / 7;
        const start = systemClock.monotonic();
        await systemClock.sleep(delay);
        const slept = systemClock.monotonic() - start;
        if (slept < delay) early.push(delay - slept);
      }),
    );
    expect(early).toEqual([]);
  });

  test("setTimer of 0 ms fires in the next turn of the loop, in the order armed", async () => {
    const order: number[] = [];
    systemClock.setTimer(() => order.push(1), 0);
    systemClock.setTimer(() => order.push(2), 0);
    expect(order).toEqual([]);
    await turn();
    expect(order).toEqual([1, 2]);
  });

  test("now is the wall clock, in whole milliseconds since 1970", () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  });

  test.each([
    [0, false, true],
    [0, true, false],
    [60_000, false, true],
    [60_000, true, false],
  ])("a timer of %d ms with background %s holds the process open: %s", (delay, background, holds) => {
    const active = (): number => process.getActiveResourcesInfo().filter(name => name === "Timeout" || name === "Immediate").length;
    const before = active();
    const timer = systemClock.setTimer(() => {}, delay, background);
    expect(active() - before).toBe(holds ? 1 : 0);
    timer.cancel();
    expect(active()).toBe(before);
  });
});
