import type { Session } from "./session.ts";
import { stage, unheldStage } from "./stage.ts";

/** Whether one more of a key, which lets so many in at once, need not stand in line. */
export function hasRoom(session: Session, key: string, limit: number): boolean {
  return first(session, key) === undefined && inside(session, key, limit) < limit;
}

/** Takes an action that is finished out of the line of its key, and lets in those who stand first. */
export function leaveLine(session: Session, seq: number, key: string): void {
  session.sql.run("UPDATE sora_actions SET let_in = NULL WHERE seq = ?", seq);
  letInNext(session, key);
}

/** One that begins anew stands in line again: those that were let in and wait for their chain step back for it, since they may wait for this very one. Lets in those who stand first. */
export function rejoinLine(session: Session, key: string): void {
  session.sql.run(stepBackSql, key);
  letInNext(session, key);
}

/** Lets in those who stand first in the line of a key, while there is room. */
function letInNext(session: Session, key: string): void {
  for (;;) {
    const next = first(session, key);
    if (next === undefined) return;
    const [seq, limit] = next;
    if (inside(session, key, limit) >= limit) return;
    session.sql.run(letInSql, seq);
    session.rings.ready();
  }
}

/** Who stands first, and how many his key lets in. */
function first({ sql }: Session, key: string): readonly [number, number] | undefined {
  return sql.get<[number, number]>(firstSql, key);
}

/** How many are inside; it counts to `limit` and no further. */
function inside({ sql }: Session, key: string, limit: number): number {
  return (sql.get<[number]>(insideSql, key, Math.min(limit, Number.MAX_SAFE_INTEGER)) as [number])[0];
}

const line = (letIn: 0 | 1): string => `sora_actions INDEXED BY sora_actions_line WHERE key = ? AND let_in = ${letIn}`;
const firstSql = `SELECT seq, key_limit FROM ${line(0)} ORDER BY seq LIMIT 1`;
const insideSql = `SELECT count(*) FROM (SELECT 1 FROM ${line(1)} LIMIT ? + 0)`;
const stepBackSql = "UPDATE sora_actions INDEXED BY sora_actions_line SET let_in = 0 WHERE key = ? AND let_in = 1 AND chained = 1";
const letInSql = `UPDATE sora_actions SET let_in = 1, stage = CASE WHEN stage = ${stage.held} AND NOT chained THEN ${unheldStage} ELSE stage END WHERE seq = ?`;
