import { parseDuration } from "../time/duration.ts";
import { longestDelay } from "./stored-call-options.ts";
import type { Retry } from "../definition/retry.ts";
import type { Duration } from "../time/duration.ts";

/** What may be said of one stored action's retries: data alone, since it must outlive the process. Functions belong to the action's own `retry`. */
export interface StoredRetry {
  /** The first included. Default 5. */
  readonly attempts?: number;
  /** Default `"exponential"`: each delay is twice the one before. */
  readonly backoff?: "fixed" | "exponential";
  /** Before the second attempt. Default 1 s. */
  readonly delay?: Duration;
  /** Default 5 min, or `delay` where that is longer. */
  readonly maxDelay?: Duration;
  /** `"full"` draws each delay from [0, twice the delay), so that what failed together does not come back together. Default `"full"` for exponential backoff, else `"none"`. */
  readonly jitter?: "full" | "none";
}

const defaultAttempts = 5;
const defaultDelay = "1s";
const defaultMaxDelay = "5m";

/** Attempts in all, the first included, as the call says, else the action. */
export function attemptsOf(own: StoredRetry | undefined, action: Retry | undefined): number {
  return own?.attempts ?? action?.attempts ?? defaultAttempts;
}

/** Milliseconds until the next attempt after `attempt` (from 1) has failed. `chance` is in [0, 1). */
export function retryDelay(own: StoredRetry | undefined, action: Retry | undefined, attempt: number, chance: number): number {
  const backoff = own?.backoff ?? action?.backoff ?? "exponential";
  const first = parseDuration(own?.delay ?? action?.delay ?? defaultDelay, "delay");
  const byDefault = typeof backoff === "function" ? longestDelay : defaultMaxDelay; // a function says itself how long it is at most
  const usual = parseDuration(own?.maxDelay ?? action?.maxDelay ?? byDefault, "maxDelay");
  const most = own?.maxDelay === undefined && own?.delay !== undefined ? Math.max(usual, first) : usual; // a call that asks for longer pauses gets them
  const planned =
    typeof backoff === "function" ? parseDuration(backoff(attempt), "backoff") : backoff === "fixed" ? first : first * 2 ** Math.min(attempt - 1, 1_000);
  const delay = Math.min(planned, most);
  const jitter = own?.jitter ?? action?.jitter ?? (backoff === "exponential" ? "full" : "none");
  return Math.round(jitter === "full" ? Math.min(2 * delay, most) * chance : delay);
}

/** Whether another attempt can cure `error`. A `retryIf` that throws has not said no. */
export function mayRetry(action: Retry | undefined, error: unknown): boolean {
  try {
    return action?.retryIf?.(error) !== false;
  } catch {
    return true;
  }
}
