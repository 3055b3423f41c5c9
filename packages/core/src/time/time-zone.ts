import { SoraError } from "../errors/sora-error.ts";

/**
 * A local time is written as a number: what the wall clock shows, read as if it were UTC, in milliseconds since 1970.
 * So 02:30 on 29 March 2026 is `Date.UTC(2026, 2, 29, 2, 30)` in every zone, whether the zone has such a time or not.
 */
export type LocalTime = number;

/** When a local time is, in instants (epoch milliseconds). */
export type LocalOccurrence =
  | { readonly kind: "once"; readonly at: number }
  /** The clock was turned back over it, at the instant `turnedBackAt`: it comes before that and again after. */
  | { readonly kind: "twice"; readonly first: number; readonly second: number; readonly turnedBackAt: number }
  /** The clock was turned forward over it, at the instant `turnedForwardAt`. */
  | { readonly kind: "never"; readonly turnedForwardAt: number };

/** The rules of one time zone, as the engine's own time zone data has them. */
export interface TimeZone {
  /** The name it was asked for by. */
  readonly name: string;
  /** How far local time is ahead of UTC at `instant`, in milliseconds; negative west of Greenwich. */
  offsetAt(instant: number): number;
  /** When `local` is there. */
  occurrenceOf(local: LocalTime): LocalOccurrence;
}

/** @throws SoraError `SORA_TIME_ZONE_INVALID` for a name the engine does not know. */
export function timeZone(name: string): TimeZone {
  if (name === "UTC") return utc(name); // the default pays for no engine data
  let format: Intl.DateTimeFormat;
  try {
    if (typeof name !== "string" || name === "") throw new RangeError("not a name");
    format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch (cause) {
    const seen = typeof name === "string" ? `"${name}"` : String(name);
    throw new SoraError("SORA_TIME_ZONE_INVALID", `Cannot use the time zone ${seen}: it is not a name this system knows.`, {
      details: { timeZone: seen },
      cause,
    });
  }
  return format.resolvedOptions().timeZone === "UTC" ? utc(name) : new EngineTimeZone(name, format);
}

function utc(name: string): TimeZone {
  return { name, offsetAt: () => 0, occurrenceOf: local => ({ kind: "once", at: local }) };
}

const day = 86_400_000;
const daysKept = 16;

class EngineTimeZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** Days (UTC) looked up before, by their number's remainder, and the offset that held all day; NaN where it changed. */
  readonly #days: Float64Array = new Float64Array(daysKept).fill(Number.NaN);
  readonly #offsets: Float64Array = new Float64Array(daysKept);

  constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name;
    this.#format = format;
  }

  offsetAt(instant: number): number {
    const number = Math.floor(instant / day);
    const slot = ((number % daysKept) + daysKept) % daysKept;
    if (this.#days[slot] !== number) {
      // No zone has changed its clock twice within four days since 1975, so a day that begins and ends alike is alike throughout.
      const offset = this.#readOffset(number * day);
      this.#offsets[slot] = this.#readOffset((number + 1) * day) === offset ? offset : Number.NaN;
      this.#days[slot] = number;
    }
    const offset = this.#offsets[slot] as number;
    return Number.isNaN(offset) ? this.#readOffset(instant) : offset;
  }

  occurrenceOf(local: LocalTime): LocalOccurrence {
    // Offsets are within 14 hours, so these two instants lie on either side of any change of the clock near `local`.
    const before = this.offsetAt(local - day);
    const after = this.offsetAt(local + day);
    const early = local - before;
    const late = local - after;
    if (before === after) return { kind: "once", at: early };
    const isEarly = this.offsetAt(early) === before;
    const isLate = this.offsetAt(late) === after;
    if (isEarly && isLate) return { kind: "twice", first: early, second: late, turnedBackAt: this.#changeBetween(early, late, after) };
    if (isEarly || isLate) return { kind: "once", at: isEarly ? early : late };
    return { kind: "never", turnedForwardAt: this.#changeBetween(late, early, after) };
  }

  /** The first instant, after `from` and up to `to`, at which the offset is `offset`. */
  #changeBetween(from: number, to: number, offset: number): number {
    let without = from;
    let having = to;
    while (having - without > 1) {
      const middle = Math.floor((without + having) / 2);
      if (this.#readOffset(middle) === offset) having = middle;
      else without = middle;
    }
    return having;
  }

  #readOffset(instant: number): number {
    // "1/1/2026, GMT-03:30", where a whole "GMT" is no offset at all and old ones have seconds.
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(this.#format.format(instant));
    if (match?.[1] === undefined) return 0;
    const seconds = Number(match[2]) * 3_600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
    return (match[1] === "-" ? -seconds : seconds) * 1_000;
  }
}
