import type { EnqueuedAction, NewAction } from "../../store/stored-action.ts";
import { eachAfterItsOwn } from "../../store/each-after-its-own.ts";
import { isStored, isToCome } from "./chain.ts";
import { hasRoom } from "./key-line.ts";
import { parametersApart, parametersInRow, setParametersApart } from "./parameters.ts";
import type { Session } from "./session.ts";
import { stage, untimedStage } from "./stage.ts";

/** Stores them in order. All or none is up to the caller's transaction. */
export function enqueueActions(session: Session, actions: readonly NewAction[]): readonly EnqueuedAction[] {
  return eachAfterItsOwn(actions, action => store(session, action));
}

function store(session: Session, action: NewAction): EnqueuedAction {
  const { idempotencyKey, debounceKey } = action;
  if (idempotencyKey === undefined && debounceKey === undefined) return insert(session, action) ? stored(session, action.id) : existing(action.id);
  if (isStored(session, action.id)) return existing(action.id);
  if (idempotencyKey !== undefined) {
    const same = session.sql.get<[string]>("SELECT id FROM sora_actions WHERE idempotency_key = ?", idempotencyKey);
    if (same !== undefined) return existing(same[0]);
  }
  if (debounceKey !== undefined) {
    const unbegun = session.sql.get<[number, string]>(unbegunSql, debounceKey);
    if (unbegun !== undefined) return replace(session, unbegun, action);
  }
  insert(session, action);
  return stored(session, action.id);
}

function stored(session: Session, id: string): EnqueuedAction {
  session.rings.ready();
  return { id, outcome: "stored" };
}

function existing(id: string): EnqueuedAction {
  return { id, outcome: "existing" };
}

/** False where the id is stored already. */
function insert(session: Session, action: NewAction): boolean {
  const { sql, now, queues } = session;
  const key = action.debounceKey ?? action.key;
  const keyLimit = action.debounceKey === undefined ? (action.keyLimit ?? 1) : 1;
  const dueAt = dueTime(action, now);
  const letIn = key === undefined || hasRoom(session, key, keyLimit);
  const chained = action.after !== undefined && isToCome(session, action.after);
  const seq = sql.insert(
    insertSql,
    action.id,
    queues.of(action.queue),
    dueAt > now ? stage.timed : letIn && !chained ? stage.ready : stage.held,
    action.priority,
    dueAt,
    action.attempts,
    letIn ? 1 : 0,
    chained ? 1 : 0,
    parametersApart(action.parameters) ? 1 : 0,
    now,
    key ?? null,
    keyLimit,
    action.idempotencyKey ?? null,
    action.debounceKey === undefined ? 0 : 1,
    action.after ?? null,
    action.envelope,
    parametersInRow(action.parameters),
  );
  if (seq === undefined) return false;
  if (parametersApart(action.parameters)) setParametersApart(session, seq, action.parameters);
  return true;
}

const insertSql = `
  INSERT INTO sora_actions
    (id, queue, stage, priority, due_at, attempts, let_in, chained, apart, enqueued_at, key, key_limit, idempotency_key, debounced, after_id, envelope, parameters)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;

/** Of one key those without an outcome are few: what runs, and what was stored since. */
const unbegunSql = `
  SELECT seq, id FROM sora_actions INDEXED BY sora_actions_line
  WHERE key = ? AND let_in IS NOT NULL AND debounced = 1 AND attempt = 0 AND stage <> ${stage.running} ORDER BY seq DESC LIMIT 1`;

function replace(session: Session, [seq, id]: readonly [number, string], action: NewAction): EnqueuedAction {
  const { sql, now, queues, rings } = session;
  const dueAt = dueTime(action, now);
  sql.run(
    `UPDATE sora_actions SET stage = CASE WHEN ? THEN ${stage.timed} ELSE ${untimedStage} END,
       queue = ?, priority = ?, due_at = ?, attempts = ?, enqueued_at = ?, envelope = ?, parameters = ?, apart = ? WHERE seq = ?`,
    dueAt > now ? 1 : 0,
    queues.of(action.queue),
    action.priority,
    dueAt,
    action.attempts,
    now,
    action.envelope,
    parametersInRow(action.parameters),
    parametersApart(action.parameters) ? 1 : 0,
    seq,
  );
  setParametersApart(session, seq, parametersApart(action.parameters) ? action.parameters : undefined);
  rings.ready();
  return { id, outcome: "replaced" };
}

/** When an action stored now may begin. */
function dueTime({ at, delay }: NewAction, now: number): number {
  return Math.max(now, at ?? now + (delay ?? 0));
}
