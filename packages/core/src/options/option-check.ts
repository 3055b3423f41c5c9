import { describeError } from "../errors/describe-error.ts";
import { nearestName } from "./nearest-name.ts";
import { shown } from "./shown.ts";

/** Takes a sentence about what is wrong with something a user gave; it names the option or member it is about. */
export type Report = (problem: string) => void;

/** Reports what is wrong with a value that was given; `what` names the option. */
export type OptionCheck = (what: string, value: unknown, report: Report) => void;

/** One check for each property of an options object: an option without one does not compile. */
export type OptionChecks<O> = Readonly<Record<keyof O, OptionCheck>>;

/** Whose options they are, for the sentence about one that nobody knows: "… is no option of a host". */
export interface OptionOwner {
  readonly owner: string;
  /** Further names that may have been meant, which are read elsewhere. */
  readonly beside?: readonly string[];
}

/** Holds each option to its check. One without a check is reported with the name that may have been meant, else with all there are. One given as `undefined` counts as not given. */
export function checkOptions<O extends object>(options: O, checks: OptionChecks<O>, { owner, beside = [] }: OptionOwner, report: Report, before = ""): void {
  for (const key of Object.keys(options) as (keyof O & string)[]) {
    if (options[key] === undefined) continue;
    const what = `${before}${key}`;
    if (!Object.hasOwn(checks, key)) report(`${what} is no option of ${owner}${meant(key, [...Object.keys(checks), ...beside])}`);
    else
      try {
        checks[key](what, options[key], report);
      } catch (error) {
        report(`${what} cannot be read: ${describeError(error)}`); // a Proxy whose traps throw
      }
  }
}

function meant(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  return nearest === undefined ? `; there are ${known.join(", ")}` : `; did you mean ${nearest}?`;
}

/** An option whose value is looked at where it is used. */
export function checkedElsewhere(): void {}

/** An option that is an object of options itself. */
export function optionsWith<O extends object>(checks: OptionChecks<O>, owner: string): OptionCheck {
  return (what, value, report) => {
    if (isPlain(value)) checkOptions(value as O, checks, { owner }, report, `${what}.`);
    else report(`${what} is ${shown(value)}; it is an object`);
  };
}

/** An option that is a list, each entry of which is held to `check`. */
export function listOf(check: OptionCheck, kind: string): OptionCheck {
  return (what, value, report) => {
    if (!Array.isArray(value)) return report(`${what} is ${shown(value)}; it is a list of ${kind}`);
    for (const [index, entry] of value.entries()) check(`${what}[${index}]`, entry, report);
  };
}

/** An option that is one value, or a list of such. */
export function oneOrMore(check: OptionCheck): OptionCheck {
  return (what, value, report) => (Array.isArray(value) ? listOf(check, "them")(what, value, report) : check(what, value, report));
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
