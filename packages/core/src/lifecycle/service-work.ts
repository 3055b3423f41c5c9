/** How a started service's own work is made to happen: one long run, startup work, or periodic runs. */
export interface ServiceWork {
  /** Periodic runs under way; 0 for others, whose one run is not counted as in flight. */
  readonly running: number;
  /** Pokes and queued ticks that wait for the run under way. */
  readonly waiting: number;
  /** When the next run is due, in milliseconds since the epoch. */
  readonly nextRun: number | undefined;
  /** Lets no new run begin on its own. */
  pause(): void;
  /** Aborts the runs under way, and resolves once they have ended. */
  end(reason: Error): Promise<void>;
}
