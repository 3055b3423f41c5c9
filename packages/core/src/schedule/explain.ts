import { formatDuration } from "../time/format-duration.ts";
import type { CronSchedule } from "./cron.ts";
import type { Recurrence } from "./recurrence.ts";

/** One coming run, and why it comes then. */
export interface ExplainedRun {
  /** Wall time in epoch milliseconds, before jitter. */
  readonly at: number;
  /** In words: the interval, or the expression and its zone, and what a change of the clock did to it. */
  readonly reason: string;
}

/** What is planned of a schedule, as {@link explainRuns} needs it. */
export interface PlannedRuns {
  readonly recurrence: Recurrence;
  /** The expression compiled, where it is one. */
  readonly cron: CronSchedule | undefined;
  /** Up to how many milliseconds are added to each run. */
  readonly jitter: number;
  /** The wall time of the next run. */
  readonly first: number;
  /** Whether that one is the run on start-up. */
  readonly onStartup: boolean;
  readonly now: number;
}

/** The next `count` runs. Fewer where an expression has no more. */
export function explainRuns(planned: PlannedRuns, count: number): ExplainedRun[] {
  const { recurrence, cron, first, now } = planned;
  const jitter = planned.jitter > 0 ? `, up to ${formatDuration(planned.jitter)} later by jitter` : "";
  const runs: ExplainedRun[] = [];
  let after = now;
  for (let at: number | undefined = first; at !== undefined && runs.length < count;) {
    const isStartup = planned.onStartup && runs.length === 0;
    if (recurrence.kind === "interval") {
      const reason = isStartup ? "on start-up" : `every ${formatDuration(recurrence.every)}`;
      runs.push({ at: Math.round(at), reason: reason + jitter });
      at += recurrence.every;
    } else {
      const schedule = cron as CronSchedule;
      const reason = isStartup ? "on start-up" : explainTick(schedule, after, at);
      runs.push({ at: Math.round(at), reason: reason + jitter });
      after = Math.max(now, at);
      at = schedule.next(after);
    }
  }
  return runs;
}

/** Why `schedule` ticks at `at`, its first tick after `after`. */
function explainTick(schedule: CronSchedule, after: number, at: number): string {
  const { zone, expression } = schedule;
  const base = `cron "${expression}" in ${zone.name}`;
  const local = at + zone.offsetAt(at);
  const here = zone.occurrenceOf(local);
  if (here.kind === "twice") {
    const [which, rule] = at === here.first ? ["first", schedule.follows === "times" ? ", and runs then only" : ""] : ["second", ""];
    return `${base}: ${clockTime(local)} comes twice on ${date(local)}, where the clock is turned back; this is the ${which} time${rule}`;
  }
  const named = schedule.nextLocal(after + zone.offsetAt(after));
  const occurrence = named === undefined ? undefined : zone.occurrenceOf(named);
  if (named === undefined || occurrence?.kind !== "never") return base;
  const change = occurrence.turnedForwardAt;
  const [from, to] = [change + zone.offsetAt(change - 1), change + zone.offsetAt(change)];
  const skipped = `${clockTime(named)} does not exist on ${date(named)}, where the clock is turned forward from ${clockTime(from)} to ${clockTime(to)}`;
  return schedule.follows === "times" ? `${base}: ${skipped}, so it runs then` : `${base}: ${skipped}, so that is passed over`;
}

function date(local: number): string {
  return new Date(local).toISOString().slice(0, 10);
}

function clockTime(local: number): string {
  const time = new Date(local).toISOString().slice(11, 19);
  return time.endsWith(":00") ? time.slice(0, 5) : time;
}
