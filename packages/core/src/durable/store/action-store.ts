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
  /** False where it had expired and was taken away: everything it ran is, or will be, somebody else's. */
  readonly held: boolean;
  /** Actions it runs that somebody asked to be cancelled. */
  readonly cancelled: readonly string[];
}

/** An action whose worker was lost, and what that made of it. */
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

/**
 * Keeps actions from their storing to the end of their retention, and hands them to workers. What it says has happened has happened for good, as far as the store lasts. Every method that changes
 * something is atomic, safe to call from many processes at once, and guarded where it concerns an action under way: by the fence, a number that rises each time the action is
 * handed out, so that whoever holds an older one changes nothing.
 *
 * A worker holds one lease for everything it runs. When it does not renew that in time, `recover` gives its actions to others: at least once is kept, and a lease alone
 * excludes nobody, hence the fence.
 */
export interface ActionStore {
  /** Stores all or none, in order. Resolves when they are safe. */
  enqueue(actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]>;

  /** Registers a worker, with a lease from now on. */
  join(worker: StoredWorker): Promise<void>;
  /** Renews a worker's lease, unless it has been taken away. */
  renew(worker: string): Promise<WorkerRenewal>;
  /** Ends a worker. What it still runs is recovered as if it had been lost. */
  leave(worker: string): Promise<void>;
  workers(): Promise<readonly StoredWorker[]>;
  /** Writes outcomes and takes new work, in that order and in one transaction. One who has been taken for lost is given nothing, and `held` is false. */
  turn(turn: WorkerTurn): Promise<WorkerTurnAnswer>;
  /** Gives back to others what workers had whose lease is over, at most `limit` actions. Each is handed out again as a suspect: see `ClaimRequest`. */
  recover(limit: number): Promise<readonly RecoveredAction[]>;
  /** False for each action that is no longer the reporter's. */
  progress(reports: readonly ProgressReport[]): Promise<readonly boolean[]>;

  /** Of the ids that are there, in any order. */
  get(ids: readonly string[]): Promise<readonly StoredAction[]>;
  list(filter: ActionFilter): Promise<ActionPage>;
  /** Every queue and state that has any. `completed` is not counted: it grows with the retention, and nobody waits for it. */
  counts(): Promise<readonly QueueCount[]>;
  /** Of `worker`'s actions under way, those that are to be cancelled come with its next renewal. */
  cancel(ids: readonly string[]): Promise<readonly CancelOutcome[]>;
  /**
   * Has dead, cancelled or failed actions tried again now, with all their attempts. Returns the state each was in, or `undefined` where it is not there;
   * any other state is left as it is.
   */
  retry(ids: readonly string[]): Promise<readonly (ActionState | undefined)[]>;
  /** From now on, until `resume`, no worker is given any of it. What is under way goes on. */
  pause(queue: PausedQueue): Promise<void>;
  resume(queue: PausedQueue): Promise<void>;
  paused(): Promise<readonly PausedQueue[]>;
  /** Deletes at most `limit` actions whose retention is over; how many it were. */
  purge(limit: number): Promise<number>;
}
