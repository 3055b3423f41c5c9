import type { WorkerTurn, WorkerTurnAnswer } from "../../store/worker-turn.ts";
import { claimActions } from "./claim-actions.ts";
import type { Session } from "./session.ts";
import { releaseUnheld, settleActions } from "./settle-actions.ts";

/** Writes a worker's outcomes and hands out what it can take on, in that order; nothing of it for one that has lost its lease. */
export function workerTurn(session: Session, { worker, settle, holds, claim }: WorkerTurn): WorkerTurnAnswer {
  const { sql, now } = session;
  if (sql.get("SELECT 1 FROM sora_workers WHERE id = ?", worker) === undefined) return { held: false, settled: settle.map(() => false), claimed: [], now };
  const settled = settleActions(session, worker, settle);
  if (holds !== undefined) releaseUnheld(session, worker, holds);
  return { held: true, settled, now, ...(claim === undefined ? { claimed: [] } : claimActions(session, worker, claim)) };
}
