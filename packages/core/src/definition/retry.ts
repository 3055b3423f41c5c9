import type { Duration } from "../time/duration.ts";

/**
 * How often a stored action is tried, the first time included, and when again. By default 5 attempts, exponentially from
 * 1 s to 5 min, with full jitter. It applies to stored work alone: a direct call runs at most once.
 */
export interface Retry {
  readonly attempts?: number;
  readonly backoff?: "fixed" | "exponential" | ((attempt: number) => Duration);
  readonly delay?: Duration;
  readonly maxDelay?: Duration;
  readonly jitter?: "full" | "none";
  /** False for an error that trying again cannot cure. */
  readonly retryIf?: (error: unknown) => boolean;
}
