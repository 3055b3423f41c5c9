import type { Session } from "./session.ts";
import { stage, unheldStage } from "./stage.ts";

/** Whether an action is stored and not completed, so that those after it wait. */
export function isToCome({ sql }: Session, id: string): boolean {
  return sql.get(`SELECT 1 FROM sora_actions WHERE id = ? AND stage <> ${stage.completed}`, id) !== undefined;
}

/** Whether an action is stored, completed or not. */
export function isStored({ sql }: Session, id: string): boolean {
  return sql.get("SELECT 1 FROM sora_actions WHERE id = ?", id) !== undefined;
}

/** Those that waited for this action, which is completed, may begin. */
export function beginFollowers({ sql, rings }: Session, id: string): void {
  if (sql.run(followSql, id) > 0) rings.ready();
}

/** Whether others wait for this action. */
export function isWaitedFor({ sql }: Session, id: string): boolean {
  return sql.get("SELECT 1 FROM sora_actions INDEXED BY sora_actions_chain WHERE after_id = ? AND chained = 1 LIMIT 1", id) !== undefined;
}

/** Whether anything waits for its chain at all. */
export function isAnyChained({ sql }: Session): boolean {
  return sql.get("SELECT 1 FROM sora_actions INDEXED BY sora_actions_chain WHERE chained = 1 LIMIT 1") !== undefined;
}

const followSql = `UPDATE sora_actions SET chained = 0, stage = CASE WHEN stage = ${stage.held} AND let_in THEN ${unheldStage} ELSE stage END WHERE after_id = ? AND chained = 1`;
