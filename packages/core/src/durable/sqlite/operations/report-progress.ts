import type { ProgressReport } from "../../store/action-store.ts";
import type { Session } from "./session.ts";
import { stage } from "./stage.ts";

/** Writes what handlers tell of their progress; false for each whose action is no longer the reporter's. */
export function reportProgress({ sql }: Session, reports: readonly ProgressReport[]): readonly boolean[] {
  return reports.map(({ id, fence, progress }) => sql.run(progressSql, progress, id, fence) > 0);
}

const progressSql = `
  UPDATE sora_actions SET progress = ? WHERE id = ? AND fence = ? AND stage = ${stage.running}
  AND EXISTS (SELECT 1 FROM sora_workers WHERE sora_workers.id = sora_actions.worker)`;
