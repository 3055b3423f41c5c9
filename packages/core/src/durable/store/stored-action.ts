/**
 * Where a stored action is. `waiting` for a worker, or for the one before it of its key or chain; `delayed` until its time; `failed`, and tried again when its time
 * comes; `running`; then for good `completed`, `dead` (its attempts are spent, or its error is final) or `cancelled`.
 */
export type ActionState = "waiting" | "delayed" | "running" | "completed" | "failed" | "dead" | "cancelled";

export const actionStates: readonly ActionState[] = ["waiting", "delayed", "running", "completed", "failed", "dead", "cancelled"];

/** Whether an action in this state has its outcome. */
export function isFinished(state: ActionState): boolean {
  return state === "completed" || state === "dead" || state === "cancelled";
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

/** An action to be stored. Texts are opaque to the store: whoever runs the action understands them. */
export interface NewAction {
  /** Made by the caller, so that asking again after a lost answer stores nothing twice. */
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
  /** Those of one key are begun in the order of storing, `keyLimit` of them at once; the next begins when one has its outcome. */
  readonly key?: string;
  /** Default 1. */
  readonly keyLimit?: number;
  /** Where an action with this key is still stored, nothing is stored and that one's id comes back. */
  readonly idempotencyKey?: string;
  /**
   * Where an action with this key has not been begun, it takes this one's parameters, envelope, priority and due time, and its id comes back. It implies `key`, so one that is stored
   * while another runs begins when that one has ended.
   */
  readonly debounceKey?: string;
  /** The action of its chain after whose completion it may begin, stored with it or before. Where that one dies or is cancelled, this one goes on waiting. */
  readonly after?: string;
}

/** What became of storing one action. */
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
  /** Attempts begun and not given back. */
  readonly attempt: number;
  readonly attempts: number;
  readonly enqueuedAt: number;
  /** When it may begin, or might have. */
  readonly dueAt: number;
  /** Of the latest attempt. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Encoded; absent where it returned nothing. */
  readonly result?: string;
  /** Of the latest attempt that failed. */
  readonly error?: StoredError;
  /** What the handler last told, encoded. */
  readonly progress?: string;
  /** Who runs it. */
  readonly worker?: string;
  readonly key?: string;
  readonly after?: string;
  /** Whether it was asked to be cancelled while it runs. */
  readonly cancelRequested: boolean;
}

/** Which actions are meant; what is absent does not matter. */
export interface ActionFilter {
  readonly state?: ActionState;
  readonly service?: string;
  readonly action?: string;
  /** 1 to 1,000. Default 100. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/** Newest first. */
export interface ActionPage {
  readonly actions: readonly StoredAction[];
  /** For the next page; absent on the last. */
  readonly next?: string;
}

/** How many actions of a queue stand in a state. */
export interface QueueCount {
  readonly queue: string;
  readonly state: ActionState;
  readonly count: number;
}
