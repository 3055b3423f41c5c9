import type { SoraError } from "../errors/sora-error.ts";

/** How a started service's own work is made to happen: one long run, startup work, or periodic runs. */
export interface ServiceWork {
  /** Periodic runs under way; 0 for others, whose one run is not counted as in flight. */
  readonly running: number;
  /** Pokes and queued ticks that wait for the run under way. */
  readonly waiting: number;
  /** Calls whose whole work is to wait for a run. */
  readonly pokes?: number;
  /** Milliseconds from one run to the next, where there is such a thing. */
  readonly rhythm?: number | undefined;
  /** When the next run is due, in milliseconds since the epoch. */
  readonly nextRun: number | undefined;
  /** Why its runs are not this host's, where they are not: another has the lease. */
  readonly elsewhere?: SoraError | undefined;
  /** What of it is under way and would overlap with a new start, in words, as in "execute has not returned"; `undefined` where nothing is. */
  readonly underWay: string | undefined;
  /** Lets no new run begin on its own. */
  pause(): void;
  /** Aborts the periodic runs under way, and lets none begin any more. A long `execute` is left alone until {@link end}. */
  abortRuns?(reason: Error): void;
  /** Aborts the runs under way, and resolves once they have ended. */
  end(reason: Error): Promise<void>;
}
