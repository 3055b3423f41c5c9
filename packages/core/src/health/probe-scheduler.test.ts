import { describe, expect, test } from "vitest";
import { silentLogger } from "../logging/logger.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { HealthAggregator } from "./health-aggregator.ts";
import { HealthReport } from "./health-report.ts";
import { ProbeScheduler } from "./probe-scheduler.ts";
import type { ProbeBroadcastEventArgs, ProbeScheduledEventArgs } from "../events/service-events.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";
import type { ProbeSchedulerSettings } from "./probe-scheduler.ts";

const start = Date.parse("2026-03-01T00:00:00Z");

interface Setup {
  readonly clock: VirtualClock;
  readonly aggregator: HealthAggregator;
  readonly scheduler: ProbeScheduler;
  readonly scheduled: ProbeScheduledEventArgs[];
  readonly broadcast: ProbeBroadcastEventArgs[];
  /** When each check was begun, in milliseconds since the start. */
  readonly checks: [name: string, at: number][];
}

function setup(options?: ProbeSchedulerSettings, names: readonly string[] = ["Api", "Database"]): Setup {
  const clock = createVirtualClock({ start });
  const aggregator = new HealthAggregator({ clock, logger: silentLogger, ttl: "15s" });
  const checks: Setup["checks"] = [];
  const scheduled: ProbeScheduledEventArgs[] = [];
  const broadcast: ProbeBroadcastEventArgs[] = [];
  for (const name of names) {
    aggregator.register({
      name,
      critical: false,
      check: () => {
        checks.push([name, clock.now() - start]);
        return HealthReport.healthy();
      },
    });
  }
  const scheduler = new ProbeScheduler({ aggregator, clock, options, onScheduled: args => scheduled.push(args), onBroadcast: args => broadcast.push(args) });
  return { clock, aggregator, scheduler, scheduled, broadcast, checks };
}

describe("ProbeScheduler.run", () => {
  test("makes the checks that fell due inside one window together, at its end", async () => {
    const { clock, aggregator, scheduler, scheduled, checks } = setup();
    const stop = new AbortController();
    await clock.advance(2_500);
    const run = scheduler.run(stop.signal);
    await clock.advance(500);
    await aggregator.check("Api"); // at 3 s, so it stands until 18 s
    await clock.advance("37s");
    expect(checks).toEqual([
      ["Api", 3_000],
      ["Database", 10_000],
      ["Api", 20_000],
      ["Database", 30_000],
      ["Api", 40_000],
    ]);
    expect(scheduled.map(({ timestamp, services }) => [timestamp - start, services])).toEqual([
      [10_000, ["Database"]],
      [20_000, ["Api"]],
      [30_000, ["Database"]],
      [40_000, ["Api"]],
    ]);
    stop.abort();
    await run;
    expect(clock.pending).toBe(0);
  });

  test("returns at once where it is disabled, and says nothing where nobody has a check", async () => {
    const disabled = setup({ enabled: false });
    await disabled.scheduler.run(new AbortController().signal);
    expect(disabled.clock.pending).toBe(0);

    const idle = setup({}, []);
    const stop = new AbortController();
    const run = idle.scheduler.run(stop.signal);
    await idle.clock.advance("1m");
    expect(idle.scheduled).toEqual([]);
    stop.abort();
    await run;
  });

  test("takes a window below 1 s for 1 s", async () => {
    const { clock, scheduler, scheduled } = setup({ quantizationWindow: "10ms" });
    const stop = new AbortController();
    const run = scheduler.run(stop.signal);
    await clock.advance(999);
    expect(scheduled).toEqual([]);
    await clock.advance(1);
    expect(scheduled).toHaveLength(1);
    stop.abort();
    await run;
  });

  test("goes on after a check that hangs, and ends at once when told to stop during one", async () => {
    const { clock, aggregator, scheduler, checks } = setup({ quantizationWindow: "2s" });
    aggregator.register({ name: "Hung", critical: false, check: () => new Promise(() => {}) });
    const stop = new AbortController();
    const run = scheduler.run(stop.signal);
    await clock.advance("1m");
    expect(checks.length).toBeGreaterThanOrEqual(6);
    const signal = AbortSignal.abort();
    await scheduler.tick(signal);
    await expect(scheduler.forceProbe(signal)).rejects.toBe(signal.reason);
    aggregator.register({ name: "Hung too", critical: false, check: () => new Promise(() => {}) });
    await clock.advance("2s");
    stop.abort();
    await run;
  });

  test("rejects with what onScheduled throws, so that its supervisor hears of it", async () => {
    const { clock, aggregator } = setup();
    const scheduler = new ProbeScheduler({
      aggregator,
      clock,
      onScheduled: () => {
        throw new Error("boom");
      },
      onBroadcast: () => {},
    });
    await expect(scheduler.tick(new AbortController().signal)).rejects.toThrow("boom");
  });
});

describe("ProbeScheduler.forceProbe", () => {
  test("makes every check now, and tells when all have answered", async () => {
    const { clock, scheduler, scheduled, broadcast, checks } = setup();
    await scheduler.tick(new AbortController().signal);
    await clock.advance(100);
    const args = await scheduler.forceProbe(new AbortController().signal);
    expect(checks.map(([name, at]) => `${name} ${at}`)).toEqual(["Api 0", "Database 0", "Api 100", "Database 100"]);
    expect(scheduled.map(({ services }) => services)).toEqual([
      ["Api", "Database"],
      ["Api", "Database"],
    ]);
    expect(args).toEqual({ forced: true, timestamp: start + 100 });
    expect(broadcast).toEqual([args]);
  });
});
