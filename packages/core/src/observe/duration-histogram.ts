/** Upper bounds of the buckets in seconds: from a call that only computes to a job of a minute. What takes longer counts in all of none but the last, `+Inf`. */
export const durationBounds: readonly number[] = Object.freeze([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]);

/** How long things took: how many within each bound, how many in all, and the sum. */
export class DurationHistogram {
  readonly #counts = new Float64Array(durationBounds.length + 1);
  #sum = 0;

  /** Counts one that took `milliseconds`. */
  observe(milliseconds: number): void {
    const seconds = milliseconds / 1_000;
    let bucket = 0;
    while (bucket < durationBounds.length && seconds > (durationBounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += seconds;
  }

  /** For each bound, and at the end for all, how many took no longer. */
  cumulative(): number[] {
    let sofar = 0;
    return Array.from(this.#counts, count => (sofar += count));
  }

  /** Seconds. */
  get sum(): number {
    return this.#sum;
  }
}
