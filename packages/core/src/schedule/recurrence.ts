import { SoraError } from "../errors/sora-error.ts";
import { longestDuration } from "../time/duration.ts";
import type { CronSchedule } from "./cron.ts";

/** When something runs, again and again. All spans are milliseconds. */
export type Recurrence = IntervalRecurrence | CronRecurrence;

/** At a fixed rate on the monotonic clock, so that neither corrections of the clock nor slow runs move it. */
export interface IntervalRecurrence {
  readonly kind: "interval";
  /** 1 or more. */
  readonly every: number;
  /** The first run comes this long after the start, plus `every` unless `runOnStartup`. */
  readonly initialDelay: number;
  readonly runOnStartup: boolean;
}

/** At the times of a cron expression on the wall clock, in a time zone; see `compileCron`. */
export interface CronRecurrence {
  readonly kind: "cron";
  readonly expression: string;
  readonly timeZone: string;
  /** A run of its own when the start is `initialDelay` ago, before the first tick of the expression. */
  readonly runOnStartup: boolean;
  /** Ticks before this long after the start are passed over. */
  readonly initialDelay: number;
}

/** @throws SoraError `SORA_OPTION_INVALID` for an interval below a millisecond, an initial delay below none, and either past a million days. */
export function assertRecurrence(recurrence: Recurrence): void {
  assertWithin("initial delay", recurrence.initialDelay, 0);
  if (recurrence.kind === "interval") assertWithin("interval", recurrence.every, 1);
}

function assertWithin(what: string, seen: number, least: number): void {
  if (typeof seen === "number" && seen >= least && seen <= longestDuration) return;
  throw new SoraError(
    "SORA_OPTION_INVALID",
    `Cannot schedule: the ${what} is ${String(seen)} ms, and must be ${least} ms or more, and at most 1,000,000 days.`,
    {
      details: { option: what, seen: String(seen) },
    },
  );
}

/** Whether both say the same. */
export function isSameRecurrence(one: Recurrence, other: Recurrence): boolean {
  if (one === other) return true;
  if (one.initialDelay !== other.initialDelay || one.runOnStartup !== other.runOnStartup) return false;
  if (one.kind === "interval") return other.kind === "interval" && one.every === other.every;
  return other.kind === "cron" && one.expression === other.expression && one.timeZone === other.timeZone;
}

/** The monotonic time an interval is first due when it starts at `start`: on a whole millisecond, so that adding to it stays exact. */
export function firstDueOfInterval({ every, initialDelay, runOnStartup }: IntervalRecurrence, start: number): number {
  return Math.ceil(start + initialDelay + (runOnStartup ? 0 : every));
}

/** The wall time a cron expression is first due when it starts at `start`; undefined where it has no tick left. */
export function firstDueOfCron({ initialDelay, runOnStartup }: CronRecurrence, schedule: CronSchedule, start: number): number | undefined {
  return runOnStartup ? start + initialDelay : schedule.next(start + initialDelay);
}

/**
 * When an interval that was due every `before` milliseconds, next at `due`, is due once its period is `every`: that long
 * after it was last due, or at once where that has passed.
 */
export function replannedDue(due: number, before: number, every: number, now: number): number {
  return Math.max(due - before + every, Math.ceil(now));
}
