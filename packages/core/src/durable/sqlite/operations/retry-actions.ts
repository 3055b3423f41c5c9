import type { ActionState } from "../../store/stored-action.ts";
import { retryInOrder } from "../../store/retry-in-order.ts";
import { isStored, isToCome } from "./chain.ts";
import { rejoinLine } from "./key-line.ts";
import type { Session } from "./session.ts";
import { stage, stateOf, untimedStage } from "./stage.ts";

/** Has actions begin anew, those that have an outcome behind whoever has been let in by their key since. */
export function retryActions(session: Session, ids: readonly string[]): readonly (ActionState | undefined)[] {
  const inOrder = session.sql.all<[string]>(inOrderSql, JSON.stringify(ids)).map(([id]) => id);
  return retryInOrder(ids, inOrder, id => retry(session, id));
}

const inOrderSql = "SELECT id FROM sora_actions WHERE id IN (SELECT value FROM json_each(?)) ORDER BY seq";

function retry(session: Session, id: string): ActionState | undefined {
  const { sql, now, rings } = session;
  const row = sql.get<[number, number, number, number, number, string | null, string | null]>(retriedSql, id);
  if (row === undefined) return undefined;
  const [seq, at, failed, dueAt, chained, key, after] = row;
  const state = stateOf(at, failed === 1, dueAt, now);
  if (chained === 2 && !isStored(session, after as string)) return state; // cancelled before its turn came, and nobody knows any more whether it would have
  if (state === "failed") sql.run(retryFailedSql, now, seq);
  else if (state === "dead" || state === "cancelled") {
    sql.run(retryFinishedSql, now, key === null ? 1 : 0, after !== null && isToCome(session, after) ? 1 : 0, seq);
    sql.run(`UPDATE sora_actions SET stage = ${untimedStage} WHERE seq = ?`, seq);
    if (key !== null) rejoinLine(session, key);
  }
  rings.ready();
  return state;
}

const retriedSql = "SELECT seq, stage, failed, due_at, chained, key, after_id FROM sora_actions WHERE id = ?";
const anew = "attempt = 0, failed = 0, suspect = 0, cancel_keep = NULL, due_at = ?";
const retryFailedSql = `UPDATE sora_actions SET stage = ${stage.ready}, ${anew} WHERE seq = ?`;
const retryFinishedSql = `UPDATE sora_actions SET ${anew}, finished_at = NULL, expires_at = NULL, let_in = ?, chained = ? WHERE seq = ?`;
