import type { Settlement } from "../../store/worker-turn.ts";
import { beginFollowers, isAnyChained } from "./chain.ts";
import type { Finishing } from "./finish-action.ts";
import { deleteAction, expiry, finishAction } from "./finish-action.ts";
import { leaveLine } from "./key-line.ts";
import type { Session } from "./session.ts";
import { stage, standing, unheldStage } from "./stage.ts";

/** An action that the worker runs. */
interface Running extends Finishing {
  readonly cancelKeep: number | null;
}

interface Own extends Running {
  readonly fence: number;
}

type Completion = Settlement & { readonly kind: "completed" };

/** Writes how attempts of a worker ended; false for each that was not its own any more. */
export function settleActions(session: Session, worker: string, settlements: readonly Settlement[]): readonly boolean[] {
  const completed = new Map<Own, Completion>();
  const rows = own(session, worker, settlements);
  const settled = settlements.map(settlement => {
    const row = rows.get(settlement.id);
    if (row === undefined || row.fence !== settlement.fence) return false;
    rows.delete(settlement.id);
    if (settlement.kind === "completed") completed.set(row, settlement);
    else settle(session, row, settlement);
    return true;
  });
  if (completed.size > 0) complete(session, completed);
  return settled;
}

/** Those of them that the worker runs, by their ids. */
function own({ sql }: Session, worker: string, settlements: readonly Settlement[]): Map<string, Own> {
  const ids = JSON.stringify(settlements.map(({ id }) => id));
  const rows = settlements.length === 0 ? [] : sql.all<[number, string, number, string | null, number, number | null]>(ownSql, ids, worker);
  return new Map(rows.map(([seq, id, fence, key, apart, cancelKeep]) => [id, { seq, id, fence, key, apart, cancelKeep }]));
}

const ownSql = `
  SELECT a.seq, a.id, a.fence, a.key, a.apart, a.cancel_keep FROM json_each(?) AS given CROSS JOIN sora_actions AS a INDEXED BY sora_actions_id ON a.id = given.value
  WHERE a.worker = ? AND a.stage = ${stage.running}`;

function complete(session: Session, completed: ReadonlyMap<Own, Completion>): void {
  write(session, completed);
  const chained = isAnyChained(session);
  for (const [row, { keepFor }] of completed) {
    if (keepFor <= 0) deleteAction(session, row);
    session.rings.settled(row.id);
    if (row.key !== null) leaveLine(session, row.seq, row.key);
    if (chained) beginFollowers(session, row.id);
  }
}

/** Those that have returned nothing and are kept equally long are written by one statement, which takes half the time of one for each. */
function write({ sql, now }: Session, completed: ReadonlyMap<Own, Completion>): void {
  const alike = new Map<number, number[]>();
  for (const [{ seq }, { keepFor, result }] of completed) {
    if (keepFor <= 0) continue;
    if (result !== undefined) sql.run(completeOneSql, now, expiry(now, keepFor), result, seq);
    else if (!alike.get(keepFor)?.push(seq)) alike.set(keepFor, [seq]);
  }
  for (const [keepFor, seqs] of alike) sql.run(completeManySql, now, expiry(now, keepFor), JSON.stringify(seqs));
}

const completion = `UPDATE sora_actions SET stage = ${stage.completed}, worker = NULL, finished_at = ?, expires_at = ?, result =`;
const completeOneSql = `${completion} ? WHERE seq = ?`;
const completeManySql = `${completion} NULL WHERE seq IN (SELECT value FROM json_each(?))`;

function settle(session: Session, row: Own, settlement: Exclude<Settlement, { readonly kind: "completed" }>): void {
  const { now } = session;
  const error = "error" in settlement && settlement.error !== undefined ? JSON.stringify(settlement.error) : undefined;
  switch (settlement.kind) {
    case "dead":
    case "cancelled":
      return finishAction(session, row, { stage: stage[settlement.kind], keepFor: settlement.keepFor, error });
    case "failed":
      if (row.cancelKeep !== null) return finishAction(session, row, { stage: stage.cancelled, keepFor: row.cancelKeep, error });
      return failAttempt(session, row, error as string, now + settlement.delay);
    case "released":
      return release(session, row);
  }
}

function failAttempt({ sql, now, rings }: Session, { seq }: Own, error: string, dueAt: number): void {
  sql.run(failSql, dueAt > now ? stage.timed : stage.ready, error, dueAt, seq); // it has been let in, and the one before it is completed
  rings.ready();
}

const failSql = "UPDATE sora_actions SET stage = ?, worker = NULL, failed = 1, suspect = 0, error = ?, due_at = ? WHERE seq = ?";

/** An attempt that does not count: the action waits again in its old place, unless it was to be cancelled. */
function release(session: Session, row: Running): void {
  session.sql.run(releaseSql, session.now, row.seq);
  if (row.cancelKeep !== null) finishAction(session, row, { stage: stage.cancelled, keepFor: row.cancelKeep });
  else session.rings.ready();
}

const releaseSql = `UPDATE sora_actions SET stage = ${unheldStage}, worker = NULL, attempt = attempt - 1, due_at = ? WHERE seq = ?`;

/** Releases whatever a worker runs beside what it says it holds. */
export function releaseUnheld(session: Session, worker: string, holds: readonly string[]): void {
  const held = new Set(holds);
  for (const [seq, id, key, apart, cancelKeep] of session.sql.all<[number, string, string | null, number, number | null]>(runningSql, worker)) {
    if (!held.has(id)) release(session, { seq, id, key, apart, cancelKeep });
  }
}

const runningSql = `SELECT seq, id, key, apart, cancel_keep FROM sora_actions INDEXED BY sora_actions_stage WHERE stage = ${stage.running} AND ${standing} AND worker = ?`;
