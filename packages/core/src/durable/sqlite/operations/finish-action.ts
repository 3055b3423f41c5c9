import { isWaitedFor } from "./chain.ts";
import { leaveLine } from "./key-line.ts";
import { setParametersApart } from "./parameters.ts";
import type { Session } from "./session.ts";
import type { stage } from "./stage.ts";

/** What there is to know of a row that gets its outcome. */
export interface Finishing {
  readonly seq: number;
  readonly id: string;
  readonly key: string | null;
  readonly apart: number;
}

export interface Failure {
  readonly stage: typeof stage.dead | typeof stage.cancelled;
  /** Milliseconds of retention; Infinity for good. */
  readonly keepFor: number;
  /** Encoded; where it is absent, that of the attempt before stays. */
  readonly error?: string | undefined;
}

/** Gives an action an outcome that is no success, and the next of its key its turn. */
export function finishAction(session: Session, row: Finishing, { stage, keepFor, error }: Failure): void {
  const { sql, now, rings } = session;
  if (keepFor <= 0 && !isWaitedFor(session, row.id)) deleteAction(session, row);
  else sql.run(finishSql, stage, now, expiry(now, keepFor), error ?? null, row.seq);
  rings.settled(row.id);
  if (row.key !== null) leaveLine(session, row.seq, row.key);
}

const finishSql =
  "UPDATE sora_actions SET stage = ?, worker = NULL, chained = 2 * chained, finished_at = ?, expires_at = ?, error = coalesce(?, error) WHERE seq = ?";

/** When a retention that begins now is over; null where it never is. */
export function expiry(now: number, keepFor: number): number | null {
  return keepFor === Number.POSITIVE_INFINITY ? null : now + keepFor;
}

/** Deletes an action with all that belongs to it. */
export function deleteAction(session: Session, { seq, apart }: Pick<Finishing, "seq" | "apart">): void {
  session.sql.run("DELETE FROM sora_actions WHERE seq = ?", seq);
  if (apart === 1) setParametersApart(session, seq, undefined);
}
