/** What is known of work that should get on: all figures in milliseconds on the monotonic clock. */
export interface Progress {
  readonly now: number;
  /** When it last got on: a loop asked for its next tick, a run began. */
  readonly lastProgress: number;
  /** How often it should, where that is known. */
  readonly expectedEvery?: number | undefined;
  /** How long it may go without; by default {@link stallLimit} of `expectedEvery`. */
  readonly stalledAfter?: number | undefined;
}

const grace = 10_000;

/** How long work that gets on every `expectedEvery` may go without before it counts as stalled: three times as long, and never less than 10 s more. */
export function stallLimit(expectedEvery: number): number {
  return Math.max(3 * expectedEvery, expectedEvery + grace);
}

/** Whether work has stopped getting on. Where nothing says how often it should, it never counts as stalled. */
export function stalled({ now, lastProgress, expectedEvery, stalledAfter }: Progress): boolean {
  const limit = stalledAfter ?? (expectedEvery === undefined ? Number.POSITIVE_INFINITY : stallLimit(expectedEvery));
  return now - lastProgress > limit;
}
