import { SoraError } from "../errors/sora-error.ts";
import { notAllowed } from "../options/not-allowed.ts";
import { shown } from "../options/shown.ts";
import { compileCron } from "../schedule/cron.ts";
import { assertMisfire, dueTicksOfCron, dueTicksOfInterval } from "../schedule/misfire.ts";
import { decodeValue } from "../serialization/decode-value.ts";
import { encodeValue } from "../serialization/encode-value.ts";
import { parseDuration } from "../time/duration.ts";
import type { DueTicks, MisfirePolicy } from "../schedule/misfire.ts";
import type { Duration } from "../time/duration.ts";

/** When a stored schedule is due: a cron expression, or a fixed rate from its making on. Give one of `cron` and `every`. */
export type ScheduleOptions = CronTimes | IntervalTimes;

interface CronTimes extends ScheduleMisfire {
  /** Five fields, or six with seconds first. */
  readonly cron: string;
  /** IANA name. Default UTC. */
  readonly timeZone?: string | undefined;
  readonly every?: undefined;
}

interface IntervalTimes extends ScheduleMisfire {
  /** At least 1 s. */
  readonly every: Duration;
  readonly cron?: undefined;
  readonly timeZone?: undefined;
}

interface ScheduleMisfire {
  /** What becomes of ticks that passed while no host looked, or the store was away. Default `"skip"`: the newest runs where it is at most a minute late. */
  readonly misfire?: MisfirePolicy;
}

/** The same as data, as it is stored. */
export type ScheduleRecurrence = (
  | { readonly kind: "cron"; readonly cron: string; readonly timeZone: string }
  | { readonly kind: "every"; readonly every: number }
) & { readonly misfire: MisfirePolicy };

const shortestEvery = 1_000;

/** @throws SoraError `SORA_CRON_INVALID`, `SORA_TIME_ZONE_INVALID`, `SORA_DURATION_INVALID` or `SORA_OPTION_INVALID`. */
export function checkedSchedule(options: ScheduleOptions): ScheduleRecurrence {
  if (typeof options !== "object" || (options as ScheduleOptions | null) === null)
    throw notAllowed("Cannot schedule", options, "when is said by an object with either `cron` or `every`");
  const { cron, timeZone, every, misfire: policy = "skip" } = options;
  assertMisfire(policy);
  const misfire = typeof policy === "object" ? { all: policy.all } : policy; // whatever else it holds is not stored
  if ((cron === undefined) === (every === undefined))
    throw new SoraError("SORA_OPTION_INVALID", "Cannot schedule: say when by either `cron` or `every`.", { details: { cron, every } });
  if (cron !== undefined) {
    compileCron(cron, timeZone ?? "UTC");
    return { kind: "cron", cron, timeZone: timeZone ?? "UTC", misfire };
  }
  if (timeZone !== undefined)
    throw new SoraError("SORA_OPTION_INVALID", "Cannot schedule: `timeZone` belongs to `cron`, and an interval is the same everywhere.");
  const milliseconds = parseDuration(every, "every");
  if (milliseconds < shortestEvery)
    throw new SoraError("SORA_OPTION_INVALID", `Cannot schedule: \`every\` is ${milliseconds} ms, and at least 1 s. A service of its own can be quicker.`, {
      details: { every },
    });
  return { kind: "every", every: milliseconds, misfire };
}

export function encodeRecurrence(recurrence: ScheduleRecurrence): string {
  return encodeValue(recurrence, "metadata") as string;
}

/** What {@link encodeRecurrence} made `text` of. @throws SoraError `SORA_SCHEDULE_DAMAGED` where it is none of its making. */
export function decodeRecurrence(text: string): ScheduleRecurrence {
  try {
    return readRecurrence(text);
  } catch (error) {
    const why = SoraError.is(error) ? error.message : "it was stored by a newer version, or is damaged.";
    throw new SoraError("SORA_SCHEDULE_DAMAGED", `Cannot read when the schedule is due: ${why}`, { cause: error });
  }
}

function readRecurrence(text: string): ScheduleRecurrence {
  const stored = Object(decodeValue(text)) as ScheduleRecurrence;
  const { kind, misfire } = stored;
  if (kind === "cron") return checkedSchedule({ cron: stored.cron, timeZone: stored.timeZone, misfire });
  if (kind === "every") return checkedSchedule({ every: stored.every, misfire });
  throw new SyntaxError(`A recurrence of kind ${shown(kind)} is not known.`);
}

/** The first tick after `now`. */
export function nextTick(recurrence: ScheduleRecurrence, now: number): number | undefined {
  return recurrence.kind === "cron" ? compileCron(recurrence.cron, recurrence.timeZone).next(now) : Math.ceil(now + recurrence.every);
}

/** What to do about a schedule that has been due since `due`. */
export function dueTicks(recurrence: ScheduleRecurrence, due: number, now: number): DueTicks {
  return recurrence.kind === "cron"
    ? dueTicksOfCron(due, compileCron(recurrence.cron, recurrence.timeZone), now, recurrence.misfire)
    : dueTicksOfInterval(due, recurrence.every, now, recurrence.misfire);
}
