import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { seededChance } from "../time/chance.ts";
import type { CronSchedule } from "./cron.ts";
import { compileCron } from "./cron.ts";
import type { MisfirePolicy } from "./misfire.ts";
import type { Recurrence } from "./recurrence.ts";
import type { ScheduleEntry } from "./schedule-entry.ts";
import { Scheduler } from "./scheduler.ts";

/*
 * The scheduler beside a naive one: a list, searched from end to end at each step, whose missed ticks are counted one by
 * one. Both live through the same adds, cancels, replans, passing time, held event loops and jumps of the clock, and
 * must make the same calls at the same instants.
 */

const nightly = process.env["SORA_NIGHTLY"] === "1";
const start = Date.parse("2026-03-01T00:00:00Z");
const hour = 3_600_000;

interface Call {
  readonly name: number;
  readonly monotonic: number;
  readonly scheduledAt: number;
  readonly missed: number;
}

interface NaiveEntry {
  readonly name: number;
  recurrence: Recurrence;
  readonly misfire: MisfirePolicy;
  /** On the clock of its kind. */
  due: number;
  onStartup: boolean;
  missed: number;
  /** Its place among those of one instant; a change of kind puts it behind the others. */
  added: number;
}

class NaiveScheduler {
  readonly calls: Call[] = [];
  monotonic = 0;
  skew = 0;
  entries: NaiveEntry[] = [];
  #wakeAt = Number.POSITIVE_INFINITY;
  #latestWall = Number.NEGATIVE_INFINITY;
  #added = 0;

  get wall(): number {
    return start + this.monotonic + this.skew;
  }

  add(name: number, recurrence: Recurrence, misfire: MisfirePolicy): void {
    const { initialDelay, runOnStartup } = recurrence;
    const waits = this.monotonic + initialDelay;
    const due =
      recurrence.kind === "interval" ? waits + (runOnStartup ? 0 : recurrence.every) : runOnStartup ? waits : tickAfter(recurrence, this.wall + initialDelay);
    const entry: NaiveEntry = { name, recurrence, misfire, due, onStartup: runOnStartup, missed: 0, added: this.#added++ };
    this.entries.push(entry);
    // Only what comes first of its kind has the clocks read, so only then is a jump noticed before its time.
    if (this.entries.every(other => this.#isDate(other) !== this.#isDate(entry) || other === entry || due < other.due)) this.#rearm();
  }

  cancel(name: number): void {
    this.entries = this.entries.filter(entry => entry.name !== name);
  }

  replan(name: number, recurrence: Recurrence): void {
    const entry = this.entries.find(other => other.name === name);
    if (entry === undefined) return;
    const before = entry.recurrence;
    entry.recurrence = recurrence;
    if (entry.onStartup || JSON.stringify(kindOf(before)) === JSON.stringify(kindOf(recurrence))) return;
    if (before.kind === "cron" || recurrence.kind === "cron") entry.added = this.#added++;
    if (recurrence.kind === "cron") entry.due = tickAfter(recurrence, this.wall);
    else if (before.kind === "cron") entry.due = this.monotonic + recurrence.every;
    else entry.due = Math.max(entry.due - before.every + recurrence.every, this.monotonic);
    this.#rearm();
  }

  /** Sleeps are never cut short by what happens meanwhile, except by an add or a replan that is due sooner. */
  #rearm(): void {
    let wake = Number.POSITIVE_INFINITY;
    for (const entry of this.entries) wake = Math.min(wake, this.#isDate(entry) ? Math.min(entry.due - start - this.skew, this.monotonic + 30_000) : entry.due);
    this.#wakeAt = Math.min(this.#wakeAt, Math.max(wake, this.monotonic));
  }

  #isDate(entry: NaiveEntry): boolean {
    return entry.recurrence.kind === "cron" && !entry.onStartup;
  }

  advance(span: number): void {
    const target = this.monotonic + span;
    while (this.#wakeAt <= target) {
      this.monotonic = Math.max(this.monotonic, this.#wakeAt);
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#fire();
      this.#rearm();
    }
    this.monotonic = target;
  }

  #fire(): void {
    if (this.wall < this.#latestWall - 3 * hour) {
      this.#latestWall = this.wall;
      for (const entry of this.entries) if (this.#isDate(entry)) entry.due = tickAfter(entry.recurrence, this.wall);
    }
    this.#latestWall = Math.max(this.#latestWall, this.wall);
    for (const dates of [false, true]) {
      const now = dates ? this.wall : this.monotonic;
      const due = this.entries.filter(entry => this.#isDate(entry) === dates && entry.due <= now).toSorted((a, b) => a.due - b.due || a.added - b.added);
      for (const entry of due) this.#run(entry, now, dates ? 0 : this.wall - this.monotonic);
    }
  }

  #run(entry: NaiveEntry, now: number, toWall: number): void {
    const ticks: number[] = [];
    const onStartup = entry.onStartup;
    entry.onStartup = false;
    if (onStartup && entry.recurrence.kind === "cron") {
      ticks.push(entry.due);
      entry.due = tickAfter(entry.recurrence, this.wall);
      entry.added = this.#added++;
      this.#call(entry, ticks[0] as number, toWall);
      return;
    }
    for (; entry.due <= now; entry.due = entry.recurrence.kind === "interval" ? entry.due + entry.recurrence.every : tickAfter(entry.recurrence, entry.due))
      ticks.push(entry.due);
    const policy = onStartup && entry.misfire === "skip" ? "once" : entry.misfire;
    const isLate = now - (ticks.at(-1) as number) > 60_000;
    const runs = policy === "skip" ? (isLate ? 0 : 1) : policy === "once" ? 1 : Math.min(policy.all, ticks.length);
    // Of cron 100 are counted.
    entry.missed += entry.recurrence.kind === "cron" && ticks.length > 100 ? 100 : ticks.length - runs;
    for (const tick of ticks.slice(ticks.length - runs)) this.#call(entry, tick, toWall);
  }

  #call(entry: NaiveEntry, tick: number, toWall: number): void {
    this.calls.push({ name: entry.name, monotonic: this.monotonic, scheduledAt: tick + toWall, missed: entry.missed });
    entry.missed = 0;
  }
}

function kindOf(recurrence: Recurrence): unknown {
  return recurrence.kind === "interval" ? recurrence.every : [recurrence.expression, recurrence.timeZone];
}

const schedules = new Map<string, CronSchedule>();

function tickAfter(recurrence: Recurrence, after: number): number {
  if (recurrence.kind === "interval") return Number.NaN;
  const key = `${recurrence.timeZone} ${recurrence.expression}`;
  const schedule = schedules.get(key) ?? compileCron(recurrence.expression, recurrence.timeZone);
  schedules.set(key, schedule);
  return schedule.next(after) as number;
}

const recurrence: fc.Arbitrary<Recurrence> = fc.oneof(
  fc.record({
    kind: fc.constant("interval" as const),
    every: fc.constantFrom(7_000, 30_000, 60_000, 90_000, 600_000, hour),
    initialDelay: fc.constantFrom(0, 0, 5_000, 45_000),
    runOnStartup: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("cron" as const),
    expression: fc.constantFrom("* * * * *", "*/10 * * * *", "20,40 * * * * *", "0 * * * *", "30 2 * * *", "15 3 29 3 *"),
    timeZone: fc.constantFrom("UTC", "Europe/Berlin"),
    initialDelay: fc.constantFrom(0, 0, 5_000, 45_000),
    runOnStartup: fc.boolean(),
  }),
);
const misfire: fc.Arbitrary<MisfirePolicy> = fc.oneof(
  fc.constantFrom<MisfirePolicy>("skip", "once"),
  fc.integer({ min: 1, max: 5 }).map(all => ({ all })),
);
const which = fc.nat({ max: 30 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), recurrence, misfire }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cancel" as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("replan" as const), which, recurrence }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("advance" as const), by: fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 2 * hour })) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("block" as const), by: fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 3 * hour })) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("jump" as const),
      by: fc.oneof(fc.integer({ min: -2 * hour, max: 2 * hour }), fc.integer({ min: -50 * hour, max: 50 * hour })),
    }),
  },
);

