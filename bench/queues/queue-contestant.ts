/** A queue of no-op jobs as the benchmark drives it, ours or another's. */
export interface QueueContestant {
  /** Begins with nothing stored. */
  fresh(): Promise<void>;
  /** Stores jobs of these numbers, in as few round trips as it can. */
  storeAll(numbers: readonly number[]): Promise<void>;
  /** Stores one job, and resolves when it is safe. */
  store(number: number): Promise<unknown>;
  /** Works on jobs, `concurrency` at once, until what is returned is called. */
  work(concurrency: number, onJob: (number: number) => void): Promise<() => Promise<unknown>>;
  /** Jobs whose outcome is not recorded yet. */
  left(): Promise<number>;
  close(): Promise<void>;
}
