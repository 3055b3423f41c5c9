import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test, vi } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import type { Chance } from "../time/chance.ts";
import { seededChance } from "../time/chance.ts";
import type { CronRecurrence, IntervalRecurrence } from "./recurrence.ts";
import type { DueTarget, ScheduleEntry } from "./schedule-entry.ts";
import type { SchedulerOptions } from "./scheduler.ts";
import { Scheduler } from "./scheduler.ts";

const second = 1_000;
const minute = 60_000;
const hour = 3_600_000;
const day = 86_400_000;
const start = Date.parse("2026-01-05T00:00:00Z");

const every = (milliseconds: number, more: Partial<IntervalRecurrence> = {}): IntervalRecurrence => ({
  kind: "interval",
  every: milliseconds,
  initialDelay: 0,
  runOnStartup: false,
  ...more,
});
const cron = (expression: string, more: Partial<CronRecurrence> = {}): CronRecurrence => ({
  kind: "cron",
  expression,
  timeZone: "UTC",
  initialDelay: 0,
  runOnStartup: false,
  ...more,
});

interface Call {
  /** When it came, on the wall clock, since the start. */
  readonly at: number;
  readonly scheduledAt: number;
  readonly missed: number;
}

function setUp(options: Partial<SchedulerOptions> = {}) {
  const clock = createVirtualClock({ start });
  const chance: Chance = seededChance(1);
  const scheduler = new Scheduler({ clock, chance, ...options });
  const recorder = (): DueTarget & { calls: Call[]; times(): number[] } => {
    const calls: Call[] = [];
    return {
      calls,
      times: () => calls.map(call => call.at),
      onDue: (scheduledAt, missed) => void calls.push({ at: clock.now() - start, scheduledAt: scheduledAt - start, missed }),
    };
  };
  return { clock, scheduler, recorder };
}

describe("Scheduler with intervals", () => {
  test("runs first after the initial delay and one period, then at a fixed rate", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: every(10 * second, { initialDelay: 3 * second }), target });
    scheduler.start();
    await clock.advance("40s");
    expect(target.calls).toEqual([13, 23, 33].map(at => ({ at: at * second, scheduledAt: at * second, missed: 0 })));
  });

  test("runs first after the initial delay with runOnStartup", async () => {
    const { clock, scheduler, recorder } = setUp();
    const [delayed, atOnce] = [recorder(), recorder()];
    scheduler.add({ recurrence: every(10 * second, { initialDelay: 3 * second, runOnStartup: true }), target: delayed });
    scheduler.add({ recurrence: every(10 * second, { runOnStartup: true }), target: atOnce });
    scheduler.start();
    await clock.advance("25s");
    expect(delayed.times()).toEqual([3 * second, 13 * second, 23 * second]);
    expect(atOnce.times()).toEqual([0, 10 * second, 20 * second]);
  });

  test("counts the delays of entries added before the start from the start, of others from when they are added", async () => {
    const { clock, scheduler, recorder } = setUp();
    const [before, after] = [recorder(), recorder()];
    scheduler.add({ recurrence: every(10 * second), target: before });
    await clock.advance("5s");
    scheduler.start();
    await clock.advance("2s");
    scheduler.add({ recurrence: every(10 * second), target: after });
    await clock.advance("10s");
    expect([before.times(), after.times()]).toEqual([[15 * second], [17 * second]]);
  });

  test("runs a job of one second for 24 virtual hours without drift", async () => {
    const { clock, scheduler } = setUp();
    let runs = 0;
    let last = 0;
    let wrong = 0;
    scheduler.add({
      recurrence: every(second),
      target: {
        onDue(scheduledAt, missed) {
          runs += 1;
          last = scheduledAt;
          if (scheduledAt !== start + runs * second || clock.now() !== scheduledAt || missed !== 0) wrong += 1;
        },
      },
    });
    scheduler.start();
    await clock.advance("24h");
    expect([runs, last, wrong]).toEqual([86_400, start + day, 0]);
  });

  test.each([2 ** 31 - 1, 2 ** 31, 400 * day])("keeps an interval of %d ms to the millisecond", async period => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: every(period), target });
    scheduler.start();
    await clock.advance(3 * period);
    expect(target.times()).toEqual([period, 2 * period, 3 * period]);
  });

  test("calls what is due at one instant in the order added, in one batch", async () => {
    const { clock, scheduler } = setUp();
    const order: string[] = [];
    const target = (name: string): DueTarget => ({ onDue: () => void order.push(name) });
    scheduler.add({ recurrence: every(3 * second), target: target("three") });
    scheduler.add({ recurrence: every(second), target: target("one") });
    scheduler.add({ recurrence: cron("*/3 * * * * *"), target: target("cron") });
    scheduler.add({ recurrence: every(2 * second), target: target("two") });
    scheduler.start();
    const timers = vi.spyOn(clock, "setTimer");
    await clock.advance("6s");
    expect(order).toEqual(["one", "one", "two", "three", "one", "cron", "one", "two", "one", "three", "one", "two", "cron"]);
    expect(timers).toHaveBeenCalledTimes(6);
  });

  test("uses one timer, whatever there is to do", async () => {
    const { clock, scheduler, recorder } = setUp({ holdsProcess: true });
    scheduler.start();
    for (let i = 1; i <= 500; i++) scheduler.add({ recurrence: i % 5 === 0 ? cron(`${i % 60} * * * *`) : every(minute + i * 7), target: recorder() });
    expect([clock.pending, scheduler.size]).toEqual([1, 500]);
    await clock.advance("1h");
    expect(clock.pending).toBe(1);
    scheduler.stop();
    expect(clock.pending).toBe(0);
  });
});

