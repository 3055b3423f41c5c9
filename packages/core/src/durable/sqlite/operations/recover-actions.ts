import type { RecoveredAction } from "../../store/action-store.ts";
import { lostWorkerError } from "../../store/lost-worker.ts";
import { finishAction } from "./finish-action.ts";
import type { Session } from "./session.ts";
import { stage, standing } from "./stage.ts";

/** Takes the lease from workers that let it run out, and what they and those that have left still run. */
export function recoverActions(session: Session, limit: number, keepFor: number = Number.POSITIVE_INFINITY): readonly RecoveredAction[] {
  session.sql.run("DELETE FROM sora_workers WHERE expires_at <= ?", session.now);
  return session.sql.all<LostRow>(lostSql, limit).map(row => recover(session, row, keepFor));
}

type LostRow = readonly [
  seq: number,
  id: string,
  queue: number,
  key: string | null,
  apart: number,
  attempt: number,
  attempts: number,
  cancelKeep: number | null,
];

const lostSql = `
  SELECT seq, id, queue, key, apart, attempt, attempts, cancel_keep FROM sora_actions INDEXED BY sora_actions_stage
  WHERE stage = ${stage.running} AND ${standing} AND NOT EXISTS (SELECT 1 FROM sora_workers WHERE sora_workers.id = sora_actions.worker) LIMIT ? + 0`;

function recover(session: Session, [seq, id, queue, key, apart, attempt, attempts, cancelKeep]: LostRow, keepFor: number): RecoveredAction {
  const { sql, now, rings, queues } = session;
  const error = JSON.stringify(lostWorkerError(attempt, now));
  const answer = { id, queue: queues.name(queue), attempt };
  const row = { seq, id, key, apart };
  if (cancelKeep !== null) {
    finishAction(session, row, { stage: stage.cancelled, keepFor: cancelKeep, error });
    return { ...answer, state: "cancelled" };
  }
  if (attempt >= attempts) {
    finishAction(session, row, { stage: stage.dead, keepFor, error });
    return { ...answer, state: "dead" };
  }
  sql.run(`UPDATE sora_actions SET stage = ${stage.suspect}, suspect = 1, worker = NULL, error = ?, due_at = ? WHERE seq = ?`, error, now, seq);
  rings.ready();
  return { ...answer, state: "waiting" };
}
