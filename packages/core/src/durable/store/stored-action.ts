/**
 * Where a stored action is. `delayed` until its time, by the store's clock when it is asked; `waiting` for a worker, or for the one before it of its key or chain; `running`;
 * `failed` until it is begun again, which is when its time comes; then for good `completed`, `dead` (its attempts are spent, or its error is final) or `cancelled`.
 */
export type ActionState = "waiting" | "delayed" | "running" | "completed" | "failed" | "dead" | "cancelled";

export const actionStates: readonly ActionState[] = ["waiting", "delayed", "running", "completed", "failed", "dead", "cancelled"];

/** Whether an action in this state has its outcome. */
export function isFinished(state: ActionState): boolean {
  return state === "completed" || state === "dead" || state === "cancelled";
}

/** Whether `retry` has an action in this state tried again. */
export function isRetryable(state: ActionState): boolean {
  return state === "dead" || state === "cancelled" || state === "failed";
}

/** What a failed attempt left behind. Stacks stay in the log of the host where it failed. */
export interface StoredError {
  readonly message: string;
  readonly code?: string;
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * An action to be stored. Texts are opaque to the store: whoever runs the action understands them. They are well-formed Unicode without U+0000, and keys are told apart
 * by their characters alone, whatever the database's collation. Milliseconds may have a fraction; a store that keeps whole ones rounds up, so that nothing is begun early.
 */
export interface NewAction {
  /**
   * Made by the caller, so that asking again after a lost answer stores nothing twice: where an action of this id is stored, nothing is, and the outcome is `existing`.
   * It is looked for first, then the idempotency key, then the debounce key.
   */
  readonly id: string;
  /** See `queueName`. */
  readonly queue: string;
  /** Encoded; absent for none. */
  readonly parameters?: string;
  /** What the runner needs beside the parameters (retry policy, timeout, correlation, metadata), encoded. */
  readonly envelope: string;
  /** Higher first; within one, in the order of storing. */
  readonly priority: number;
  /** How often it may be begun in all, from 1. */
  readonly attempts: number;
  /** Milliseconds from the store's now. Not together with `at`. */
  readonly delay?: number;
  /** Milliseconds since the epoch, on the store's clock; what has passed is due at once. */
  readonly at?: number;
  /**
   * Those of one key stand in line, whatever their queues. `keyLimit` of them are let in, in the order of storing; the next is let in when one of these has its outcome
   * (`failed` is none) or is deleted. So with a limit of 1 they are begun strictly in the order of storing, and one that is let in holds up those behind it while it is delayed, waits for its retry, for
   * its turn in its chain, or for a worker that can run it.
   */
  readonly key?: string;
  /** Default 1. All of one key should give the same; where they differ it is left open whose holds, but none waits for ever. */
  readonly keyLimit?: number;
  /** Where an action with this key is still stored, in any queue and state, nothing is stored and that one's id comes back. */
  readonly idempotencyKey?: string;
  /**
   * Where an action with this key has not been begun (its `attempt` is 0), the one of these that was stored last takes this one's queue, parameters, envelope, priority, attempts and due time, and its id
   * comes back; its id, its place in the order of storing and all else stay. It is the action's `key` too, with a limit of 1, in place of what `key` and `keyLimit` say: so one that is stored while another runs
   * begins when that one has its outcome, never beside it.
   */
  readonly debounceKey?: string;
  /**
   * The action of its chain after whose completion it may begin, stored with it or before. Where that one dies or is cancelled, this one goes on waiting: until that one is
   * retried and completes, or its retention is over, when `purge` cancels this one. One that is not stored when this one is, is taken to be completed.
   */
  readonly after?: string;
}

/** What became of storing one action. Those stored by the same call before it count. */
export interface EnqueuedAction {
  /** Its own, or that of the action that stands for it already. */
  readonly id: string;
  /** `stored` anew; an `existing` one has its idempotency key; one that was not begun has been `replaced` (debounce). */
  readonly outcome: "stored" | "existing" | "replaced";
}

/** An action as it stands in the store. Times are milliseconds since the epoch, on the store's clock. */
export interface StoredAction {
  readonly id: string;
  readonly queue: string;
  readonly state: ActionState;
  readonly parameters?: string;
  readonly envelope: string;
  readonly priority: number;
  /** Attempts begun and not given back; one whose worker was lost counts. */
  readonly attempt: number;
  readonly attempts: number;
  readonly enqueuedAt: number;
  /** When it may begin, or might have: at its storing or at its time, whichever is later; of a failed one, at its next attempt. */
  readonly dueAt: number;
  /** Of the latest attempt. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Encoded; absent where it returned nothing. */
  readonly result?: string;
  /** Of the latest attempt that failed. One whose worker was lost has the code `SORA_WORKER_LOST`, written by the store. */
  readonly error?: StoredError;
  /** What the handler last told, encoded. */
  readonly progress?: string;
  /** Who runs it; absent where nobody does. */
  readonly worker?: string;
  readonly key?: string;
  readonly after?: string;
  /** Whether it was asked to be cancelled while it ran. */
  readonly cancelRequested: boolean;
}

/** Which actions are meant; what is absent does not matter. */
export interface ActionFilter {
  readonly state?: ActionState;
  readonly service?: string;
  readonly action?: string;
  /** 1 to 1,000. Default 100. */
  readonly limit?: number;
  /** `next` of the page before. What is stored meanwhile comes on none of the pages that follow. */
  readonly cursor?: string;
}

/** The last stored first. */
export interface ActionPage {
  readonly actions: readonly StoredAction[];
  /** For the next page, a whole number in digits; absent on the last. */
  readonly next?: string;
}

/** How many actions of a queue stand in a state. */
export interface QueueCount {
  readonly queue: string;
  readonly state: ActionState;
  readonly count: number;
}
