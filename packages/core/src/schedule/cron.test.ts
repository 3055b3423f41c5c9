import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { compileCron } from "./cron.ts";
import { CronCache } from "./cron-cache.ts";

const utc = (date: string): number => Date.parse(`${date}Z`);
const ticks = (expression: string, zone: string, after: string, count: number): string[] => {
  const schedule = compileCron(expression, zone);
  const found: string[] = [];
  for (let at = utc(after); found.length < count; found.push(new Date(at).toISOString().replace(/:00\.000Z$|\.000Z$/, ""))) at = schedule.next(at) as number;
  return found;
};

/** Milliseconds that this thread has been at work, to which nothing adds that the machine does besides. */
const worked = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

describe("compileCron", () => {
  test.each([
    ["0 3 * * *", ["2026-01-01T03:00", "2026-01-02T03:00"]],
    ["*/20 * * * *", ["2026-01-01T00:20", "2026-01-01T00:40"]],
    ["30 15 10 * * *", ["2026-01-01T10:15:30", "2026-01-02T10:15:30"]],
    ["0-10/5 8 * * *", ["2026-01-01T08:00", "2026-01-01T08:05"]],
    ["0 0 * * MON-FRI", ["2026-01-02T00:00", "2026-01-05T00:00"]],
    ["0 0 * * fri-sun", ["2026-01-02T00:00", "2026-01-03T00:00"]],
    ["0 0 * * 7", ["2026-01-04T00:00", "2026-01-11T00:00"]],
    ["0 0 * feb,MAR *", ["2026-02-01T00:00", "2026-02-02T00:00"]],
    ["0 0 13 * FRI", ["2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00", "2026-01-16T00:00"]],
    ["0 0 29 2 *", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    ["0 0 L * ?", ["2026-01-31T00:00", "2026-02-28T00:00"]],
    ["0 0 LW * *", ["2026-01-30T00:00", "2026-02-27T00:00"]],
    ["0 0 15W * *", ["2026-01-15T00:00", "2026-02-16T00:00"]],
    ["0 0 ? * TUE#2", ["2026-01-13T00:00", "2026-02-10T00:00"]],
    ["0 0 * * 5L", ["2026-01-30T00:00", "2026-02-27T00:00"]],
    ["@yearly", ["2027-01-01T00:00", "2028-01-01T00:00"]],
    ["@Weekly", ["2026-01-04T00:00", "2026-01-11T00:00"]],
    ["@hourly", ["2026-01-01T01:00", "2026-01-01T02:00"]],
    ["  0   3\t* * *  ", ["2026-01-01T03:00", "2026-01-02T03:00"]],
  ])("reads %j in UTC", (expression, expected) => {
    expect(ticks(expression, "UTC", "2026-01-01T00:00", expected.length)).toEqual(expected);
  });

  test("works in UTC unless a zone is given, whatever zone the machine is in", () => {
    expect(compileCron("0 3 * * *").next(utc("2026-07-01T00:00"))).toBe(utc("2026-07-01T03:00"));
    expect(compileCron("0 3 * * *", "America/New_York").next(utc("2026-07-01T00:00"))).toBe(utc("2026-07-01T07:00"));
  });

  test("gives the tick strictly after what it is asked, to the millisecond, in whatever order it is asked", () => {
    const schedule = compileCron("0 12 * * *", "Europe/Berlin");
    const noon = utc("2026-01-05T11:00");
    const next = utc("2026-01-06T11:00");
    for (const [after, expected] of [
      [noon - 1, noon],
      [noon, next],
      [noon + 1, next],
      [noon - 1, noon],
      [next - 1, next],
      [noon - 0.5, noon],
    ] as const) {
      expect(schedule.next(after)).toBe(expected);
    }
  });

  test("gives undefined from the year 3000 on", () => {
    const schedule = compileCron("0 0 1 1 *");
    expect(schedule.next(utc("2998-06-01T00:00"))).toBe(utc("2999-01-01T00:00"));
    expect(schedule.next(utc("2999-06-01T00:00"))).toBeUndefined();
    expect([9e15, -9e15, Number.NaN, Number.POSITIVE_INFINITY].map(after => compileCron("0 0 1 1 *", "Europe/Berlin").next(after))).toEqual(
      Array(4).fill(undefined),
    );
  });

  test.each([
    ["60 * * * *", "minute (field 1): 60 is out of 0–59", 1],
    ["* 24 * * *", "hour (field 2): 24 is out of 0–23", 2],
    ["0 60 * * * *", "minute (field 2): 60 is out of 0–59", 2],
    ["61 * * * * *", "second (field 1): 61 is out of 0–59", 1],
    ["* * 0 * *", "day of month (field 3): 0 is out of 1–31", 3],
    ["* * 32W * *", "day of month (field 3): 32 is out of 1–31", 3],
    ["* * LW,3 * *", "day of month (field 3): LW cannot stand in a list", 3],
    ["* * * 13 *", "month (field 4): 13 is out of 1–12", 4],
    ["* * * FOO *", 'month (field 4): "FOO" is not a value of 1–12 or a name', 4],
    ["* * * * 8", "weekday (field 5): 8 is out of 0–7", 5],
    ["* * * * L", 'weekday (field 5): "L" is not a value of 0–7 or a name', 5],
    ["* * * * FRI#6", 'weekday (field 5): "FRI#6": # wants which of the month\'s weekdays, 1–5', 5],
    ["* * * * SAT-MON", 'weekday (field 5): "SAT-MON" runs backwards; write it as two ranges', 5],
    ["* * * * 5-0", 'weekday (field 5): "5-0" runs backwards; write it as two ranges', 5],
    ["1,,2 * * * *", "minute (field 1): a value is missing", 1],
    ["1- * * * *", "minute (field 1): a value is missing", 1],
    ["-1 * * * *", "minute (field 1): a value is missing", 1],
    ["*/0 * * * *", "minute (field 1): a step of 0 is out of 1–60", 1],
    ["*/90 * * * *", "minute (field 1): a step of 90 is out of 1–60", 1],
    ["*/ * * * *", "minute (field 1): a step is missing", 1],
    ["*/5/2 * * * *", 'minute (field 1): "*/5/2" has more than one step', 1],
    ["5/15 * * * *", 'minute (field 1): "5/15" steps from a single value; write 5-59/15', 1],
    ["? * * * *", 'minute (field 1): "?" is not a value of 0–59', 1],
    ["0 22-2 * * *", 'hour (field 2): "22-2" runs backwards; write it as two ranges', 2],
  ])("refuses %j, naming the field and its place", (expression, why, position) => {
    const error = refused(expression);
    expect(error.message).toBe(`Cannot read the cron expression "${expression}": ${why}.`);
    expect(error.details).toMatchObject({ expression, position });
  });

  test.each([
    ["", "it has 0 fields"],
    ["*", "it has 1 field"],
    ["* * * *", "it has 4 fields"],
    ["* * * * * * *", "it has 7 fields"],
    ["@reboot", "@reboot is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly"],
    ["constructor", "it has 1 field"],
  ])("refuses %j, saying %s", (expression, why) => {
    expect(refused(expression).message).toBe(`Cannot read the cron expression "${expression}": ${why}.`);
  });

  test.each([
    ["0 0 31 2 *", "day of month (field 3) and month (field 4): no date has day 31 in month 2"],
    ["0 0 0 30-31 FEB *", "day of month (field 4) and month (field 5): no date has day 30-31 in month FEB"],
    ["0 0 31 4,6,9,11 *", "day of month (field 3) and month (field 4): no date has day 31 in month 4,6,9,11"],
    ["0 0 30W 2 *", "no date ever fits it"],
  ])("refuses %j, which never comes, within a second", (expression, why) => {
    const started = worked();
    expect(refused(expression).message).toBe(`Cannot read the cron expression "${expression}": ${why}.`);
    expect(worked() - started).toBeLessThan(1_000);
  });

  test("refuses what is not a string", () => {
    expect(refused(undefined as unknown as string).message).toContain("it is not a string");
  });

  test("refuses an unknown zone by its own code", () => {
    expect(() => compileCron("* * * * *", "Mars/X")).toThrow(expect.toSatisfy(error => SoraError.is(error, "SORA_TIME_ZONE_INVALID")));
  });
});

describe("compileCron where the clock is turned forward", () => {
  test("fires a time of day that is skipped once, when the clock jumps", () => {
    expect(ticks("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 2)).toEqual(["2026-03-29T01:00", "2026-03-30T00:30"]);
  });

  test("lets one tick stand for several times skipped together, and for one that falls on the jump", () => {
    expect(ticks("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:00", 3)).toEqual(["2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:00"]);
  });

  test("fires it once where the skipped time ends at midnight, and where a whole day is left out", () => {
    expect(ticks("30 23 * * *", "America/Nuuk", "2024-03-30T12:00", 2)).toEqual(["2024-03-31T01:00", "2024-04-01T00:30"]);
    expect(ticks("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00", 2)).toEqual(["2011-12-30T10:00", "2012-12-29T22:00"]);
  });

  test("keeps the rhythm of a beat, with nothing for times that do not exist", () => {
    expect(ticks("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:15", 3)).toEqual(["2026-03-29T00:30", "2026-03-29T01:00", "2026-03-29T01:30"]);
    expect(ticks("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 1)).toEqual(["2026-03-30T00:00"]);
    expect(ticks("* * * * * *", "Europe/Berlin", "2026-03-29T00:59:58", 2)).toEqual(["2026-03-29T00:59:59", "2026-03-29T01:00"]);
  });
});

describe("compileCron where the clock is turned back", () => {
  test("fires a time of day that comes twice once, the first time", () => {
    expect(ticks("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2)).toEqual(["2026-10-25T00:30", "2026-10-26T01:30"]);
    expect(compileCron("30 2 * * *", "Europe/Berlin").next(utc("2026-10-25T01:10"))).toBe(utc("2026-10-26T01:30"));
  });

  test("keeps a beat of minutes and of hours steady through both passes", () => {
    expect(ticks("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:15", 4)).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T01:00",
      "2026-10-25T01:30",
      "2026-10-25T02:00",
    ]);
    expect(ticks("0 * * * *", "Europe/Berlin", "2026-10-24T23:30", 4)).toEqual([
      "2026-10-25T00:00",
      "2026-10-25T01:00",
      "2026-10-25T02:00",
      "2026-10-25T03:00",
    ]);
  });

  test("takes a field that lists its whole range for a beat", () => {
    expect(compileCron("0 0-23 * * *").follows).toBe("beat");
    expect(compileCron("0 0-22 * * *").follows).toBe("times");
    expect(compileCron("0,30 9,17 * * *").follows).toBe("times");
    expect(compileCron("*/30 9 * * *").follows).toBe("beat");
    expect(compileCron("* 0 9 * * *").follows).toBe("beat");
  });
});

describe("CronCache", () => {
  test("compiles each distinct expression and zone once", () => {
    const cache = new CronCache();
    const schedule = cache.schedule("0 3 * * *", "Europe/Berlin");
    expect(cache.schedule("0 3 * * *", "Europe/Berlin")).toBe(schedule);
    expect(cache.schedule("0 3 * * *", "UTC")).not.toBe(schedule);
    expect(cache.schedule("0 4 * * *", "Europe/Berlin").zone).toBe(schedule.zone);
  });

  test("keeps 1,024 schedules, and drops the one added first", () => {
    const cache = new CronCache();
    const expression = (i: number): string => `${i % 60} ${Math.floor(i / 60)} * * *`;
    const [first, second] = Array.from({ length: 1_025 }, (_, i) => cache.schedule(expression(i), "UTC"));
    expect(cache.schedule(expression(1), "UTC")).toBe(second);
    expect(cache.schedule(expression(0), "UTC")).not.toBe(first);
  });
});

function refused(expression: string): SoraError {
  try {
    compileCron(expression);
  } catch (error) {
    if (SoraError.is(error, "SORA_CRON_INVALID")) return error;
    throw error;
  }
  return expect.unreachable(`${expression} was accepted`);
}
