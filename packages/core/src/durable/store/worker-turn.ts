import type { StoredError } from "./stored-action.ts";

/** How an attempt ended. `keepFor` is the retention in milliseconds, from now; at 0 the action is deleted. */
export type Settlement = { readonly id: string; readonly fence: number } & (
  | { readonly kind: "completed"; readonly result?: string; readonly keepFor: number }
  /** Tried again after `delay` milliseconds. */
  | { readonly kind: "failed"; readonly error: StoredError; readonly delay: number }
  | { readonly kind: "dead"; readonly error: StoredError; readonly keepFor: number }
  | { readonly kind: "cancelled"; readonly error?: StoredError; readonly keepFor: number }
  /** Not tried after all, as when the host stops: it waits again as before, and the attempt does not count. */
  | { readonly kind: "released" }
);

/** One kind of action that the worker can run. */
export interface QueueClaim {
  readonly queue: string;
  /** At most so many of this one. */
  readonly most?: number;
  /** At most `limit` begun in any `per` milliseconds on average, over all workers and all queues that name the same. */
  readonly rate?: { readonly name: string; readonly limit: number; readonly per: number };
}

/** What a worker can take on. */
export interface ClaimRequest {
  readonly queues: readonly QueueClaim[];
  /** In all, from 1. */
  readonly most: number;
  /**
   * Whether one suspect may be among them: an action whose worker was lost while it ran, and which may be why. A worker runs one at a time, so that one that
   * kills its process takes no other suspect with it, and an innocent one loses one attempt and not all.
   */
  readonly suspect: boolean;
}

/** An action handed out. */
export interface ClaimedAction {
  readonly id: string;
  readonly queue: string;
  readonly parameters?: string;
  readonly envelope: string;
  readonly priority: number;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  readonly attempts: number;
  readonly fence: number;
  readonly enqueuedAt: number;
  readonly suspect: boolean;
}

/** A worker's outcomes, and what it wants next. */
export interface WorkerTurn {
  readonly worker: string;
  readonly settle: readonly Settlement[];
  readonly claim?: ClaimRequest;
}

export interface WorkerTurnAnswer {
  /** False where the worker had been taken for lost: it was given nothing, and must join anew. */
  readonly held: boolean;
  /** For each settlement, in order: false where the action was no longer this worker's, and nothing was written. */
  readonly settled: readonly boolean[];
  /** Highest priority first, and in the order of storing. */
  readonly claimed: readonly ClaimedAction[];
  /** The store's time. */
  readonly now: number;
  /** Milliseconds until something more is due that has to wait for its time, as far as is known. */
  readonly dueIn?: number;
}
