import type { PausedQueue } from "../../store/action-store.ts";
import { parseQueueName } from "../../store/queue-name.ts";
import type { QueueClaim } from "../../store/worker-turn.ts";
import type { Session } from "./session.ts";

/** Stands for the whole service; no action is called so. */
const wholeService = "";

export function pauseQueue({ sql }: Session, { service, action = wholeService }: PausedQueue): void {
  sql.run("INSERT INTO sora_paused (service, action) VALUES (?, ?) ON CONFLICT DO NOTHING", service, action);
}

export function resumeQueue({ sql, rings }: Session, { service, action = wholeService }: PausedQueue): void {
  if (sql.run("DELETE FROM sora_paused WHERE service = ? AND action = ?", service, action) > 0) rings.ready();
}

export function pausedQueues({ sql }: Session): readonly PausedQueue[] {
  return sql
    .all<[string, string]>("SELECT service, action FROM sora_paused")
    .map(([service, action]) => (action === wholeService ? { service } : { service, action }));
}

/** Of the queues asked for those that are not paused, by name. */
export function openQueues(session: Session, asked: readonly QueueClaim[]): ReadonlyMap<string, QueueClaim> {
  const paused = new Set(pausedQueues(session).map(({ service, action = wholeService }) => `${service}/${action}`));
  const open = new Map<string, QueueClaim>();
  for (const claim of asked) if (paused.size === 0 || !isPaused(paused, claim.queue)) open.set(claim.queue, claim);
  return open;
}

function isPaused(paused: ReadonlySet<string>, queue: string): boolean {
  const { service, action } = parseQueueName(queue);
  return paused.has(`${service}/${wholeService}`) || paused.has(`${service}/${action}`);
}
