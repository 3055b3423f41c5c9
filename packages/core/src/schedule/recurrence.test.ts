import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { compileCron } from "./cron.ts";
import type { CronRecurrence, IntervalRecurrence } from "./recurrence.ts";
import { assertRecurrence, firstDueOfCron, firstDueOfInterval, replannedDue } from "./recurrence.ts";

const hourly: IntervalRecurrence = { kind: "interval", every: 3_600_000, initialDelay: 5_000, runOnStartup: false };
const daily: CronRecurrence = { kind: "cron", expression: "0 3 * * *", timeZone: "UTC", initialDelay: 0, runOnStartup: false };
const at = (date: string): number => Date.parse(`${date}Z`);

describe("firstDueOfInterval", () => {
  test("is the initial delay and one period after the start", () => {
    expect(firstDueOfInterval(hourly, 1_000)).toBe(1_000 + 5_000 + 3_600_000);
  });

  test("is the initial delay after the start with runOnStartup", () => {
    expect(firstDueOfInterval({ ...hourly, runOnStartup: true }, 1_000)).toBe(6_000);
  });

  test("is on a whole millisecond, never before the span is over", () => {
    expect(firstDueOfInterval(hourly, 1_000.2)).toBe(3_606_001);
  });
});

describe("firstDueOfCron", () => {
  const schedule = compileCron(daily.expression);

  test("is the first tick after the start and the initial delay", () => {
    expect(firstDueOfCron(daily, schedule, at("2026-01-01T02:00"))).toBe(at("2026-01-01T03:00"));
    expect(firstDueOfCron({ ...daily, initialDelay: 7_200_000 }, schedule, at("2026-01-01T02:00"))).toBe(at("2026-01-02T03:00"));
  });

  test("is the initial delay after the start with runOnStartup", () => {
    expect(firstDueOfCron({ ...daily, initialDelay: 60_000, runOnStartup: true }, schedule, at("2026-01-01T02:00"))).toBe(at("2026-01-01T02:01"));
  });
});

describe("replannedDue", () => {
  test.each([
    ["shorter, and not passed", 10_000, 4_000, 2_000, 4_000],
    ["shorter, and passed: at once", 10_000, 4_000, 7_000.5, 7_001],
    ["longer", 10_000, 60_000, 7_000, 60_000],
  ])("counts from when it was last due: %s", (_, before, every, now, due) => {
    expect(replannedDue(10_000, before, every, now)).toBe(due);
  });
});

describe("assertRecurrence", () => {
  test.each([0, -1, 0.9, Number.NaN, Number.POSITIVE_INFINITY, 8.64e13 + 1, "60" as unknown as number])("refuses an interval of %j", every => {
    expect(() => assertRecurrence({ ...hourly, every })).toThrow(expect.toSatisfy(error => SoraError.is(error, "SORA_OPTION_INVALID")));
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 8.64e13 + 1])("refuses an initial delay of %d, of either kind", initialDelay => {
    for (const recurrence of [hourly, daily]) {
      expect(() => assertRecurrence({ ...recurrence, initialDelay })).toThrow(expect.toSatisfy(error => SoraError.is(error, "SORA_OPTION_INVALID")));
    }
  });

  test.each([hourly, daily, { ...hourly, every: 2 ** 31, initialDelay: 2 ** 40 }, { ...hourly, every: 1.5 }, { ...hourly, every: 8.64e13 }])(
    "accepts %j",
    recurrence => {
      expect(() => assertRecurrence(recurrence)).not.toThrow();
    },
  );
});
