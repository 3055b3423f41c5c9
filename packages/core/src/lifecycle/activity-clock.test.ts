import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { ActivityClock } from "./activity-clock.ts";
import type { Clock } from "../time/clock.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";

/** A clock that counts how often it is read. */
function counted(clock: VirtualClock): { readonly clock: Clock; readings: number } {
  const counts = { clock: undefined as unknown as Clock, readings: 0 };
  counts.clock = {
    ...clock,
    now: () => {
      counts.readings++;
      return clock.now();
    },
    monotonic: () => clock.monotonic(),
    setTimer: (callback, delay, background) => clock.setTimer(callback, delay, background),
    sleep: (delay, signal) => clock.sleep(delay, signal),
  };
  return counts;
}

describe("ActivityClock", () => {
  test("dates what happens slowly exactly, and leaves no timer", async () => {
    const clock = createVirtualClock();
    const activity = new ActivityClock(clock, 4);
    for (let i = 0; i < 100; i++) {
      expect(activity.timeOf(activity.moment())).toBe(clock.now());
      await clock.advance(1);
    }
    expect(clock.pending).toBe(0);
  });

  test("reads the clock once for 1,024 things in a rush, and dates each by when it was over", () => {
    const clock = createVirtualClock();
    const counts = counted(clock);
    const activity = new ActivityClock(counts.clock, 4);
    for (let i = 0; i < 5; i++) activity.moment();
    counts.readings = 0;
    const first = activity.moment();
    clock.block(7);
    for (let i = 0; i < 1_024; i++) activity.moment();
    expect(counts.readings).toBe(1);
    expect(activity.timeOf(first)).toBe(clock.now());
    expect(counts.readings).toBe(1);
  });

  test("dates a rush's end within a millisecond of it, however long nobody asks", async () => {
    const clock = createVirtualClock();
    const activity = new ActivityClock(clock, 4);
    const began = clock.now();
    let last = activity.moment();
    for (let i = 0; i < 50; i++) last = activity.moment();
    await clock.advance("1h");
    expect(activity.timeOf(last) - began).toBe(1);
    expect(clock.pending).toBe(0);
    expect(activity.timeOf(activity.moment())).toBe(clock.now());
  });

  test("dates a rush by when it is asked about, where that is first, so that no date is before what it dates", () => {
    const clock = createVirtualClock();
    const activity = new ActivityClock(clock, 4);
    for (let i = 0; i < 50; i++) activity.moment();
    clock.block(20);
    const before = clock.now();
    const moment = activity.moment();
    expect(activity.timeOf(moment)).toBe(before);
    clock.block(20);
    expect(activity.timeOf(moment)).toBe(before);
    expect(clock.pending).toBe(0);
  });

  test("reads a clock that is not the system's each time", () => {
    const counts = counted(createVirtualClock());
    const activity = new ActivityClock(counts.clock);
    for (let i = 0; i < 2_000; i++) activity.moment();
    expect(counts.readings).toBe(2_000);
  });
});
