import type { Duration } from "../time/duration.ts";

/**
 * How often a stored action is tried, the first time included, and when again. By default 5 attempts, exponentially from
 * 1 s to 5 min, with full jitter. It applies to stored work alone: a direct call runs at most once.
 */
export interface Retry {
  readonly attempts?: number;
  /** A function is given the number of the attempt that failed, from 1. Where it throws, or gives no duration, the log says so and the delay is as for `"exponential"`. */
  readonly backoff?: "fixed" | "exponential" | ((attempt: number) => Duration);
  /** Before the second attempt. */
  readonly delay?: Duration;
  /** By default 5 min, and none for a function. */
  readonly maxDelay?: Duration;
  readonly jitter?: "full" | "none";
  /** False for an error that trying again cannot cure. */
  readonly retryIf?: (error: unknown) => boolean;
}
