import { deleteAction } from "./finish-action.ts";
import type { Session } from "./session.ts";

/** Deletes actions whose retention is over; how many it were. */
export function purgeActions(session: Session, limit: number): number {
  const rows = session.sql.all<[number, number]>(expiredSql, session.now, limit);
  for (const [seq, apart] of rows) deleteAction(session, { seq, apart });
  return rows.length;
}

const expiredSql =
  "SELECT seq, apart FROM sora_actions INDEXED BY sora_actions_expiry WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ? + 0";