describe("Scheduler with what was missed", () => {
  test.each([
    [
      "skip",
      [
        [5_500, 5_000, 4],
        [6_000, 6_000, 0],
      ],
    ],
    [
      "once",
      [
        [5_500, 5_000, 4],
        [6_000, 6_000, 0],
      ],
    ],
    [
      { all: 3 },
      [
        [5_500, 3_000, 2],
        [5_500, 4_000, 0],
        [5_500, 5_000, 0],
        [6_000, 6_000, 0],
      ],
    ],
  ] as const)("after the event loop was held, by %j", async (misfire, expected) => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: every(second), target, misfire });
    scheduler.start();
    clock.block(5_500);
    await clock.advance("500ms");
    expect(target.calls.map(call => [call.at, call.scheduledAt, call.missed])).toEqual(expected);
  });

  test("tells what was missed without a run at the run after", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: every(hour), target });
    scheduler.start();
    clock.block(3 * hour + 10 * minute);
    await clock.advance("50m");
    expect(target.calls).toEqual([{ at: 4 * hour, scheduledAt: 4 * hour, missed: 3 }]);
  });

  test("does not pass over a run on start-up that is late", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: every(hour, { runOnStartup: true }), target });
    scheduler.add({ recurrence: cron("0 12 * * *", { runOnStartup: true }), target });
    scheduler.start();
    clock.block("10m");
    await clock.advance(0);
    expect(target.calls).toEqual([{ at: 10 * minute, scheduledAt: 0, missed: 0 }, { at: 10 * minute, scheduledAt: 0, missed: 0 }]); // prettier-ignore
  });

  test("stops between the runs it makes up for when the target cancels the entry", async () => {
    const { clock, scheduler } = setUp();
    const scheduled: number[] = [];
    const entry: ScheduleEntry = scheduler.add({
      recurrence: every(second),
      misfire: { all: 10 },
      target: {
        onDue(scheduledAt) {
          scheduled.push(scheduledAt - start);
          if (scheduled.length === 2) entry.cancel();
        },
      },
    });
    scheduler.start();
    clock.block("5s");
    await clock.advance("5s");
    expect(scheduled).toEqual([1_000, 2_000]);
  });
});

