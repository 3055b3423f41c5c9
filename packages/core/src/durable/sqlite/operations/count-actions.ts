import type { QueueCount } from "../../store/stored-action.ts";
import type { Session } from "./session.ts";
import { stage, standing, stateOf } from "./stage.ts";

/** How many there are of every queue in every state but `completed`, counted in the indexes of what is not. */
export function countActions({ sql, queues, now }: Session): readonly QueueCount[] {
  const counts = new Map<string, QueueCount>();
  for (const [queue, at, failed, due, count] of sql.all<CountRow>(countSql, now)) {
    const state = stateOf(at, failed === 1, due === 1 ? now : Number.POSITIVE_INFINITY, now);
    const key = `${queue} ${state}`;
    counts.set(key, { queue: queues.name(queue), state, count: (counts.get(key)?.count ?? 0) + count });
  }
  return [...counts.values()];
}

type CountRow = readonly [queue: number, stage: number, failed: number, due: number, count: number];

const countSql = `
  SELECT queue, stage, failed, 1, count(*) FROM sora_actions INDEXED BY sora_actions_stage WHERE ${standing} GROUP BY 1, 2, 3
  UNION ALL
  SELECT queue, stage, failed, due_at <= ?1, count(*) FROM sora_actions INDEXED BY sora_actions_timed WHERE stage = ${stage.timed} GROUP BY 1, 3, 4`;
