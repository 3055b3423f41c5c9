/** What is known of work that should get on: all figures in milliseconds on the monotonic clock. */
export interface Progress {
  readonly now: number;
  /** When it last got on: a loop asked for its next tick, a run began. */
  readonly lastProgress: number;
  /** How long it may go without; Infinity where nobody can tell. */
  readonly stalledAfter: number;
}

const leastLimit = 60_000;

/** How long work that gets on every `rhythm` milliseconds may go without before it counts as stalled: three times as long, and 60 s at least. Without a rhythm it never does. */
export function stallLimit(rhythm: number | undefined): number {
  return rhythm === undefined ? Number.POSITIVE_INFINITY : Math.max(3 * rhythm, leastLimit);
}

/** Whether work has stopped getting on. */
export function stalled({ now, lastProgress, stalledAfter }: Progress): boolean {
  return now - lastProgress > stalledAfter;
}
