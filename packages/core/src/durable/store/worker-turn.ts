import type { StoredError } from "./stored-action.ts";

/**
 * How an attempt ended. `keepFor` is the retention in milliseconds, from now, finite; at 0 the action is deleted, unless it is not completed and another waits for it. What was to be cancelled may complete or die all the same, but where it
 * failed or was released it is not tried again: it becomes `cancelled`, and is kept as its cancelling asked for.
 */
export type Settlement = { readonly id: string; readonly fence: number } & (
  | { readonly kind: "completed"; readonly result?: string; readonly keepFor: number }
  /** Tried again after `delay` milliseconds. */
  | { readonly kind: "failed"; readonly error: StoredError; readonly delay: number }
  | { readonly kind: "dead"; readonly error: StoredError; readonly keepFor: number }
  | { readonly kind: "cancelled"; readonly error?: StoredError; readonly keepFor: number }
  /** Not tried after all, as when the host stops: it waits again, due at once and in its old place, and the attempt does not count. A suspect stays one. */
  | { readonly kind: "released" }
);

/** One kind of action that the worker can run. */
export interface QueueClaim {
  readonly queue: string;
  /** At most so many of this one. */
  readonly most?: number;
  /** Limits that it shares with other queues of the claim: each holds, beside its own. */
  readonly groups?: readonly QueueGroup[];
  readonly rate?: QueueRate;
}

/**
 * At most `limit` begun in any `per` milliseconds on average, over all workers and all queues that name the same. A bucket of `limit` tokens, full at first, that gains one each
 * `per / limit` milliseconds; each action handed out takes a whole one, and none is given back.
 */
export interface QueueRate {
  readonly name: string;
  readonly limit: number;
  readonly per: number;
}

/**
 * Queues of one claim, all those that name it, of which at most `most` are handed out together: the most urgent first over all of them. `most` is the same wherever the group is named.
 * A name means nothing beyond the claim.
 */
export interface QueueGroup {
  readonly name: string;
  readonly most: number;
}

/** What a worker can take on. */
export interface ClaimRequest {
  readonly queues: readonly QueueClaim[];
  /** In all, from 1; from 0 where there is `ahead`. */
  readonly most: number;
  /**
   * So many more at most, which do not begin at once but within milliseconds: what comes next in the same order, up to the first that is of a queue with a `most`, a group or a `rate`, or a suspect, or in its last
   * attempt. A worker that is lost takes an attempt from what it had not yet begun, and that must not be the one that it dies of; and were such a one passed over, it would wait for as long as there is
   * anything behind it. None of it is promised: a store may hand out less.
   */
  readonly ahead?: number;
  /**
   * Whether one suspect may be among them: an action whose worker was lost while it ran, and which may be why. A worker runs one at a time, so that one that
   * kills its process takes no other suspect with it, and an innocent one loses one attempt and not all. An action is no longer suspect when an attempt of it has failed in the
   * usual way, or it is retried. Those that may not be handed out hold up nobody but their key.
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
  /**
   * For the turn after one whose answer was lost, and which may have handed out what the worker never heard of: all that it runs, beside what it settles here. Whatever else the store
   * has as run by it is released, after the settlements and before the claim.
   */
  readonly holds?: readonly string[];
  readonly claim?: ClaimRequest;
}

export interface WorkerTurnAnswer {
  /** False where the worker had been taken for lost, has left or never joined: it was given nothing, and must join anew, under another id. */
  readonly held: boolean;
  /**
   * For each settlement, in order: false where the action was no longer this worker's, and nothing was written. So it is where the same was asked before and the answer was lost.
   */
  readonly settled: readonly boolean[];
  /** Highest priority first, over all the queues asked for, and in the order of storing. A queue that has had its `most`, its rate or that of a group holds up none of the others. */
  readonly claimed: readonly ClaimedAction[];
  /** The store's time. */
  readonly now: number;
  /**
   * Milliseconds until something more that was asked for comes due which has to wait for its time, or for its rate; it may be sooner than that, never later. Above 0, so that nobody asks in a loop: what
   * is due already, and what waits for something else (its key or chain, a `resume`, room at the worker), does not count. Absent where nothing has to wait for its time, or nothing was asked for.
   */
  readonly dueIn?: number;
}
