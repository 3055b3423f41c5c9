import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { compileCron } from "./cron.ts";
import type { DueTicks, MisfirePolicy } from "./misfire.ts";
import { assertMisfire, dueTicksOfCron, dueTicksOfInterval } from "./misfire.ts";

const at = (date: string): number => Date.parse(`${date}Z`);

describe("dueTicksOfInterval", () => {
  test.each<[string, number, number, MisfirePolicy, DueTicks]>([
    ["one on time", 1_000, 0, "skip", { run: [10_000], missed: 0, next: 11_000 }],
    ["one late, within its period", 1_000, 999, "skip", { run: [10_000], missed: 0, next: 11_000 }],
    ["skip: the newest of six runs", 1_000, 5_500, "skip", { run: [15_000], missed: 5, next: 16_000 }],
    ["once: the newest of six runs", 1_000, 5_500, "once", { run: [15_000], missed: 5, next: 16_000 }],
    ["all, within the bound: each runs, in order", 1_000, 2_000, { all: 5 }, { run: [10_000, 11_000, 12_000], missed: 0, next: 13_000 }],
    ["all, past the bound: the newest run", 1_000, 5_500, { all: 2 }, { run: [14_000, 15_000], missed: 4, next: 16_000 }],
    ["skip: one that is exactly a minute late runs", 3_600_000, 60_000, "skip", { run: [10_000], missed: 0, next: 3_610_000 }],
    ["skip: one that is later does not", 3_600_000, 60_001, "skip", { run: [], missed: 1, next: 3_610_000 }],
    ["once: one that is later does", 3_600_000, 60_001, "once", { run: [10_000], missed: 0, next: 3_610_000 }],
    ["skip: eight hours later, at a quarter past", 3_600_000, 8.25 * 3_600_000, "skip", { run: [], missed: 9, next: 10_000 + 9 * 3_600_000 }],
    ["once: eight hours later", 3_600_000, 8.25 * 3_600_000, "once", { run: [10_000 + 8 * 3_600_000], missed: 8, next: 10_000 + 9 * 3_600_000 }],
  ])("%s", (_, every, lateness, policy, expected) => {
    expect(dueTicksOfInterval(10_000, every, 10_000 + lateness, policy)).toEqual(expected);
  });

  test("counts years of milliseconds at once, and keeps to its beat", () => {
    const ticks = dueTicksOfInterval(0, 7, 1e12, { all: 3 });
    expect(ticks.next).toBe(Math.floor(1e12 / 7) * 7 + 7);
    expect([ticks.run.length, ticks.missed]).toEqual([3, Math.floor(1e12 / 7) - 2]);
  });

  test("always plans past now, also where fractions round", () => {
    for (let i = 1; i < 2_000; i++) {
      const every = i / 7;
      const now = 0.1 + every * (i % 13);
      const ticks = dueTicksOfInterval(0.1, every, now, "once");
      expect(ticks.next).toBeGreaterThan(now);
      expect(ticks.run[0]).toBeLessThanOrEqual(now);
    }
  });
});

describe("dueTicksOfCron", () => {
  const daily = compileCron("0 3 * * *", "Europe/Berlin");
  const everySecond = compileCron("* * * * * *");
  const winter = (day: string): number => at(`2026-01-${day}T02:00`);

  test.each<[string, string, MisfirePolicy, string[], number, string]>([
    ["on time", "2026-01-01T02:00", "skip", ["01"], 0, "02"],
    ["skip: 30 s late", "2026-01-01T02:00:30", "skip", ["01"], 0, "02"],
    ["skip: seven hours late", "2026-01-01T09:00", "skip", [], 1, "02"],
    ["once: seven hours late", "2026-01-01T09:00", "once", ["01"], 0, "02"],
    ["once: three days late", "2026-01-04T09:00", "once", ["04"], 3, "05"],
    ["all: three days late", "2026-01-04T09:00", { all: 9 }, ["01", "02", "03", "04"], 0, "05"],
    ["all: three days late, two at most", "2026-01-04T09:00", { all: 2 }, ["03", "04"], 2, "05"],
  ])("%s", (_, now, policy, run, missed, next) => {
    expect(dueTicksOfCron(winter("01"), daily, at(now), policy)).toEqual({ run: run.map(winter), missed, next: winter(next) });
  });

  test.each<[MisfirePolicy, number]>([
    ["skip", 1],
    ["once", 1],
    [{ all: 3 }, 3],
    [{ all: 150 }, 150],
  ])("counts to 100 of what 56 years missed, and runs the newest by %j", (policy, count) => {
    const now = at("2026-06-01T12:00:00.500");
    const newest = at("2026-06-01T12:00");
    const run = Array.from({ length: count }, (_, i) => newest - (count - 1 - i) * 1_000);
    expect(dueTicksOfCron(0, everySecond, now, policy)).toEqual({ run, missed: 100, next: newest + 1_000 });
  });

  test("finds the newest of many that come in clusters", () => {
    const clustered = compileCron("* 3 1 * *");
    const ticks = dueTicksOfCron(at("1970-02-01T03:00"), clustered, at("2026-06-20T00:00"), { all: 61 });
    expect(ticks.run.map(tick => new Date(tick).toISOString().slice(0, 16)).slice(0, 3)).toEqual(["2026-05-01T03:59", "2026-06-01T03:00", "2026-06-01T03:01"]);
    expect([ticks.run.length, ticks.next]).toEqual([61, at("2026-07-01T03:00")]);
  });

  test("is over with the last tick of the calendar", () => {
    const last = at("2999-01-01T00:00");
    expect(dueTicksOfCron(last, compileCron("0 0 1 1 *"), last, "skip")).toEqual({ run: [last], missed: 0, next: undefined });
  });
});

describe("assertMisfire", () => {
  test.each<MisfirePolicy>(["skip", "once", { all: 1 }, { all: 1_000 }])("accepts %j", policy => {
    expect(() => assertMisfire(policy)).not.toThrow();
  });

  test.each<[unknown, string]>([
    [{ all: 0 }, "{ all: 0 }"],
    [{ all: 1.5 }, "{ all: 1.5 }"],
    [{ all: Number.POSITIVE_INFINITY }, "{ all: Infinity }"],
    [{ all: 1_001 }, "{ all: 1001 }"],
    ["all", '"all"'],
    [{}, "of type object"],
    [null, "of type object"],
    [5, "of type number"],
  ])("refuses %j, saying what it saw", (policy, seen) => {
    expect(() => assertMisfire(policy as MisfirePolicy)).toThrow(
      expect.toSatisfy(error => SoraError.is(error, "SORA_OPTION_INVALID") && error.message.includes(`is ${seen},`)),
    );
  });
});
