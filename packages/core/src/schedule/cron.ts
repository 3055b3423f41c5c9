import type { TimeZone } from "../time/time-zone.ts";
import { timeZone as namedTimeZone } from "../time/time-zone.ts";
import type { CronFields } from "./cron-syntax.ts";
import { cronError, readCron } from "./cron-syntax.ts";
import { Library } from "../libraries/library.ts";

/** A cron expression in a time zone, ready to be asked for its ticks. It holds no timer and reads no clock. */
export interface CronSchedule {
  readonly expression: string;
  readonly zone: TimeZone;
  /** What happens where the clock is changed; see {@link compileCron}. */
  readonly follows: "times" | "beat";
  /** The first tick strictly after `after`, both epoch milliseconds; undefined where none comes before the year 3000. */
  next(after: number): number | undefined;
  /** The first time strictly after `local` that the expression names, in local time, whether the zone has it or not. */
  nextLocal(local: number): number | undefined;
}

/**
 * Reads a cron expression. Five fields, or six with seconds first: second 0–59, minute 0–59, hour 0–23, day of month
 * 1–31, month 1–12 or JAN–DEC, weekday 0–7 or SUN–SAT, where 0 and 7 are Sunday. A field is `*`, a value, a range
 * `a-b`, a step over either (`*` or `a-b`, then `/n`), or a list of these. Also: `?` as `*` for either day; `L` the
 * last day of the month, `15W` the weekday nearest to the 15th, `LW` the month's last weekday; `FRI#2` the second Friday,
 * `FRIL` the last; and `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight`, `@hourly`. Where both days
 * are restricted, a day that fits either is a day of the schedule.
 *
 * Where a zone's clock is changed, what happens depends on what the expression names:
 * - **Times of day**: second, minute and hour are all values, ranges or lists (`30 2 * * *`, `0 9,17 * * *`). Each fires
 *   exactly once. A time the clock skips fires at the instant it is turned forward (02:30 at 03:00 in Berlin); where
 *   several are skipped together, that one tick stands for all. A time that comes twice fires the first time only.
 * - **A beat**: one of the three is `*`, has a step, or lists its whole range (`*` + `/15 * * * *`, `0 * * * *`). It keeps its rhythm:
 *   it fires at each instant whose local time fits, so in both passes of an hour that comes twice, and not for times
 *   that do not exist.
 *
 * @param timeZone An IANA name, or a zone made before; UTC by default.
 * @throws SoraError `SORA_CRON_INVALID`, naming field and place, also where no date ever fits (31 February);
 * `SORA_TIME_ZONE_INVALID`.
 */
export function compileCron(expression: string, timeZone: string | TimeZone = "UTC"): CronSchedule {
  const fields = readCron(expression);
  const zone = typeof timeZone === "object" && timeZone !== null ? timeZone : namedTimeZone(timeZone);
  const nextLocal = calendarOf(expression, fields);
  // The calendar repeats every 400 years, so what has not come by then never does.
  if (nextLocal(Date.UTC(2000, 0, 1) - 1) === undefined) throw cronError(expression, whyNever(fields));
  const isBeat = fields.second.isBeat || fields.minute.isBeat || fields.hour.isBeat;
  return new CompiledCron(expression, zone, isBeat ? "beat" : "times", nextLocal);
}

/** Where croner stops looking, and dates that cannot be are kept out. */
const latest = Date.UTC(3000, 0, 1);

class CompiledCron implements CronSchedule {
  readonly expression: string;
  readonly zone: TimeZone;
  readonly follows: "times" | "beat";
  readonly nextLocal: (local: number) => number | undefined;
  /** The last answer and the span of questions it answers: many entries of one schedule ask for the same tick. */
  #from = Number.NaN;
  #next: number | undefined;

  constructor(expression: string, zone: TimeZone, follows: "times" | "beat", nextLocal: (local: number) => number | undefined) {
    this.expression = expression;
    this.zone = zone;
    this.follows = follows;
    this.nextLocal = nextLocal;
  }

  next(after: number): number | undefined {
    if (!(Math.abs(after) < latest)) return undefined;
    if (this.#next === undefined || !(after >= this.#from && after < this.#next)) {
      this.#next = this.follows === "times" ? this.#nextTime(after) : this.#nextBeat(after);
      this.#from = after;
    }
    return this.#next;
  }

  #nextTime(after: number): number | undefined {
    let local = this.nextLocal(after + this.zone.offsetAt(after));
    while (local !== undefined) {
      const occurrence = this.zone.occurrenceOf(local);
      const at = occurrence.kind === "once" ? occurrence.at : occurrence.kind === "twice" ? occurrence.first : occurrence.turnedForwardAt;
      if (at > after) return at;
      local = this.nextLocal(local); // `after` is in the second pass of this time, which fired in its first
    }
    return undefined;
  }

  #nextBeat(after: number): number | undefined {
    const { zone } = this;
    const offset = zone.offsetAt(after);
    let from = after + offset;
    const here = zone.occurrenceOf(from);
    if (here.kind === "twice" && after < here.turnedBackAt) {
      const local = this.nextLocal(from);
      if (local !== undefined && local - offset < here.turnedBackAt) return local - offset;
      from = here.turnedBackAt + zone.offsetAt(here.turnedBackAt) - 1; // on with the second pass, from its beginning
    }
    for (;;) {
      const local = this.nextLocal(from);
      if (local === undefined) return undefined;
      const occurrence = zone.occurrenceOf(local);
      if (occurrence.kind === "once") return occurrence.at;
      if (occurrence.kind === "twice") return occurrence.first > after ? occurrence.first : occurrence.second;
      from = occurrence.turnedForwardAt + zone.offsetAt(occurrence.turnedForwardAt) - 1;
    }
  }
}

/** Loaded by the first cron expression of the process. */
export const croner: Library<Pick<typeof import("croner"), "Cron">> = new Library("croner", () => import("croner"));

/** croner as a calculator: days of months, leap years, weekdays. */
function calendarOf(expression: string, fields: CronFields): (local: number) => number | undefined {
  const { Cron } = croner.get();
  // Daylight saving is decided here, so the calculator works in a time without any: UTC, at its quickest as an offset.
  const options = { paused: true, mode: "5-or-6-parts", utcOffset: 0 } as const;
  let cron: import("croner").Cron;
  try {
    cron = new Cron(fields.pattern, options);
  } catch (cause) {
    throw cronError(expression, cause instanceof Error ? cause.message : "it is not understood", {}, cause);
  }
  return local => cron.nextRun(new Date(local))?.getTime();
}

function whyNever({ day, month, weekday }: CronFields): string {
  if (day.needsCalendar || weekday.needsCalendar) return "no date ever fits it";
  return `${day.label} and ${month.label}: no date has day ${day.text} in month ${month.text}`;
}
