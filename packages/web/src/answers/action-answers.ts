import type { ActionState, ActionStatus, CancelOutcome } from "@sora/core";

/** A stored action as it stands, with its result once it has one: `GET /api/actions/{id}`. */
export interface StoredActionOutcome extends ActionStatus {
  /** What it was called with, secrets taken out; there only where the action has `visibleParameters`. */
  readonly parameters?: unknown;
  /** What a completed action returned; of a chain, what each step did. */
  readonly result?: unknown;
}

/** What a request to cancel came to. */
export interface CancelAnswer {
  readonly id: string;
  /** Done; asked of the worker that runs it; or it had its outcome already. */
  readonly outcome: Exclude<CancelOutcome, "unknown">;
}

/** What a request to try again came to. */
export interface RetryAnswer {
  readonly id: string;
  /** The state it was in. */
  readonly before: ActionState;
  /** False where that state is left as it is. */
  readonly retried: boolean;
}
