import { SoraError } from "../errors/sora-error.ts";

/** One field of a cron expression, read. */
export interface CronField {
  /** `minute (field 1)`: its name, and its place among the fields that were written. */
  readonly label: string;
  readonly text: string;
  /** Every value it lists; empty where it is `*`, and for the days that only a calendar can tell (`L`, `15W`, `FRI#2`). */
  readonly values: ReadonlySet<number>;
  /** `*`, a step, or each value of its range: it names a beat rather than times. */
  readonly isBeat: boolean;
  /** It has days that only a calendar can tell. */
  readonly needsCalendar: boolean;
}

/** A cron expression that was read. */
export interface CronFields {
  /** The expression in five or six fields, one space between them, with nicknames written out. */
  readonly pattern: string;
  readonly second: CronField;
  readonly minute: CronField;
  readonly hour: CronField;
  readonly day: CronField;
  readonly month: CronField;
  readonly weekday: CronField;
}

interface FieldRule {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
}

const second: FieldRule = { name: "second", low: 0, high: 59 };
const minute: FieldRule = { name: "minute", low: 0, high: 59 };
const hour: FieldRule = { name: "hour", low: 0, high: 23 };
const day: FieldRule = { name: "day of month", low: 1, high: 31 };
const month: FieldRule = { name: "month", low: 1, high: 12, names: ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"] };
const weekday: FieldRule = { name: "weekday", low: 0, high: 7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };

const nicknames: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

/** @throws SoraError `SORA_CRON_INVALID`, naming the field, its place and what it allows. */
export function readCron(expression: string): CronFields {
  if (typeof expression !== "string") throw cronError(String(expression), "it is not a string");
  const trimmed = expression.trim();
  const pattern = nicknames.get(trimmed.toLowerCase()) ?? trimmed;
  if (pattern.startsWith("@")) throw cronError(expression, `${pattern} is none of ${[...nicknames.keys()].join(", ")}`);
  const texts = pattern === "" ? [] : pattern.split(/\s+/);
  if (texts.length !== 5 && texts.length !== 6) throw cronError(expression, `it has ${texts.length} field${texts.length === 1 ? "" : "s"}`);
  const seconds = texts.length - 5;
  const read = (rule: FieldRule, index: number): CronField => readField(expression, rule, texts[index] as string, index + 1);
  return {
    pattern: texts.join(" "),
    second: seconds === 1 ? read(second, 0) : { label: "second", text: "0", values: new Set([0]), isBeat: false, needsCalendar: false },
    minute: read(minute, seconds),
    hour: read(hour, seconds + 1),
    day: read(day, seconds + 2),
    month: read(month, seconds + 3),
    weekday: read(weekday, seconds + 4),
  };
}

/** The error for `expression`; `why` completes "Cannot read the cron expression …: ". */
export function cronError(expression: string, why: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown): SoraError {
  const options = { details: { expression, ...details }, ...(cause === undefined ? {} : { cause }) };
  return new SoraError("SORA_CRON_INVALID", `Cannot read the cron expression "${expression}": ${why}.`, options);
}

function readField(expression: string, rule: FieldRule, text: string, position: number): CronField {
  const label = `${rule.name} (field ${position})`;
  const fail = (why: string): SoraError => cronError(expression, `${label}: ${why}`, { field: rule.name, position, value: text });
  const values = new Set<number>();
  let isBeat = false;
  let needsCalendar = false;
  const items = text.toUpperCase().split(",");
  for (const item of items) {
    if (isCalendarDay(rule, item, items.length, fail)) {
      needsCalendar = true;
      continue;
    }
    const [span, step, ...more] = item.split("/") as [string, ...string[]];
    if (more.length > 0) throw fail(`"${item}" has more than one step`);
    const isStar = span === "*" || (span === "?" && (rule === day || rule === weekday));
    const [low, high] = isStar ? [rule.low, rule.high] : readRange(rule, span, step, fail);
    isBeat ||= isStar || step !== undefined;
    if (isStar && step === undefined) continue;
    const by = step === undefined ? 1 : readStep(rule, step, fail);
    for (let value = low; value <= high; value += by) values.add(rule === weekday ? value % 7 : value);
  }
  isBeat ||= values.size === (rule === weekday ? 7 : rule.high - rule.low + 1);
  return { label, text, values, isBeat, needsCalendar };
}

type Fail = (why: string) => SoraError;

/** Whether `item` is one of the days that only a calendar can tell. */
function isCalendarDay(rule: FieldRule, item: string, items: number, fail: Fail): boolean {
  if (rule === day) {
    if (item === "L") return true;
    if (item === "LW") {
      if (items === 1) return true;
      throw fail("LW cannot stand in a list");
    }
    const nearest = /^(\d+)W$/.exec(item);
    if (nearest !== null) readValue(rule, nearest[1] as string, fail);
    return nearest !== null;
  }
  if (rule !== weekday) return false;
  const match = /^([A-Z]+?|\d+)(?:L|#(.*))$/.exec(item);
  if (match === null) return false;
  readValue(rule, match[1] as string, fail);
  if (match[2] !== undefined && !/^[1-5]$/.test(match[2])) throw fail(`"${item}": # wants which of the month's weekdays, 1–5`);
  return true;
}

function readRange(rule: FieldRule, span: string, step: string | undefined, fail: Fail): readonly [number, number] {
  const dash = span.indexOf("-");
  if (dash < 0) {
    const value = readValue(rule, span, fail);
    if (step !== undefined) throw fail(`"${span}/${step}" steps from a single value; write ${span}-${rule === weekday ? 6 : rule.high}/${step}`);
    return [value, value];
  }
  const low = readValue(rule, span.slice(0, dash), fail);
  const high = readValue(rule, span.slice(dash + 1), fail);
  // A week may end with SUN, which is 0 where it begins.
  if (span.endsWith("-SUN") && low > 0) return [low, 7];
  if (low > high) throw fail(`"${span}" runs backwards; write it as two ranges`);
  return [low, high];
}

function readValue(rule: FieldRule, text: string, fail: Fail): number {
  const named = text === "" ? -1 : (rule.names?.indexOf(text) ?? -1);
  if (named >= 0) return named;
  const range = `${rule.low}–${rule.high}`;
  if (!/^\d+$/.test(text))
    throw fail(text === "" ? "a value is missing" : `"${text}" is not a value of ${range}${rule.names === undefined ? "" : " or a name"}`);
  const value = Number(text);
  if (value < rule.low || value > rule.high) throw fail(`${text} is out of ${range}`);
  return value;
}

function readStep(rule: FieldRule, step: string, fail: Fail): number {
  const most = rule.high - rule.low + (rule === weekday ? 0 : 1);
  const by = /^\d+$/.test(step) ? Number(step) : Number.NaN;
  if (by >= 1 && by <= most) return by;
  throw fail(step === "" ? "a step is missing" : `a step of ${step} is out of 1–${most}`);
}
