import type { Lane } from "./lane.ts";

/** What may end one call early, and what the call holds meanwhile. Most calls have none of it, and so none of these. */
export class CallControl {
  /** When the caller's patience ends, on the monotonic clock. */
  deadline: number = Infinity;
  /** When the action itself began, on the monotonic clock. */
  startedAt: number | undefined = undefined;
  controller: AbortController | undefined = undefined;
  abortReason: Error | undefined = undefined;
  /** The signal of the surrounding work, and how to stop listening to it. */
  followed: { readonly signal: AbortSignal; readonly stop: () => void } | undefined = undefined;
  /** Lanes the call holds a slot of, each with the one it lends to calls made from inside. */
  lanes: Map<Lane, Lane | undefined> | undefined = undefined;
}
