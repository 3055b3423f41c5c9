import type { StoredWorker, WorkerRenewal } from "../../store/action-store.ts";
import type { Session } from "./session.ts";
import { stage, standing } from "./stage.ts";

export function joinWorker({ sql, now, lease }: Session, { id, node, queues }: StoredWorker): void {
  sql.run(
    `INSERT INTO sora_workers (id, node, queues, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET node = excluded.node, queues = excluded.queues, expires_at = excluded.expires_at`,
    id,
    node,
    JSON.stringify(queues),
    now + lease,
  );
}

export function renewWorker({ sql, now, lease }: Session, worker: string): WorkerRenewal {
  if (sql.run("UPDATE sora_workers SET expires_at = ? WHERE id = ?", now + lease, worker) === 0) return { held: false, cancelled: [] };
  const cancelled = sql.all<[string]>(
    `SELECT id FROM sora_actions INDEXED BY sora_actions_stage WHERE stage = ${stage.running} AND ${standing} AND worker = ? AND cancel_keep IS NOT NULL`,
    worker,
  );
  return { held: true, cancelled: cancelled.map(([id]) => id) };
}

export function endWorker({ sql }: Session, worker: string): void {
  sql.run("DELETE FROM sora_workers WHERE id = ?", worker);
}

export function presentWorkers({ sql, now }: Session): readonly StoredWorker[] {
  return sql
    .all<[string, string, string]>("SELECT id, node, queues FROM sora_workers WHERE expires_at > ?", now)
    .map(([id, node, queues]) => ({ id, node, queues: JSON.parse(queues) as readonly string[] }));
}