describe("Scheduler with cron", () => {
  test("ticks at the expression's times, on time, and tells each tick exactly", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: cron("*/20 * * * *"), target });
    scheduler.start();
    await clock.advance("1h");
    expect(target.calls).toEqual([20, 40, 60].map(at => ({ at: at * minute, scheduledAt: at * minute, missed: 0 })));
  });

  test("follows its zone through a change of the clock", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    await clock.advanceTo("2026-03-28T12:00Z");
    scheduler.add({ recurrence: cron("30 2 * * *", { timeZone: "Europe/Berlin" }), target });
    scheduler.start();
    await clock.advance("2d");
    expect(target.calls.map(call => new Date(start + call.at).toISOString())).toEqual(["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
  });

  test("runs on start-up after the initial delay, then by the expression", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: cron("0 * * * *", { runOnStartup: true, initialDelay: 90 * second }), target });
    scheduler.start();
    await clock.advance("2h");
    expect(target.times()).toEqual([90 * second, hour, 2 * hour]);
  });

  test("passes over ticks within the initial delay", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: cron("0 * * * *", { initialDelay: 90 * minute }), target });
    scheduler.start();
    await clock.advance("3h");
    expect(target.times()).toEqual([2 * hour, 3 * hour]);
  });

  test("wakes every 30 s only while there is cron", async () => {
    const { clock, scheduler, recorder } = setUp();
    const timers = vi.spyOn(clock, "setTimer");
    scheduler.start();
    scheduler.add({ recurrence: every(day), target: recorder() });
    await clock.advance("1h");
    expect(timers).toHaveBeenCalledTimes(1);
    const entry = scheduler.add({ recurrence: cron("0 12 * * *"), target: recorder() });
    await clock.advance("10m");
    expect(timers).toHaveBeenCalledTimes(22);
    entry.cancel();
    await clock.advance("1h");
    expect(timers).toHaveBeenCalledTimes(23);
  });
});

