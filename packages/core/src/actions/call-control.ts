import type { StoredCall } from "../durable/stored-call.ts";
import type { Lane } from "./lane.ts";
import type { Slot } from "./slots.ts";

/** What may end one call early, and what the call holds meanwhile. Most calls have none of it, and so none of these. */
export class CallControl {
  /** What it knows of the stored action it is an attempt at. */
  stored: StoredCall | undefined = undefined;
  /** When the caller's patience ends, on the monotonic clock. */
  deadline: number = Infinity;
  /** When the action itself began, on the monotonic clock. */
  startedAt: number | undefined = undefined;
  controller: AbortController | undefined = undefined;
  abortReason: Error | undefined = undefined;
  /** The signal of the surrounding work, and how to stop listening to it. */
  followed: { readonly signal: AbortSignal; readonly stop: () => void } | undefined = undefined;
  /** Whether the caller was answered, by a timeout or a cancellation, before the call ended. */
  answered: boolean = false;
  /** The lanes the call holds a slot of. */
  slots: ReadonlyMap<Lane, Slot> | undefined = undefined;
}
