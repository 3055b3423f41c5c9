import { longestDuration, millisecondsOf } from "../time/duration.ts";
import { shown } from "./shown.ts";
import type { OptionCheck, Report } from "./option-check.ts";

// What options of every kind are held to. Each says what was given and what is allowed.

export function text(what: string, value: unknown, report: Report): void {
  if (typeof value !== "string") report(`${what} is ${shown(value)}; it is a string`);
}

export function filledText(what: string, value: unknown, report: Report): void {
  if (typeof value !== "string" || value.trim() === "") report(`${what} is ${shown(value)}; it is a string that is not empty`);
}

export function flag(what: string, value: unknown, report: Report): void {
  if (typeof value !== "boolean") report(`${what} is ${shown(value)}; it is true or false`);
}

export function aFunction(what: string, value: unknown, report: Report): void {
  if (typeof value !== "function") report(`${what} is ${shown(value)}; it is a function`);
}

export function anObject(what: string, value: unknown, report: Report): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) report(`${what} is ${shown(value)}; it is an object`);
}

/** A whole number that is kept exactly. */
export function integer(least: number = -Infinity, most: number = Infinity): OptionCheck {
  const range = most < Infinity ? `an integer from ${least} to ${most}` : least === -Infinity ? "an integer" : `an integer, ${least} or more`;
  return (what, value, report) => {
    if (!(Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most)) report(`${what} is ${shown(value)}; it is ${range}`);
  };
}

/** A finite number, `least` or more. */
export function aNumber(least: number = -Infinity): OptionCheck {
  return (what, value, report) => {
    if (!(typeof value === "number" && Number.isFinite(value) && value >= least))
      report(`${what} is ${shown(value)}; it is ${least === -Infinity ? "a finite number" : `${least} or more`}`);
  };
}

export function oneOf(...allowed: readonly string[]): OptionCheck {
  return (what, value, report) => {
    if (!allowed.includes(value as string)) report(`${what} is ${shown(value)}; it is one of ${allowed.map(one => `"${one}"`).join(", ")}`);
  };
}

/** A duration, of nothing too. */
export function duration(what: string, value: unknown, report: Report): void {
  checkSpan(what, value, report, 0);
}

export function longerThanNothing(what: string, value: unknown, report: Report): void {
  if (millisecondsOf(value) === 0) report(`${what} is ${shown(value)}; it must be longer than nothing`);
  else checkSpan(what, value, report, 0);
}

/** A duration between two ticks, of a millisecond at least: clocks count no less. */
export function period(what: string, value: unknown, report: Report): void {
  checkSpan(what, value, report, 1);
}

function checkSpan(what: string, value: unknown, report: Report, least: number): void {
  const milliseconds = millisecondsOf(value);
  if (milliseconds > longestDuration && milliseconds < Infinity) report(`${what} is ${shown(value)}; it is at most 1,000,000 days`);
  else if (!(milliseconds >= 0 && milliseconds < Infinity))
    report(`${what} is ${shown(value)}; it is milliseconds, or a string such as "250ms", "30s", "5m", "1h" or "7d"`);
  else if (milliseconds < least) report(`${what} is ${shown(value)}; it is at least ${least} ms`);
}

/** A span in seconds, `least` or more. */
export function seconds(least: number): OptionCheck {
  return (what, value, report) => {
    if (!(typeof value === "number" && value >= least && value < Infinity)) report(`${what} is ${shown(value)}; it is a number of seconds, ${least} or more`);
    else if (value * 1_000 > longestDuration) report(`${what} is ${shown(value)}; it is at most 86,400,000,000, a million days`);
  };
}

/** An option that is an object with these methods at least, such as a port that a program brings itself. */
export function withMethods(...methods: readonly string[]): OptionCheck {
  return (what, value, report) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null)
      return report(`${what} is ${shown(value)}; it is an object with ${methods.join(", ")}`);
    const missing = methods.filter(method => typeof (value as Readonly<Record<string, unknown>>)[method] !== "function");
    if (missing.length > 0) report(`${what} has no ${missing.map(method => `${method}()`).join(", ")}; it is an object with ${methods.join(", ")}`);
  };
}
