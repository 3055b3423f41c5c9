import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import type { DurationHistogram } from "../observe/duration-histogram.ts";
import type { Moment } from "./activity-clock.ts";
import type { LoopWatch } from "./loop-watch.ts";
import type { LastError } from "./service-status.ts";

/** What a service has done so far, in this host. Made when it first does anything: a host may hold a hundred thousand that wait for their hour. */
export class ServiceHistory {
  runs = 0;
  /** Runs that threw, of all kinds, since the host was made. */
  runFailures = 0;
  /** How long periodic runs took, while somebody reads the host's metrics. */
  runDurations: DurationHistogram | undefined = undefined;
  /** Ticks that never became a run: another was going, or their time had passed. */
  skippedTicks = 0;
  emitted = 0;
  restarts = 0;
  /** Failures of periodic runs since the last good one. */
  failedRuns = 0;
  lastError: LastError | undefined = undefined;
  lastActivity: Moment | undefined = undefined;
  /** Monotonic time of the last sign that work moves on. */
  lastProgress = 0;
  /** The loop it is in, where it is in one that is watched. */
  loop: LoopWatch | undefined = undefined;

  noteError(error: unknown, at: number): void {
    const code = SoraError.is(error) ? error.code : undefined;
    this.lastError = code === undefined ? { message: describeError(error), at } : { message: describeError(error), code, at };
  }
}

/** The history of a service that has done nothing. */
export const noHistory: Readonly<ServiceHistory> = Object.freeze(new ServiceHistory());