describe("Scheduler when the wall clock jumps", () => {
  test.each([
    ["skip", []],
    ["once", [[8, 7]]],
    [
      { all: 3 },
      [
        [6, 5],
        [7, 0],
        [8, 0],
      ],
    ],
  ] as const)("makes up for eight hours of sleep by %j, within 30 s, and never in a burst", async (misfire, made) => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: cron("0 * * * *"), target, misfire });
    scheduler.start();
    await clock.advance("10m");
    clock.jumpWall("8h");
    await clock.advance("30s");
    expect(target.calls.map(call => [call.scheduledAt / hour, call.missed])).toEqual(made);
    await clock.advance("1h");
    expect(target.calls.at(-1)).toEqual({ at: 9 * hour, scheduledAt: 9 * hour, missed: made.length === 0 ? 8 : 0 });
    expect(target.calls).toHaveLength(made.length + 1);
  });

  test("runs the tick that fell due within the last minute of a sleep as usual", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: cron("0 * * * *"), target });
    scheduler.start();
    await clock.advance("10m");
    clock.jumpWall(7 * hour + 50 * minute + 20 * second);
    await clock.advance("30s");
    expect(target.calls.map(call => [call.scheduledAt, call.missed])).toEqual([[8 * hour, 7]]);
  });

  test("fires no tick twice when the clock is set back an hour", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: cron("*/10 * * * *"), target });
    scheduler.start();
    await clock.advance("1h");
    clock.jumpWall("-1h");
    await clock.advance("90m");
    expect(target.calls.map(call => call.scheduledAt / minute)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(target.calls.every(call => call.at === call.scheduledAt && call.missed === 0)).toBe(true);
  });

  test("begins again from the new time when the clock is set back by more than three hours, at once or bit by bit", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: cron("0 * * * *"), target });
    scheduler.start();
    await clock.advance("5h");
    clock.jumpWall("-2h");
    await clock.advance("1m");
    expect(target.calls).toHaveLength(5);
    clock.jumpWall("-2h");
    await clock.advance("1h");
    expect(target.calls.map(call => call.scheduledAt / hour)).toEqual([1, 2, 3, 4, 5, 2]);
  });

  test("comes through a clock that said 1970 and was then corrected", async () => {
    const { clock, scheduler, recorder } = setUp();
    const [minutely, daily] = [recorder(), recorder()];
    clock.jumpWall(-start);
    scheduler.add({ recurrence: cron("* * * * *"), target: minutely });
    scheduler.add({ recurrence: cron("0 3 * * *"), target: daily });
    scheduler.start();
    await clock.advance("150s");
    clock.jumpWall(start);
    await clock.advance("1m");
    expect(minutely.calls.map(call => [call.scheduledAt + (call.scheduledAt < 0 ? start : 0), call.missed])).toEqual([
      [1 * minute, 0],
      [2 * minute, 0],
      [3 * minute, 100],
    ]);
    expect(daily.calls).toEqual([]);
    await clock.advance("3h");
    expect(daily.calls).toEqual([{ at: 3 * hour, scheduledAt: 3 * hour, missed: 100 }]);
    expect(minutely.calls).toHaveLength(3 + 180);
  });

  test("comes back from a clock that was years ahead for a while", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: cron("0 * * * *"), target });
    scheduler.start();
    clock.jumpWall(4_000 * day + 30 * minute);
    await clock.advance("10m");
    clock.jumpWall(-4_000 * day - 30 * minute);
    await clock.advance("2h");
    expect(target.times()).toEqual([hour, 2 * hour]);
  });

  test("leaves intervals alone, forward and back", async () => {
    const { clock, scheduler } = setUp();
    const beats: number[] = [];
    const late: number[] = [];
    const target: DueTarget = {
      onDue(scheduledAt) {
        beats.push(clock.monotonic());
        late.push(clock.now() - scheduledAt);
      },
    };
    scheduler.add({ recurrence: every(10 * minute), target });
    scheduler.add({ recurrence: cron("0 0 1 1 *"), target });
    scheduler.start();
    for (const jump of [8 * hour, -hour, -10 * day, 30 * day]) {
      await clock.advance("10m");
      clock.jumpWall(jump);
    }
    await clock.advance("10m");
    expect(beats).toEqual([1, 2, 3, 4, 5].map(beat => beat * 10 * minute));
    expect(late).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("Scheduler with jitter", () => {
  test("adds up to the jitter to each run, and does not move the plan", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: every(minute), jitter: 10 * second, target });
    scheduler.add({ recurrence: cron("0 * * * *"), jitter: 10 * second, target });
    scheduler.start();
    await clock.advance("10h");
    const added = target.calls.map(call => call.at - call.scheduledAt);
    expect(target.calls.filter(call => call.scheduledAt % minute !== 0 || call.missed !== 0)).toEqual([]);
    expect(added.length).toBeGreaterThanOrEqual(600 + 10 - 2); // the last of each may still be to come
    expect([Math.min(...added) >= 0, Math.max(...added) < 10 * second, new Set(added).size > 500]).toEqual([true, true, true]);
  });

  test("takes the same jitter from the same chance, and none where none is asked for", async () => {
    const times: number[][] = [];
    for (let i = 0; i < 2; i++) {
      const { clock, scheduler, recorder } = setUp();
      const target = recorder();
      scheduler.add({ recurrence: every(minute), jitter: minute, target });
      scheduler.start();
      await clock.advance("1h");
      times.push(target.times());
    }
    expect(times[0]).toEqual(times[1]);
    const next = vi.fn(() => 0.5);
    const { clock, scheduler, recorder } = setUp({ chance: { next } });
    scheduler.add({ recurrence: every(minute), target: recorder() });
    scheduler.start();
    await clock.advance("1h");
    expect(next).not.toHaveBeenCalled();
  });

  test("counts at most the interval, so that no run is missed for it", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    scheduler.add({ recurrence: every(second), jitter: hour, target });
    scheduler.start();
    await clock.advance("100s");
    expect(target.calls.length).toBeGreaterThanOrEqual(99);
    expect(target.calls.every((call, i) => call.missed === 0 && call.scheduledAt === (i + 1) * second && call.at < call.scheduledAt + second)).toBe(true);
  });
});

