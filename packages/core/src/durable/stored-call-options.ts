import { SoraError } from "../errors/sora-error.ts";
import { limits } from "../options/limits.ts";
import { parseDuration } from "../time/duration.ts";
import type { Duration } from "../time/duration.ts";
import type { StoredRetry } from "./retry-policy.ts";

/** Several calls for the same thing become one. */
export interface DebounceOptions {
  /** What is the same thing. Default: the action itself. */
  readonly key?: string;
  /** How long nothing new must come before it begins; each call begins the wait anew. */
  readonly wait: Duration;
}

/** What only a stored call can have, beside what every call can. */
export interface StoredCallOptions {
  readonly retry?: StoredRetry;
  /** Milliseconds from now. */
  readonly delay?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly at?: number | undefined;
  /** Milliseconds from now, or a date. */
  readonly deadline?: number | Date;
  readonly key?: { readonly key: string; readonly limit: number };
  readonly idempotencyKey?: string;
  readonly debounce?: { readonly key: string | undefined; readonly wait: number };
}

/** Longest delay: a hundred years. */
export const longestDelay: number = 100 * 365 * 86_400_000;
/** Milliseconds by which the clocks of a host and its store may disagree. */
const disagreement = 60_000;

/** @throws SoraError `SORA_OPTION_INVALID` for what is no retry policy, and for functions, which cannot be stored. */
export function checkedRetry(retry: StoredRetry): StoredRetry {
  const problem = retryProblem(retry);
  if (problem === undefined) return retry;
  throw new SoraError("SORA_OPTION_INVALID", `Cannot retry like this: ${problem}.`, {
    fix: "Give attempts, backoff, delay, maxDelay and jitter as data; functions belong to the action's own `retry`.",
  });
}

const known = ["attempts", "backoff", "delay", "maxDelay", "jitter"];

/** What is wrong with a retry policy that is to be stored. Throws where a duration is none. */
export function retryProblem(retry: unknown): string | undefined {
  if (typeof retry !== "object" || retry === null) return "the policy is no object";
  const unknown = Object.keys(retry).find(key => !known.includes(key));
  if (unknown !== undefined) return `"${unknown.slice(0, 80)}" is no option of a stored call; there are ${known.join(", ")}`;
  const { attempts, backoff, delay, maxDelay, jitter } = retry as StoredRetry;
  if (attempts !== undefined && !(Number.isSafeInteger(attempts) && attempts >= 1 && attempts <= limits.attempts))
    return `attempts is ${String(attempts)}, and is a whole number from 1 to ${limits.attempts.toLocaleString("en")}`;
  if (backoff !== undefined && backoff !== "fixed" && backoff !== "exponential") return 'backoff is "fixed" or "exponential"';
  if (jitter !== undefined && jitter !== "full" && jitter !== "none") return 'jitter is "full" or "none"';
  const first = delay === undefined ? 0 : parseDuration(delay, "delay");
  const most = maxDelay === undefined ? Infinity : parseDuration(maxDelay, "maxDelay");
  return first > most ? `delay is ${delay}, longer than maxDelay, which is ${maxDelay}` : undefined;
}

/** @throws SoraError `SORA_DURATION_INVALID`, or `SORA_OPTION_INVALID` past a hundred years. */
export function checkedDelay(delay: Duration, what = "delay"): number {
  const milliseconds = parseDuration(delay, what);
  if (milliseconds <= longestDelay) return milliseconds;
  throw new SoraError("SORA_OPTION_INVALID", `Cannot wait so long: a ${what} is at most 100 years.`, { details: { what, milliseconds } });
}

/** Milliseconds since the epoch. @throws SoraError `SORA_OPTION_INVALID` for what is no date. */
export function checkedDate(date: Date | number, what: string): number {
  const time = typeof date === "number" ? date : date instanceof Date ? date.getTime() : Number.NaN;
  if (Number.isFinite(time) && Math.abs(time) <= 8.64e15) return Math.ceil(time);
  throw new SoraError("SORA_OPTION_INVALID", `Cannot use this ${what}: it is no date.`, { details: { what, seen: String(date) } });
}

/**
 * `now` is this host's time, by which a date can be held against a delay; the store's may be another, so there only what is over by more than a minute counts.
 *
 * @throws SoraError `SORA_OPTION_INVALID` where the deadline is over before the action may begin, so that it could only die.
 */
export function checkDeadline({ deadline, delay = 0, at, debounce }: StoredCallOptions, now: number): void {
  if (deadline === undefined) return;
  const begins = at ?? now + (debounce?.wait ?? delay);
  const ends = typeof deadline === "number" ? now + deadline : deadline.getTime();
  const isComparable = (typeof deadline === "number") === (at === undefined);
  if (ends > begins - (isComparable ? 0 : disagreement) && ends > now - disagreement) return;
  const why =
    typeof deadline === "number" && at === undefined
      ? `its deadline is in ${deadline} ms, and it may begin in ${begins - now} ms`
      : `its deadline is at ${new Date(ends).toISOString()}, and it may begin at ${new Date(begins).toISOString()}`;
  throw new SoraError("SORA_OPTION_INVALID", `Cannot enqueue an action that could never begin: ${why}.`, {
    fix: "Give it a later deadline, or less of a delay.",
  });
}

/** @throws SoraError `SORA_OPTION_INVALID` for what is no key. */
export function checkedKey(key: string, what: string): string {
  if (typeof key === "string" && key !== "" && key.length <= limits.keyLength && !key.includes("\u0000") && key.isWellFormed()) return key;
  throw new SoraError(
    "SORA_OPTION_INVALID",
    `Cannot use this ${what}: it is a string of 1 to ${limits.keyLength} characters, without U+0000 and halves of characters.`,
    {
      details: { what },
    },
  );
}

/** @throws SoraError `SORA_OPTION_INVALID` for what is no whole number from 1 to 1,000. */
export function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit;
  throw new SoraError("SORA_OPTION_INVALID", `Cannot run ${String(limit)} of one key at once: it is a whole number from 1 to 1,000.`, { details: { limit } });
}
