import type { QueueClaim } from "../../store/worker-turn.ts";
import type { Session } from "./session.ts";
import { stage, untimedStage } from "./stage.ts";

/** So many that have come due are brought in by one claim, however many there are: the longest overdue first, and far more than a worker takes at once. */
const mostAtOnce = 2_000;
/** So many are looked through for the next that the worker can run. */
const mostLookedAt = 64;
/** Milliseconds until a worker asks again where more has come due than could be brought in. */
const moreIsDue = 1;

/**
 * Has what has come due stand with the others that can be handed out. Returns in how many milliseconds the next of these queues comes due; Infinity where none does.
 */
export function bringIn(session: Session, wanted: ReadonlyMap<string, QueueClaim>): number {
  const { sql, now } = session;
  const [earliest] = sql.get<[number]>(
    `SELECT due_at FROM sora_actions INDEXED BY sora_actions_timed WHERE stage = ${stage.timed} ORDER BY due_at LIMIT 1`,
  ) ?? [Number.POSITIVE_INFINITY];
  if (earliest <= now && sql.run(bringInSql, now, mostAtOnce) === mostAtOnce) return moreIsDue;
  return earliest === Number.POSITIVE_INFINITY ? earliest : nextDue(session, wanted);
}

const bringInSql = `
  UPDATE sora_actions SET stage = ${untimedStage}
  WHERE seq IN (SELECT seq FROM sora_actions INDEXED BY sora_actions_timed WHERE stage = ${stage.timed} AND due_at <= ? ORDER BY due_at LIMIT ? + 0)`;

function nextDue({ sql, now, queues }: Session, wanted: ReadonlyMap<string, QueueClaim>): number {
  const rows = sql.all<[number, number]>(nextDueSql, now, mostLookedAt);
  const next = rows.find(([, queue]) => wanted.has(queues.name(queue))) ?? (rows.length === mostLookedAt ? rows.at(-1) : undefined);
  return next === undefined ? Number.POSITIVE_INFINITY : next[0] - now;
}

const nextDueSql = `SELECT due_at, queue FROM sora_actions INDEXED BY sora_actions_timed WHERE stage = ${stage.timed} AND due_at > ? ORDER BY due_at LIMIT ? + 0`;