describe("Scheduler with targets that misbehave", () => {
  test("goes on past a target that throws, calls it again the next time, and tells onError", async () => {
    const errors: [unknown, ScheduleEntry][] = [];
    const { clock, scheduler, recorder } = setUp({ onError: (error, entry) => void errors.push([error, entry]) });
    const neighbour = recorder();
    const broken = scheduler.add({
      recurrence: every(second),
      target: {
        onDue(scheduledAt) {
          throw scheduledAt - start;
        },
      },
    });
    scheduler.add({ recurrence: every(second), target: neighbour });
    scheduler.start();
    await clock.advance("3s");
    expect(errors).toEqual([[1_000, broken], [2_000, broken], [3_000, broken]]); // prettier-ignore
    expect(neighbour.times()).toEqual([1_000, 2_000, 3_000]);
  });

  test("goes on past an onError that throws", async () => {
    const thrower = (): never => {
      throw new Error("broken");
    };
    const { clock, scheduler, recorder } = setUp({ onError: thrower });
    const neighbour = recorder();
    scheduler.add({ recurrence: every(second), target: { onDue: thrower } });
    scheduler.add({ recurrence: every(second), target: neighbour });
    scheduler.start();
    await clock.advance("2s");
    expect(neighbour.times()).toEqual([1_000, 2_000]);
  });

  test("lets the event loop turn after 10 ms of work, then goes on where it was", async () => {
    const { clock, scheduler } = setUp();
    const called: number[] = [];
    for (let i = 0; i < 100; i++) {
      scheduler.add({
        recurrence: every(second),
        target: {
          onDue() {
            called.push(i);
            clock.block(1);
          },
        },
      });
    }
    scheduler.start();
    const timers = vi.spyOn(clock, "setTimer");
    await clock.advance("1s");
    await clock.advance("500ms");
    expect(called).toEqual(Array.from({ length: 100 }, (_, i) => i));
    const turns = timers.mock.calls.filter(([, delay]) => delay === 0).length;
    expect(turns).toBeGreaterThanOrEqual(100 / (10 + 8) - 1);
    expect(turns).toBeLessThanOrEqual(10);
  });

  test("starves neither cron by intervals that take all the time, nor intervals by cron", async () => {
    const { clock, scheduler } = setUp();
    const called = { interval: 0, cron: 0 };
    const busy = (kind: "interval" | "cron"): DueTarget => ({
      onDue() {
        called[kind] += 1;
        clock.block(3);
      },
    });
    for (let i = 0; i < 400; i++) {
      scheduler.add({ recurrence: every(second), target: busy("interval") });
      scheduler.add({ recurrence: cron("* * * * * *"), target: busy("cron") });
    }
    scheduler.start();
    await clock.advance("1s");
    await clock.advance("9s");
    expect(called.cron).toBeGreaterThan(called.interval / 4);
    expect(called.interval).toBeGreaterThan(called.cron / 4);
  });

  test("runs no target in the async context of whoever armed the timer", async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, scheduler } = setUp();
    const seen: unknown[] = [];
    storage.run("adder", () => {
      scheduler.start();
      scheduler.add({ recurrence: every(second), target: { onDue: () => void seen.push(storage.getStore()) } });
    });
    await storage.run("advancer", () => clock.advance("2s"));
    expect(seen).toEqual([undefined, undefined]);
  });
});

describe("cancel", () => {
  test("ends an entry, from outside, from its own target and from another's of the same instant", async () => {
    const { clock, scheduler } = setUp();
    const called: string[] = [];
    const entries: Record<string, ScheduleEntry> = {};
    const add = (name: string, onDue: () => void): void => {
      entries[name] = scheduler.add({ recurrence: every(second), target: { onDue: () => (called.push(name), onDue()) } });
    };
    add("itself", () => entries["itself"]?.cancel());
    add("another", () => entries["other"]?.cancel());
    add("other", () => {});
    add("outside", () => {});
    scheduler.start();
    entries["outside"]?.cancel();
    entries["outside"]?.cancel();
    await clock.advance("2s");
    expect(called).toEqual(["itself", "another", "another"]);
    expect([scheduler.size, entries["itself"]?.nextDue(), entries["itself"]?.explainNext(3)]).toEqual([1, undefined, []]);
  });

  test("is final: a replan after it changes nothing", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    const entry = scheduler.add({ recurrence: every(second), target });
    scheduler.start();
    entry.cancel();
    entry.replan(cron("* * * * * *"));
    await clock.advance("10s");
    expect([target.calls, scheduler.size]).toEqual([[], 0]);
  });
});

