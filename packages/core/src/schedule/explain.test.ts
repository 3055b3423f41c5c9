import { describe, expect, test } from "vitest";
import { compileCron } from "./cron.ts";
import { explainRuns } from "./explain.ts";
import type { Recurrence } from "./recurrence.ts";

const at = (date: string): number => Date.parse(`${date}Z`);

function explain(recurrence: Recurrence, now: string, count: number, options: { first?: string; onStartup?: boolean; jitter?: number } = {}): string[] {
  const cron = recurrence.kind === "cron" ? compileCron(recurrence.expression, recurrence.timeZone) : undefined;
  const first = options.first === undefined ? (cron?.next(at(now)) as number) : at(options.first);
  const runs = explainRuns({ recurrence, cron, jitter: options.jitter ?? 0, first, onStartup: options.onStartup ?? false, now: at(now) }, count);
  return runs.map(run => `${new Date(run.at).toISOString().slice(0, 16)} ${run.reason}`);
}

const cron = (expression: string, timeZone: string): Recurrence => ({ kind: "cron", expression, timeZone, initialDelay: 0, runOnStartup: false });

describe("explainRuns", () => {
  test("says the interval, the run on start-up, and the jitter", () => {
    const recurrence: Recurrence = { kind: "interval", every: 5_400_000, initialDelay: 0, runOnStartup: true };
    expect(explain(recurrence, "2026-01-01T00:00", 3, { first: "2026-01-01T00:10", onStartup: true, jitter: 10_000 })).toEqual([
      "2026-01-01T00:10 on start-up, up to 10s later by jitter",
      "2026-01-01T01:40 every 1h 30m, up to 10s later by jitter",
      "2026-01-01T03:10 every 1h 30m, up to 10s later by jitter",
    ]);
  });

  test("says the expression and its zone", () => {
    expect(explain(cron("0 3 * * *", "Europe/Berlin"), "2026-01-01T00:00", 2)).toEqual([
      '2026-01-01T02:00 cron "0 3 * * *" in Europe/Berlin',
      '2026-01-02T02:00 cron "0 3 * * *" in Europe/Berlin',
    ]);
  });

  test("goes from a run on start-up to the expression's first tick after it", () => {
    expect(explain(cron("0 3 * * *", "UTC"), "2026-01-01T00:00", 2, { first: "2026-01-01T03:00", onStartup: true })).toEqual([
      "2026-01-01T03:00 on start-up",
      '2026-01-02T03:00 cron "0 3 * * *" in UTC',
    ]);
  });

  test("says of a time that does not exist why the run comes when the clock is turned forward", () => {
    expect(explain(cron("30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00", 2)).toEqual([
      '2026-03-29T01:00 cron "30 2 * * *" in Europe/Berlin: 02:30 does not exist on 2026-03-29, where the clock is turned forward from 02:00 to 03:00, so it runs then',
      '2026-03-30T00:30 cron "30 2 * * *" in Europe/Berlin',
    ]);
  });

  test("says of a time that does not exist that a beat passes it over", () => {
    expect(explain(cron("*/30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00", 2)).toEqual([
      '2026-03-30T00:00 cron "*/30 2 * * *" in Europe/Berlin: 02:00 does not exist on 2026-03-29, where the clock is turned forward from 02:00 to 03:00, so that is passed over',
      '2026-03-30T00:30 cron "*/30 2 * * *" in Europe/Berlin',
    ]);
  });

  test("says which of two it is, of a time that comes twice", () => {
    expect(explain(cron("30 2 * * *", "Europe/Berlin"), "2026-10-24T12:00", 1)).toEqual([
      '2026-10-25T00:30 cron "30 2 * * *" in Europe/Berlin: 02:30 comes twice on 2026-10-25, where the clock is turned back; this is the first time, and runs then only',
    ]);
    expect(explain(cron("30 * * * *", "Europe/Berlin"), "2026-10-25T00:00", 2)).toEqual([
      '2026-10-25T00:30 cron "30 * * * *" in Europe/Berlin: 02:30 comes twice on 2026-10-25, where the clock is turned back; this is the first time',
      '2026-10-25T01:30 cron "30 * * * *" in Europe/Berlin: 02:30 comes twice on 2026-10-25, where the clock is turned back; this is the second time',
    ]);
  });

  test("writes seconds where there are some, and ends with the calendar", () => {
    expect(explain(cron("15 30 2 29 3 *", "Europe/Berlin"), "2026-03-28T12:00", 1)[0]).toContain("02:30:15 does not exist on 2026-03-29");
    expect(explain(cron("0 0 1 1 *", "UTC"), "2998-06-01T00:00", 5)).toHaveLength(1);
  });
});
