import { optionsWith } from "../options/option-check.ts";
import { duration, integer } from "../options/value-checks.ts";
import { parseDuration } from "../time/duration.ts";
import type { OptionChecks } from "../options/option-check.ts";
import type { Duration } from "../time/duration.ts";

/** How a host works on stored actions. What is not given here is read from `Sora:Worker` in its configuration. */
export interface WorkerOptions {
  /** Stored actions that run at once on this host. Default `Sora:Worker:Concurrency`, else 10. An action's own `concurrency` limits it further. */
  readonly concurrency?: number;
  /** How long actions that have their outcome can still be asked for. */
  readonly retention?: RetentionOptions;
}

export interface RetentionOptions {
  /** Default one day. At 0 an action is deleted when it completes, and only a receipt of this host learns its result. */
  readonly completed?: Duration;
  /** Default 30 days. What waits in its chain for a dead action is cancelled when this is over. */
  readonly dead?: Duration;
  /** Default one day. What waits in its chain for a cancelled action is cancelled when this is over. */
  readonly cancelled?: Duration;
}

const retentionChecks: OptionChecks<RetentionOptions> = { completed: duration, dead: duration, cancelled: duration };

/** What each option of a worker may be. */
export const workerChecks: OptionChecks<WorkerOptions> = { concurrency: integer(1), retention: optionsWith(retentionChecks, "a worker's retention") };

/** In milliseconds. */
export interface Retention {
  readonly completed: number;
  readonly dead: number;
  readonly cancelled: number;
}

export function resolveRetention({ completed = "1d", dead = "30d", cancelled = "1d" }: RetentionOptions = {}): Retention {
  return {
    completed: parseDuration(completed, "retention of completed actions"),
    dead: parseDuration(dead, "retention of dead actions"),
    cancelled: parseDuration(cancelled, "retention of cancelled actions"),
  };
}