describe("replan", () => {
  test.each([
    ["shorter: from when it was last due", 10 * minute, [60, 65, 70, 75], 5 * minute],
    ["longer: from when it was last due", 10 * minute, [60, 80, 100], 20 * minute],
    ["shorter, and overdue: at once, and from then", 10 * minute, [60, 62, 63, 64], minute],
  ])("gives a changed interval, %s", async (_, before, expected, after) => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    const entry = scheduler.add({ recurrence: every(before), target });
    scheduler.start();
    await clock.advance("62m");
    entry.replan(every(after));
    await clock.advance(((expected.at(-1) as number) - 62) * minute);
    expect(target.calls.filter(call => call.at >= hour).map(call => call.at / minute)).toEqual(expected);
    expect(target.calls.every(call => call.missed === 0)).toBe(true);
  });

  test("keeps a run that jitter has put off by more than the new interval within that", async () => {
    const { clock, scheduler, recorder } = setUp({ chance: { next: () => 0.9 } });
    const target = recorder();
    const entry = scheduler.add({ recurrence: every(hour), jitter: 30 * minute, target });
    scheduler.start();
    entry.replan(every(10 * minute));
    await clock.advance("40m");
    expect(target.calls).toEqual([10, 20, 30].map(due => ({ at: (due + 9) * minute, scheduledAt: due * minute, missed: 0 })));
  });

  test("changes nothing where the recurrence is the same", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    const interval = scheduler.add({ recurrence: every(minute), target });
    const expression = scheduler.add({ recurrence: cron("0 * * * *"), target });
    scheduler.start();
    await clock.advance("30s");
    const before = [interval.nextDue(), expression.nextDue()];
    interval.replan(every(minute));
    expression.replan(cron("0 * * * *"));
    expect([interval.nextDue(), expression.nextDue()]).toEqual(before);
  });

  test("goes from interval to cron and back, before and after the start, also from the entry's own target", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    const entry = scheduler.add({ recurrence: every(hour), target });
    entry.replan(every(10 * minute));
    scheduler.start();
    await clock.advance("25m");
    entry.replan(cron("0 * * * *"));
    await clock.advance("95m");
    entry.replan(every(15 * minute));
    await clock.advance("30m");
    expect(target.times().map(at => at / minute)).toEqual([10, 20, 60, 120, 135, 150]);
    const own: ScheduleEntry = scheduler.add({ recurrence: every(minute), target: { onDue: () => own.replan(cron("0 0 * * *")) } });
    await clock.advance("1m");
    expect(own.nextDue()).toBe(start + day);
  });

  test("leaves a run on start-up that is still to come", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    const entry = scheduler.add({ recurrence: every(hour, { runOnStartup: true, initialDelay: minute }), target });
    scheduler.start();
    entry.replan(cron("*/30 * * * *"));
    await clock.advance("1h");
    expect(target.times().map(at => at / minute)).toEqual([1, 30, 60]);
  });

  test("refuses a bad recurrence, and the entry goes on as it was", async () => {
    const { clock, scheduler, recorder } = setUp();
    const target = recorder();
    const entry = scheduler.add({ recurrence: every(minute), target });
    scheduler.start();
    expect(() => entry.replan(cron("60 * * * *"))).toThrow(expect.toSatisfy(error => SoraError.is(error, "SORA_CRON_INVALID")));
    await clock.advance("1m");
    expect(target.times()).toEqual([minute]);
  });
});

