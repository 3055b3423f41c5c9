import type { ActionFilter, ActionPage, ActionState, EnqueuedAction, NewAction, QueueCount, StoredAction } from "./stored-action.ts";
import type { WorkerTurn, WorkerTurnAnswer } from "./worker-turn.ts";

/** A worker as others see it. */
export interface StoredWorker {
  /** Never used twice: a worker that has lost its lease comes back under another. */
  readonly id: string;
  /** Name of its host. */
  readonly node: string;
  /** What it can run. */
  readonly queues: readonly string[];
}

/** A worker's lease after an attempt to renew it. */
export interface WorkerRenewal {
  /** False where it had expired and was taken away, or the worker has left or never joined: everything it ran is, or will be, somebody else's. */
  readonly held: boolean;
  /** Actions it runs that somebody asked to be cancelled, at every renewal until they are settled. */
  readonly cancelled: readonly string[];
}

/** An action whose worker was lost, and what that made of it. The attempt counts. */
export interface RecoveredAction {
  readonly id: string;
  readonly queue: string;
  readonly attempt: number;
  /** `waiting` to be tried again; `dead` where its attempts are spent; `cancelled` where it was to be. */
  readonly state: "waiting" | "dead" | "cancelled";
}

/** What a request to cancel came to: done, or asked of the worker that runs it; or it had its outcome already, or is not there. */
export type CancelOutcome = "cancelled" | "requested" | "finished" | "unknown";

/** A service whose actions are not begun, or one action of it. */
export interface PausedQueue {
  readonly service: string;
  readonly action?: string;
}

/** Progress of an action under way, guarded by its fence. */
export interface ProgressReport {
  readonly id: string;
  readonly fence: number;
  /** Encoded. */
  readonly progress: string;
}

/** What `purge` has done. */
export interface PurgedActions {
  /** How many were deleted. */
  readonly deleted: number;
  /** The ids of those that were cancelled, since what they waited for is not going to be completed. */
  readonly cancelled: readonly string[];
}

/**
 * Keeps actions from their storing to the end of their retention, and hands them to workers. What it says has happened has happened for good, as far as the store lasts. Every method that changes
 * something is atomic, safe to call from many processes at once, and guarded where it concerns an action under way: by the fence, a number that rises each time the action is
 * handed out, so that whoever holds an older one changes nothing.
 *
 * A worker holds one lease for everything it runs. When it does not renew that in time, `recover` gives its actions to others: at least once is kept, and a lease alone
 * excludes nobody, hence the fence.
 *
 * An outcome is one of `completed`, `dead` and `cancelled`. With it the action leaves its key to the next in line, and when it is completed those of its chain that wait for it may begin.
 *
 * What is dead or cancelled while another waits for it has stopped a chain. It is never deleted before that one has an outcome too, were its retention 0: so the chain can be retried where it
 * stopped. When its retention is over, `purge` ends those that wait.
 */
export interface ActionStore {
  /** Stores all or none, in order. Resolves when they are safe. */
  enqueue(actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]>;

  /** Registers a worker, with a lease from now on. */
  join(worker: StoredWorker): Promise<void>;
  /** Renews a worker's lease, unless it has been taken away: one that is over, but that no `recover` has met yet, is renewed. */
  renew(worker: string): Promise<WorkerRenewal>;
  /** Ends a worker. What it still runs is recovered as if it had been lost, by the next `recover`. */
  leave(worker: string): Promise<void>;
  /** Those that have not left, and whose lease is not over. */
  workers(): Promise<readonly StoredWorker[]>;
  /**
   * Writes outcomes and takes new work, in that order and in one transaction. One who has been taken for lost is given nothing, and `held` is false. Where it rejects with a `SORA_STORE_UNAVAILABLE` that is
   * not retryable, nothing was written, and the worker writes its outcomes in parts, until it has found the one that is refused: that becomes a failure.
   */
  turn(turn: WorkerTurn): Promise<WorkerTurnAnswer>;
  /**
   * Takes the lease from every worker whose lease is over, and gives what they ran back to others, due at once: at most `limit` actions, the rest with the next call. Each is handed out again as a suspect: see
   * `ClaimRequest`. What has no attempt left is dead, and kept for `keepFor` milliseconds, by default for good.
   */
  recover(limit: number, keepFor?: number): Promise<readonly RecoveredAction[]>;
  /** False for each action that is no longer the reporter's, and nothing was written. */
  progress(reports: readonly ProgressReport[]): Promise<readonly boolean[]>;

  /** Of the ids that are there, in any order. */
  get(ids: readonly string[]): Promise<readonly StoredAction[]>;
  list(filter: ActionFilter): Promise<ActionPage>;
  /** Every queue and state that has any. `completed` is not counted: it grows with the retention, and nobody waits for it. */
  counts(): Promise<readonly QueueCount[]>;
  /**
   * Cancels what waits, is delayed or has failed, at once and for good; of actions under way, those that are to be cancelled come with their worker's next renewal. What is cancelled
   * so, now or when its worker fails, releases or loses it, is kept for `keepFor` milliseconds, by default for good; at 0 it is deleted, unless another waits for it then. One outcome for each id, in order.
   */
  cancel(ids: readonly string[], keepFor?: number): Promise<readonly CancelOutcome[]>;
  /**
   * Has dead, cancelled or failed actions tried again now, with all their attempts: `attempt` is 0 again, the fence goes on rising. Each waits for its chain as a new one does, and stands in line for its
   * key: ahead of those stored after it, behind those that have been let in and do not wait for their chain, whatever the order of `ids`. Returns the state each was in, or `undefined` where it is not there; any other state is left as it is. So is one that was cancelled while it waited for
   * another, where that one is not stored any more: whether it has completed nobody knows then, and no action of a chain is begun unless the one before it has.
   */
  retry(ids: readonly string[]): Promise<readonly (ActionState | undefined)[]>;
  /** From now on, until `resume` of the same, no worker is given any of it. What is under way goes on. A service and one action of it are paused each by itself. */
  pause(queue: PausedQueue): Promise<void>;
  resume(queue: PausedQueue): Promise<void>;
  paused(): Promise<readonly PausedQueue[]>;
  /**
   * Deletes actions whose retention is over, unless others wait for them. Those that wait, and those that wait for these, are cancelled in their place, with an error whose code is `SORA_CHAIN_STOPPED`: else they would
   * wait for ever, and so would what stands behind them in the line of their key. They are kept for `keepFor` milliseconds from now, by default for good, and so is what they waited for: a chain that
   * stopped can be retried as a whole until it is deleted as a whole. At most `limit` actions are deleted or cancelled, the rest with the next call; what others are changing just then stays for a later one.
   */
  purge(limit: number, keepFor?: number): Promise<PurgedActions>;
}
