import type { ActionState, StoredAction, StoredError } from "@sora/core/adapter";

/** An action as it is read, live or finished. */
export interface ActionRow {
  readonly seq: number;
  readonly id: string;
  readonly queue: string;
  readonly state: ActionState;
  readonly parameters: string | null;
  readonly envelope: string;
  readonly priority: number;
  readonly attempt: number;
  readonly attempts: number;
  readonly enqueued_at: number;
  readonly due_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly result: string | null;
  readonly error: StoredError | null;
  readonly progress: string | null;
  readonly worker: string | null;
  readonly key: string | null;
  readonly after: string | null;
  readonly cancel_requested: boolean;
}

const common =
  "seq, id, queue, parameters, envelope, 0 - rank AS priority, attempt, attempts, enqueued_at, due_at, started_at, error, progress, key, after, cancel_requested";

/** The store's time, the same for the whole statement that begins with {@link withClock}. */
export const now = "(SELECT at FROM clock)";
export const withClock = (schema: string): string => `WITH clock AS MATERIALIZED (SELECT ${schema}.now_ms() AS at)`;

/** The columns of a row, of the table `action`. */
export const liveColumns = (schema: string): string =>
  `${common}, ${schema}.state_of(phase, failed, due_at, ${now}) AS state, NULL::bigint AS finished_at, NULL::text AS result, worker`;

/** The same, of the table `finished`. */
export const finishedColumns = (schema: string): string => `${common}, ${schema}.outcome_of(outcome) AS state, finished_at, result, NULL::text AS worker`;

export function storedAction(row: ActionRow): StoredAction {
  return {
    id: row.id,
    queue: row.queue,
    state: row.state,
    ...(row.parameters !== null && { parameters: row.parameters }),
    envelope: row.envelope,
    priority: row.priority,
    attempt: row.attempt,
    attempts: row.attempts,
    enqueuedAt: row.enqueued_at,
    dueAt: row.due_at,
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.finished_at !== null && { finishedAt: row.finished_at }),
    ...(row.result !== null && { result: row.result }),
    ...(row.error !== null && { error: row.error }),
    ...(row.progress !== null && { progress: row.progress }),
    ...(row.worker !== null && { worker: row.worker }),
    ...(row.key !== null && { key: row.key }),
    ...(row.after !== null && { after: row.after }),
    cancelRequested: row.cancel_requested,
  };
}
