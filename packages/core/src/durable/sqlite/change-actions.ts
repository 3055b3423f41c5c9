import type { CancelOutcome, ProgressReport } from "../store/action-store.ts";
import type { ActionState } from "../store/stored-action.ts";
import { isToCome } from "./chain.ts";
import { deleteAction, finishAction } from "./finish-action.ts";
import { letInNext } from "./key-line.ts";
import type { Session } from "./session.ts";
import { isFinishedStage, stage, stateOf, untimedStage } from "./stage.ts";

/** Writes what handlers tell of their progress; false for each whose action is no longer the reporter's. */
export function reportProgress({ sql }: Session, reports: readonly ProgressReport[]): readonly boolean[] {
  return reports.map(({ id, fence, progress }) => sql.run(progressSql, progress, id, fence) > 0);
}

const progressSql = `
  UPDATE sora_actions SET progress = ? WHERE id = ? AND fence = ? AND stage = ${stage.running}
  AND EXISTS (SELECT 1 FROM sora_workers WHERE sora_workers.id = sora_actions.worker)`;

export function cancelActions(session: Session, ids: readonly string[], keepFor: number = Number.POSITIVE_INFINITY): readonly CancelOutcome[] {
  return ids.map(id => cancel(session, id, keepFor));
}

function cancel(session: Session, id: string, keepFor: number): CancelOutcome {
  const { sql, rings } = session;
  const row = sql.get<[number, number, string | null, number]>("SELECT seq, stage, key, apart FROM sora_actions WHERE id = ?", id);
  if (row === undefined) return "unknown";
  const [seq, at, key, apart] = row;
  if (isFinishedStage(at)) return "finished";
  if (at !== stage.running) {
    finishAction(session, { seq, id, key, apart }, { stage: stage.cancelled, keepFor });
    return "cancelled";
  }
  sql.run("UPDATE sora_actions SET cancel_keep = ? WHERE seq = ?", keepFor, seq);
  rings.cancelling(id);
  return "requested";
}

/** Has actions begin anew, those that have an outcome behind whoever has been let in by their key since. */
export function retryActions(session: Session, ids: readonly string[]): readonly (ActionState | undefined)[] {
  return ids.map(id => retry(session, id));
}

function retry(session: Session, id: string): ActionState | undefined {
  const { sql, now, rings } = session;
  const row = sql.get<[number, number, number, number, string | null, string | null]>(retriedSql, id);
  if (row === undefined) return undefined;
  const [seq, at, failed, dueAt, key, after] = row;
  const state = stateOf(at, failed === 1, dueAt, now);
  if (state === "failed") sql.run(retryFailedSql, now, seq);
  else if (state === "dead" || state === "cancelled") {
    sql.run(retryFinishedSql, now, key === null ? 1 : 0, after !== null && isToCome(session, after) ? 1 : 0, seq);
    sql.run(`UPDATE sora_actions SET stage = ${untimedStage} WHERE seq = ?`, seq);
    if (key !== null) letInNext(session, key);
  }
  rings.ready();
  return state;
}

const retriedSql = "SELECT seq, stage, failed, due_at, key, after_id FROM sora_actions WHERE id = ?";
const anew = "attempt = 0, failed = 0, suspect = 0, cancel_keep = NULL, due_at = ?";
const retryFailedSql = `UPDATE sora_actions SET stage = ${stage.ready}, ${anew} WHERE seq = ?`;
const retryFinishedSql = `UPDATE sora_actions SET ${anew}, finished_at = NULL, expires_at = NULL, let_in = ?, chained = ? WHERE seq = ?`;

/** Deletes actions whose retention is over; how many it were. */
export function purgeActions(session: Session, limit: number): number {
  const rows = session.sql.all<[number, number]>(expiredSql, session.now, limit);
  for (const [seq, apart] of rows) deleteAction(session, { seq, apart });
  return rows.length;
}

const expiredSql =
  "SELECT seq, apart FROM sora_actions INDEXED BY sora_actions_expiry WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?";
