import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { LoopMonitor } from "./loop-monitor.ts";
import type { LoopBlock } from "./loop-monitor.ts";

describe("LoopMonitor", () => {
  test("finds no lag where the loop turns in time", async () => {
    const clock = createVirtualClock();
    const blocks: LoopBlock[] = [];
    const monitor = new LoopMonitor({ clock, onBlock: block => blocks.push(block) });
    monitor.start();
    await clock.advance("5m");
    expect([monitor.lag, monitor.maxLag, blocks]).toEqual([0, 0, []]);
    monitor.stop();
    expect(clock.pending).toBe(0);
  });

  test("shows a block while nothing but its reader has run since, and reports it once when the loop turns", async () => {
    const clock = createVirtualClock({ start: 0 });
    const blocks: LoopBlock[] = [];
    const monitor = new LoopMonitor({ clock, onBlock: block => blocks.push(block) });
    monitor.start();
    await clock.advance(500);
    clock.block(3_500);
    expect(monitor.lag).toBe(3_000);
    expect(blocks).toEqual([]);
    await clock.advance(0);
    expect(blocks).toEqual([{ lag: 3_000, at: 4_000 }]);
    await clock.advance("10s");
    expect(blocks).toHaveLength(1);
    expect([monitor.lag, monitor.maxLag]).toEqual([0, 3_000]);
  });

  test("reports each block of 1 s and none below", async () => {
    const clock = createVirtualClock();
    const blocks: LoopBlock[] = [];
    const monitor = new LoopMonitor({ clock, onBlock: block => blocks.push(block) });
    monitor.start();
    for (const milliseconds of [1_499, 1_500, 5_500]) {
      clock.block(milliseconds);
      await clock.advance(0);
    }
    expect(blocks.map(({ lag }) => lag)).toEqual([1_000, 5_000]);
  });

  test("looks every 2 s while the loop has next to nothing to do, and every 500 ms again after a time with work", async () => {
    let busy = 0;
    const looks: number[] = [];
    const clock = Object.assign(createVirtualClock({ start: 0 }), { busy: (): number => (looks.push(clock.monotonic()), busy) });
    const monitor = new LoopMonitor({ clock });
    busy = 400; // of a start, before the first look
    monitor.start();
    await clock.advance(4_500);
    busy += 50; // 2.5 % of what has passed since the last look
    await clock.advance(4_000);
    const since = looks[0] as number;
    expect(looks.map(at => at - since)).toEqual([0, 500, 2_500, 4_500, 5_000, 7_000]);
    monitor.stop();
  });

  test("finds a block of 3 s from a calm loop too", async () => {
    const clock = Object.assign(createVirtualClock({ start: 0 }), { busy: () => 0 });
    const blocks: LoopBlock[] = [];
    const monitor = new LoopMonitor({ clock, onBlock: block => blocks.push(block) });
    monitor.start();
    await clock.advance("1m");
    clock.block(3_001);
    await clock.advance(0);
    expect(blocks).toHaveLength(1);
    monitor.stop();
  });

  test("forgets a lag after a minute", async () => {
    const clock = createVirtualClock();
    const monitor = new LoopMonitor({ clock });
    monitor.start();
    clock.block(700);
    await clock.advance(0);
    expect(monitor.maxLag).toBe(200);
    await clock.advance("60s");
    expect(monitor.maxLag).toBe(200);
    await clock.advance(1);
    expect(monitor.maxLag).toBe(0);
  });

  test("arms one timer however often it is started, and begins anew after a stop", async () => {
    const clock = createVirtualClock();
    const monitor = new LoopMonitor({ clock });
    monitor.start();
    monitor.start();
    expect(clock.pending).toBe(1);
    clock.block(2_000);
    await clock.advance(0);
    monitor.stop();
    expect([clock.pending, monitor.lag, monitor.maxLag]).toEqual([0, 0, 0]);
    monitor.start();
    await clock.advance("1s");
    expect([monitor.lag, monitor.maxLag]).toEqual([0, 0]);
  });
});
