import type { CancelOutcome } from "../../store/action-store.ts";
import { finishAction } from "./finish-action.ts";
import type { Session } from "./session.ts";
import { isFinishedStage, stage } from "./stage.ts";

/** Ends what is not under way, and has what is asked of its worker. */
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
