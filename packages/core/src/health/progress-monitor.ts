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

/** Running work, as its progress shows. Times are on the monotonic clock; `busySince` is `undefined` where nothing is under way that could stall. */
export type WatchedWork =
  | { readonly kind: "runs"; readonly busySince: number | undefined }
  /** A loop over its own ticks, which may tell of progress between two of them. */
  | { readonly kind: "loop"; readonly busySince: number | undefined; readonly lastProgress: number }
  /** One long run, of whose inside nothing is known but what it tells. */
  | { readonly kind: "whole"; readonly lastProgress: number };

/** Since when nothing was heard of work that should get on; `undefined` where there is none, as in a loop that waits for its next tick. */
export function silentSince(work: WatchedWork): number | undefined {
  switch (work.kind) {
    case "runs":
      return work.busySince;
    case "loop":
      return work.busySince === undefined ? undefined : Math.max(work.busySince, work.lastProgress);
    case "whole":
      return work.lastProgress;
  }
}
