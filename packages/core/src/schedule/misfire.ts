import { SoraError } from "../errors/sora-error.ts";
import type { CronSchedule } from "./cron.ts";

/**
 * What becomes of ticks that were missed, because the event loop was held, the process stopped, or the clock set forward.
 * A tick is missed when its successor is due as well, or when it is more than {@link graceOfTick} late.
 * - `"skip"`: missed ticks do not run. The newest one runs where it is within its grace.
 * - `"once"`: all that was missed is made up for by one run, at once.
 * - `{ all: n }`: each runs, at once and in order, but no more than the newest `n`.
 */
export type MisfirePolicy = "skip" | "once" | { readonly all: number };

/** How late a tick may be, in milliseconds, and still run as usual. */
export const graceOfTick = 60_000;

/** What is to be done about a schedule that is due. */
export interface DueTicks {
  /** The ticks to run now, oldest first, by the times they were due. */
  readonly run: readonly number[];
  /** How many others fell due and will not run. Of a cron expression at most 100 are counted. */
  readonly missed: number;
  /** The first tick after now; undefined where there is none. */
  readonly next: number | undefined;
}

/** @throws SoraError `SORA_OPTION_INVALID` for `{ all: n }` where n is not a whole number of 1–1,000, or anything else. */
export function assertMisfire(policy: MisfirePolicy): void {
  if (policy === "skip" || policy === "once") return;
  const all: unknown = typeof policy === "object" && policy !== null ? policy.all : undefined;
  if (Number.isInteger(all) && (all as number) >= 1 && (all as number) <= 1_000) return;
  const seen = typeof all === "number" ? `{ all: ${all} }` : typeof policy === "string" ? `"${policy as string}"` : `of type ${typeof policy}`;
  throw new SoraError("SORA_OPTION_INVALID", `Cannot schedule: the misfire policy is ${seen}, and must be "skip", "once" or { all: 1–1,000 }.`, {
    details: { option: "misfire", seen },
  });
}

/** Of an interval that is due: since `due`, every `every` milliseconds up to `now`. */
export function dueTicksOfInterval(due: number, every: number, now: number, policy: MisfirePolicy): DueTicks {
  let ticks = Math.floor((now - due) / every) + 1;
  if (due + ticks * every <= now) ticks += 1; // the division rounded down
  const newest = due + (ticks - 1) * every;
  const wanted = Math.min(ticks, mostToRun(policy, now - newest));
  const run = Array.from({ length: wanted }, (_, i) => newest - (wanted - 1 - i) * every);
  return { run, missed: ticks - wanted, next: newest + every };
}

/** Ticks of a cron expression that are counted one by one; after a jump of years there may be millions. */
const mostCounted = 100;

/** Of a cron expression that is due: since `due`, one of its ticks, up to `now`. */
export function dueTicksOfCron(due: number, schedule: CronSchedule, now: number, policy: MisfirePolicy): DueTicks {
  const ticks = [due];
  const most = Math.max(mostCounted, typeof policy === "object" ? policy.all : 1);
  let next = schedule.next(due);
  while (next !== undefined && next <= now && ticks.length < most) {
    ticks.push(next);
    next = schedule.next(next);
  }
  if (next !== undefined && next <= now) {
    ticks.splice(0, most, ...newestTicks(schedule, due, now, typeof policy === "object" ? policy.all : 1));
    next = schedule.next(now);
    const wanted = Math.min(ticks.length, mostToRun(policy, now - (ticks.at(-1) as number)));
    return { run: ticks.slice(ticks.length - wanted), missed: mostCounted, next };
  }
  const wanted = Math.min(ticks.length, mostToRun(policy, now - (ticks.at(-1) as number)));
  return { run: ticks.slice(ticks.length - wanted), missed: ticks.length - wanted, next };
}

function mostToRun(policy: MisfirePolicy, lateness: number): number {
  if (policy === "skip") return lateness <= graceOfTick ? 1 : 0;
  return policy === "once" ? 1 : policy.all;
}

/** The last `count` ticks up to `now`, oldest first, where there are more than that since `first`. */
function newestTicks(schedule: CronSchedule, first: number, now: number, count: number): number[] {
  const ticks: number[] = [];
  for (let before = now + 1; ticks.length < count; before = ticks[0] as number) ticks.unshift(lastTickBefore(schedule, first, before));
  return ticks;
}

/** By doubling a span back from `before` until it holds a tick, then halving it. */
function lastTickBefore(schedule: CronSchedule, first: number, before: number): number {
  const comesBefore = (from: number): boolean => (schedule.next(from) ?? Number.POSITIVE_INFINITY) < before;
  let span = 1_000;
  while (before - span >= first && !comesBefore(before - span)) span *= 2;
  let low = Math.max(before - span, first - 1);
  let high = before - 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (comesBefore(middle)) low = middle;
    else high = middle;
  }
  return schedule.next(low) as number;
}
