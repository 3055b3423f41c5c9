import { limits } from "../../../options/limits.ts";
import type { ActionFilter, ActionPage, ActionState, StoredAction } from "../../store/stored-action.ts";
import { readAction } from "./action-row.ts";
import type { Session } from "./session.ts";
import { stage, standing } from "./stage.ts";
import type { SqlValue } from "../connection/statements.ts";

/**
 * A page of actions, the last stored first. What is not completed is found by the indexes of that, so what is completed, however much there is, is not looked through for it; it is what
 * does not wait that has to be sorted, which is why lists are read in a thread of their own.
 */
export function listActions(session: Session, { state, service, action, limit = limits.usualPage, cursor }: ActionFilter): ActionPage {
  const queues = service === undefined && action === undefined ? undefined : matchingQueues(session, service, action);
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
  const found =
    state === undefined || state === "completed"
      ? findAmongAll(session, state, queues, before, limit + 1)
      : seqs(session, uncompletedSql[state], session.now, before, limit + 1, queues === undefined ? null : JSON.stringify(queues));
  const actions = found.slice(0, limit).map(seq => readAction(session, { seq }) as StoredAction);
  return found.length > limit ? { actions, next: String(found[limit - 1]) } : { actions };
}

function matchingQueues(session: Session, service: string | undefined, action: string | undefined): readonly number[] {
  return seqs(session, "SELECT id FROM sora_queues WHERE service = coalesce(?, service) AND action = coalesce(?, action)", service ?? null, action ?? null);
}

/** Of each queue the last ones, of which the last are taken: SQLite would sort all that the queues have. */
function findAmongAll(
  session: Session,
  state: "completed" | undefined,
  queues: readonly number[] | undefined,
  before: number,
  count: number,
): readonly number[] {
  const condition = state === undefined ? "" : `AND stage = ${stage.completed}`;
  if (queues === undefined) return seqs(session, `SELECT seq FROM sora_actions WHERE seq < ? ${condition} ORDER BY seq DESC LIMIT ? + 0`, before, count);
  const sql = `SELECT seq FROM sora_actions INDEXED BY sora_actions_queue WHERE queue = ? AND seq < ? ${condition} ORDER BY seq DESC LIMIT ? + 0`;
  const found = queues.flatMap(queue => seqs(session, sql, queue, before, count));
  return found.toSorted((one, other) => other - one).slice(0, count);
}

const unbegun = [stage.ready, stage.suspect, stage.held];

/** ?1 is the time, ?2 and ?3 say where the page begins and how long it is, ?4 has the queues, null for all. */
const uncompletedSql: Readonly<Record<Exclude<ActionState, "completed">, string>> = {
  waiting: page(at(unbegun, "failed = 0"), timed("failed = 0 AND due_at <= ?1")),
  delayed: page(timed("failed = 0 AND due_at > ?1")),
  failed: page(at(unbegun, "failed = 1"), timed("failed = 1")),
  running: page(at([stage.running])),
  dead: page(at([stage.dead])),
  cancelled: page(at([stage.cancelled])),
};

function page(...parts: readonly string[]): string {
  const rows = parts.map(part => `SELECT seq FROM sora_actions INDEXED BY ${part} AND seq < ?2 AND (?4 IS NULL OR queue IN (SELECT value FROM json_each(?4)))`);
  return `${rows.join(" UNION ALL ")} ORDER BY seq DESC LIMIT ?3 + 0`;
}

function at(stages: readonly number[], condition = "true"): string {
  return `sora_actions_stage WHERE stage IN (${stages.join(", ")}) AND ${standing} AND ${condition}`;
}

function timed(condition: string): string {
  return `sora_actions_timed WHERE stage = ${stage.timed} AND ${condition}`;
}

function seqs({ sql }: Session, statement: string, ...values: readonly SqlValue[]): readonly number[] {
  return sql.all<[number]>(statement, ...values).map(([seq]) => seq);
}
