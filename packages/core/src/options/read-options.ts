import { describeError } from "../errors/describe-error.ts";
import { shown } from "./shown.ts";
import type { Report } from "./option-check.ts";

/** Options that are objects themselves: copied, so that what a user changes later changes no definition. */
const nested: readonly string[] = ["restart", "retry", "misfire", "migrate"];

/**
 * A frozen copy of what a user gave as options. Whatever cannot be read is reported and left out: options that are no object, getters and Proxies that throw.
 * An option given as `undefined` counts as not given, but for those in `required`. Those in `inherited` are read from what the object inherits too, as from the getters of a class.
 */
export function readOptions(
  given: unknown,
  report: Report,
  required: readonly string[] = [],
  inherited: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  if (given === undefined) return Object.freeze({});
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    report(`its options are ${shown(given)}; they are an object`);
    return Object.freeze({});
  }
  const options: Record<string, unknown> = {};
  for (const key of keysOf(given, inherited, report)) {
    try {
      const value = (given as Readonly<Record<string, unknown>>)[key];
      if (value !== undefined) options[key] = kept(key, value);
      else if (required.includes(key)) report(`${key} is undefined: it is declared further down, or its module imports this one`);
    } catch (error) {
      report(`${key} cannot be read: ${describeError(error)}`);
    }
  }
  return Object.freeze(options);
}

function keysOf(given: object, inherited: readonly string[], report: Report): Iterable<string> {
  try {
    const own = Object.keys(given);
    return inherited.length === 0 ? own : new Set([...own, ...inherited.filter(key => key in given)]);
  } catch (error) {
    report(`its options cannot be read: ${describeError(error)}`);
    return [];
  }
}

/** A schema or function as it is; what a user may still change as a frozen copy. */
function kept(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze([...(value as unknown[])]);
  return nested.includes(key) && typeof value === "object" && value !== null ? Object.freeze({ ...value }) : value;
}
