import type { StoredAction, StoredError } from "../../store/stored-action.ts";
import { readParameters } from "./parameters.ts";
import type { Session } from "./session.ts";
import { stateOf } from "./stage.ts";

type ActionRow = readonly [
  seq: number,
  id: string,
  queue: number,
  stage: number,
  failed: number,
  priority: number,
  attempt: number,
  attempts: number,
  enqueuedAt: number,
  dueAt: number,
  startedAt: number | null,
  finishedAt: number | null,
  worker: string | null,
  key: string | null,
  after: string | null,
  cancelKeep: number | null,
  result: string | null,
  error: string | null,
  progress: string | null,
  envelope: string,
  apart: number,
  parameters: string | null,
];

const select = `
  SELECT seq, id, queue, stage, failed, priority, attempt, attempts, enqueued_at, due_at, started_at, finished_at, worker, key, after_id, cancel_keep, result, error, progress, envelope, apart, parameters
  FROM sora_actions`;
const bySeqSql = `${select} WHERE seq = ?`;
const byIdSql = `${select} WHERE id = ?`;

/** An action as it stands. */
export function readAction(session: Session, place: { readonly seq: number } | { readonly id: string }): StoredAction | undefined {
  const row = "seq" in place ? session.sql.get<ActionRow>(bySeqSql, place.seq) : session.sql.get<ActionRow>(byIdSql, place.id);
  return row === undefined ? undefined : shown(session, row);
}

function shown(session: Session, row: ActionRow): StoredAction {
  const [seq, id, queue, stage, failed, priority, attempt, attempts, enqueuedAt, dueAt, ...others] = row;
  const [startedAt, finishedAt, worker, key, after, cancelKeep, result, error, progress, envelope, apart, inRow] = others;
  const parameters = readParameters(session, seq, apart, inRow);
  return {
    id,
    queue: session.queues.name(queue),
    state: stateOf(stage, failed === 1, dueAt, session.now),
    ...(parameters !== undefined && { parameters }),
    envelope,
    priority,
    attempt,
    attempts,
    enqueuedAt,
    dueAt,
    ...(startedAt !== null && { startedAt }),
    ...(finishedAt !== null && { finishedAt }),
    ...(result !== null && { result }),
    ...(error !== null && { error: JSON.parse(error) as StoredError }),
    ...(progress !== null && { progress }),
    ...(worker !== null && { worker }),
    ...(key !== null && { key }),
    ...(after !== null && { after }),
    cancelRequested: cancelKeep !== null,
  };
}
