import type { PurgedActions } from "../../store/action-store.ts";
import { chainStopped } from "../../store/chain-stopped.ts";
import { isWaitedFor } from "./chain.ts";
import { deleteAction, expiry, finishAction } from "./finish-action.ts";
import type { Session } from "./session.ts";
import { stage } from "./stage.ts";

/** Deletes actions whose retention is over, and cancels those that wait for them. */
export function purgeActions(session: Session, limit: number, keepFor: number = Number.POSITIVE_INFINITY): PurgedActions {
  const cancelled: string[] = [];
  let deleted = 0;
  let room = limit;
  for (let before = -1; room > 0 && before < cancelled.length;) {
    before = cancelled.length; // what these kept waiting comes with the next round
    for (const [seq, id, at, apart] of session.sql.all<[number, string, number, number]>(expiredSql, session.now, room)) {
      const stranded = at === stage.completed ? [] : cancelFollowers(session, { seq, id }, room, keepFor);
      cancelled.push(...stranded);
      room -= stranded.length;
      if (stranded.length === 0 && room > 0) {
        deleteAction(session, { seq, apart });
        deleted++;
        room--;
      }
    }
  }
  return { deleted, cancelled };
}

const expiredSql = `
  SELECT seq, id, stage, apart FROM sora_actions INDEXED BY sora_actions_expiry WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ? + 0`;

/** Of those that wait for this one, at most so many. With the last of them, this one is kept for as long as they are. */
function cancelFollowers(session: Session, { seq, id }: { readonly seq: number; readonly id: string }, limit: number, keepFor: number): readonly string[] {
  const { sql, now } = session;
  const rows = sql.all<[number, string, string | null, number, number]>(followersSql, id, limit);
  for (const [seq, follower, key, apart, attempt] of rows) {
    const error = JSON.stringify(chainStopped(id, attempt, now));
    const kept = isWaitedFor(session, follower) ? 0 : keepFor;
    finishAction(session, { seq, id: follower, key, apart }, { stage: stage.cancelled, keepFor: kept, error });
  }
  if (rows.length > 0 && !isWaitedFor(session, id)) sql.run("UPDATE sora_actions SET expires_at = ? WHERE seq = ?", expiry(now, keepFor), seq);
  return rows.map(([, follower]) => follower);
}

const followersSql = "SELECT seq, id, key, apart, attempt FROM sora_actions INDEXED BY sora_actions_chain WHERE after_id = ? AND chained = 1 LIMIT ? + 0";