const [runs, steps] = nightly ? [20_000, 60] : [300, 30];

describe("Scheduler beside a naive one", () => {
  test(`makes the same calls, over ${runs} histories of up to ${steps} steps`, { timeout: nightly ? 3_600_000 : 60_000 }, async () => {
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: steps }), async history => {
        const clock = createVirtualClock({ start });
        const scheduler = new Scheduler({ clock, chance: seededChance(1) });
        const naive = new NaiveScheduler();
        const made: Call[] = [];
        const entries: ScheduleEntry[] = [];
        let compared = 0; // so many calls were the same before
        scheduler.start();
        for (const each of history) {
          const chosen = "which" in each && entries.length > 0 ? each.which % entries.length : -1;
          if (each.do === "add") {
            const name = entries.length;
            const target = { onDue: (scheduledAt: number, missed: number) => void made.push({ name, monotonic: clock.monotonic(), scheduledAt, missed }) };
            entries.push(scheduler.add({ recurrence: each.recurrence, misfire: each.misfire, target }));
            naive.add(name, each.recurrence, each.misfire);
          } else if (each.do === "cancel") {
            entries[chosen]?.cancel();
            naive.cancel(chosen);
          } else if (each.do === "replan") {
            entries[chosen]?.replan(each.recurrence);
            naive.replan(chosen, each.recurrence);
          } else if (each.do === "advance") {
            await clock.advance(each.by);
            naive.advance(each.by);
          } else if (each.do === "block") {
            clock.block(each.by);
            naive.monotonic += each.by;
          } else {
            clock.jumpWall(each.by);
            naive.skew += each.by;
          }
          expect(made.slice(compared)).toEqual(naive.calls.slice(compared));
          compared = made.length;
          for (const entry of naive.entries) {
            const isDate = entry.recurrence.kind === "cron" && !entry.onStartup;
            expect(entries[entry.name]?.nextDue()).toBe(isDate ? entry.due : entry.due + naive.wall - naive.monotonic);
          }
          expect(scheduler.size).toBe(naive.entries.length);
        }
        calls += made.length;
      }),
      { numRuns: runs },
    );
    expect(calls).toBeGreaterThan(runs * 20);
  });
});