describe("nextDue and explainNext", () => {
  test("give the wall time of the next run, jitter included, of either kind", async () => {
    const { clock, scheduler, recorder } = setUp({ chance: { next: () => 0.5 } });
    const interval = scheduler.add({ recurrence: every(hour, { initialDelay: minute }), jitter: 2_000, target: recorder() });
    const expression = scheduler.add({ recurrence: cron("0 3 * * *"), target: recorder() });
    expect([interval.nextDue(), expression.nextDue()]).toEqual([undefined, undefined]);
    scheduler.start();
    clock.jumpWall("1h");
    expect([interval.nextDue(), expression.nextDue()]).toEqual([start + 2 * hour + minute + second, start + 3 * hour]);
    expect(interval.explainNext(2)).toEqual([
      { at: start + 2 * hour + minute, reason: "every 1h, up to 2s later by jitter" },
      { at: start + 3 * hour + minute, reason: "every 1h, up to 2s later by jitter" },
    ]);
    await clock.advance("1h");
    expect(interval.nextDue()).toBe(start + 2 * hour + minute + second);
  });

  test("foretell what then happens", async () => {
    const { clock, scheduler, recorder } = setUp();
    const cases = [every(7 * minute, { runOnStartup: true, initialDelay: second }), cron("*/25 * * * *", { runOnStartup: true, initialDelay: minute }), cron("10 1,2 * * *", { timeZone: "Asia/Kathmandu" })]; // prettier-ignore
    const planned = cases.map(recurrence => {
      const target = recorder();
      return { target, entry: scheduler.add({ recurrence, target }) };
    });
    const before = planned.map(({ entry }) => entry.explainNext(5).map(run => run.at - start));
    scheduler.start();
    const foretold = planned.map(({ entry }) => entry.explainNext(5).map(run => run.at - start));
    await clock.advance("72h");
    expect(planned.map(({ target }) => target.times().slice(0, 5))).toEqual(foretold);
    expect(before).toEqual(foretold);
    expect(planned[0]?.entry.explainNext(1)[0]?.reason).toBe("every 7m");
  });
});

describe("start and stop", () => {
  test("nothing is called after a stop, also from within a batch; a start plans anew", async () => {
    const { clock, scheduler, recorder } = setUp();
    const [after, dated] = [recorder(), recorder()];
    let stopAt = second;
    scheduler.add({
      recurrence: every(second),
      target: {
        onDue() {
          if (clock.now() - start === stopAt) scheduler.stop();
        },
      },
    });
    scheduler.add({ recurrence: every(second), target: after });
    scheduler.add({ recurrence: cron("* * * * * *"), target: dated });
    scheduler.start();
    await clock.advance("5s");
    expect([after.calls, dated.calls, clock.pending, scheduler.size]).toEqual([[], [], 0, 3]);
    stopAt = Number.NaN;
    await clock.advance("500ms");
    scheduler.start();
    scheduler.start();
    await clock.advance("2s");
    expect([after.times(), dated.times()]).toEqual([[6_500, 7_500], [6_000, 7_000]]); // prettier-ignore
  });

  test.each([true, false])("holds the process open while started with holdsProcess %s, also with no entries", holdsProcess => {
    const { clock, scheduler, recorder } = setUp({ holdsProcess });
    const timers = vi.spyOn(clock, "setTimer");
    scheduler.start();
    expect(clock.pending).toBe(holdsProcess ? 1 : 0);
    scheduler.add({ recurrence: every(second), target: recorder() });
    expect(timers.mock.calls.map(([, , background]) => background)).toEqual(holdsProcess ? [false, false] : [true]);
    scheduler.stop();
    expect(clock.pending).toBe(0);
  });

  test("goes on holding the process open once the last entry is cancelled", async () => {
    const { clock, scheduler, recorder } = setUp({ holdsProcess: true });
    scheduler.start();
    scheduler.add({ recurrence: every(second), target: recorder() }).cancel();
    await clock.advance("1h");
    expect(clock.pending).toBe(1);
  });
});

describe("add", () => {
  test.each([
    [{ recurrence: every(0) }, "SORA_OPTION_INVALID"],
    [{ recurrence: every(1, { initialDelay: -1 }) }, "SORA_OPTION_INVALID"],
    [{ recurrence: every(1), jitter: -1 }, "SORA_OPTION_INVALID"],
    [{ recurrence: every(1), jitter: Number.NaN }, "SORA_OPTION_INVALID"],
    [{ recurrence: every(1), misfire: { all: 0 } }, "SORA_OPTION_INVALID"],
    [{ recurrence: cron("60 * * * *") }, "SORA_CRON_INVALID"],
    [{ recurrence: cron("* * * * *", { timeZone: "Mars/X" }) }, "SORA_TIME_ZONE_INVALID"],
  ])("refuses %j, and plans nothing", (options, code) => {
    const { scheduler, recorder } = setUp();
    expect(() => scheduler.add({ ...options, target: recorder() })).toThrow(expect.toSatisfy(error => SoraError.is(error) && error.code === code));
    expect(scheduler.size).toBe(0);
  });
});
