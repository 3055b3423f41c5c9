import { isValidName, limits } from "@sora/core/internal";
import { refusal } from "../http/http-problem.ts";
import type { Exchange } from "./exchange.ts";

const nothing: Readonly<Record<string, string | undefined>> = Object.freeze({});

/**
 * A request's parameters, each of those there are at most once. Others are refused rather than passed over: a filter that was misspelt would answer another question, and a misspelt delay would
 * begin at once.
 *
 * @throws HttpProblem 400
 */
export function readQuery({ query }: Exchange, names: readonly string[] = []): Readonly<Record<string, string | undefined>> {
  if (query.size === 0) return nothing;
  const found = new Map<string, string>();
  for (const [name, value] of query) {
    if (!names.includes(name)) throw unusable(name, `there is none of this name${thereAre(names)}`);
    if (found.has(name)) throw unusable(name, "it is given twice");
    found.set(name, value);
  }
  return Object.fromEntries(found);
}

function thereAre(names: readonly string[]): string {
  if (names.length === 0) return ", and this path takes none";
  return `; there ${names.length === 1 ? "is" : "are"} ${names.join(", ")}`;
}

/** How many a page holds. @throws HttpProblem 400 */
export function limitFrom(limit: string | undefined, usual: number = limits.usualPage): number {
  if (limit === undefined) return usual;
  if (/^\d{1,4}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= limits.page) return Number(limit);
  throw unusable("limit", `it is a whole number from 1 to ${limits.page.toLocaleString("en")}`);
}

/** The name of a service or an action, as it is. @throws HttpProblem 400 for what can be none. */
export function nameIn(parameter: string, name: string): string {
  if (!isValidName(name)) throw unusable(parameter, 'it is 1 to 64 letters, digits, "-" or "_"');
  return name;
}

/** A refusal that names the parameter, and shows nothing of its value. */
export function unusable(name: string, why: string): Error {
  return refusal("SORA_REQUEST_INVALID", `The query parameter ${JSON.stringify(name.slice(0, 40))} cannot be used: ${why}.`);
}
