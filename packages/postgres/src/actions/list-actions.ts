import { limits } from "@sora/core/internal";
import type { ActionFilter, ActionPage, ActionState } from "@sora/core/adapter";
import type { Database } from "../connection/database.ts";
import { finishedColumns, liveColumns, now, storedAction, withClock } from "./action-row.ts";
import type { ActionRow } from "./action-row.ts";

/** What is true of the live rows of a state, and of the finished ones; null where the table has none. Written so that the index of that state is used. */
const conditions: Readonly<Record<ActionState, { readonly live: string | null; readonly finished: string | null }>> = {
  waiting: { live: `phase <> 'x' AND NOT failed AND (due_at <= ${now} OR phase IN ('r', 's'))`, finished: null },
  delayed: { live: `phase IN ('t', 'b') AND NOT failed AND due_at > ${now}`, finished: null },
  failed: { live: "failed", finished: null },
  running: { live: "phase = 'x'", finished: null },
  completed: { live: null, finished: "outcome = 'c'" },
  dead: { live: null, finished: "outcome = 'd' AND outcome <> 'c'" },
  cancelled: { live: null, finished: "outcome IN ('x', 'w') AND outcome <> 'c'" },
};

/**
 * A page of actions, the last stored first. The statement holds the filters that are given and no others, and is planned for their values, since each combination is quick by another index.
 */
export async function listActions(database: Database, schema: string, filter: ActionFilter): Promise<ActionPage> {
  const { state, service, action, limit = limits.usualPage, cursor } = filter;
  const values: unknown[] = [limit + 1, cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor)];
  const shared = ["seq < $2", ...rangeOf(service, action, values)];
  const sides = state === undefined ? { live: "true", finished: "true" } : conditions[state];
  const parts = [
    sides.live === null ? undefined : part(liveColumns(schema), `${schema}.action`, [...shared, sides.live]),
    sides.finished === null ? undefined : part(finishedColumns(schema), `${schema}.finished`, [...shared, sides.finished]),
  ].filter(one => one !== undefined);
  const text = `${withClock(schema)} SELECT * FROM (${parts.join(" UNION ALL ")}) page ORDER BY seq DESC LIMIT $1`;
  const rows = await database.rows<ActionRow>("list actions", { text }, values);
  const actions = rows.slice(0, limit).map(storedAction);
  return rows.length > limit ? { actions, next: String((rows[limit - 1] as ActionRow).seq) } : { actions };
}

function part(columns: string, table: string, where: readonly string[]): string {
  return `(SELECT ${columns} FROM ${table} WHERE ${where.join(" AND ")} ORDER BY seq DESC LIMIT $1)`;
}

/** Queues are named `Service/action@1` and compared by bytes, so that those of a service or an action stand together, between `/` and the character after it, `0`, or between `@` and `A`. */
function rangeOf(service: string | undefined, action: string | undefined, values: unknown[]): readonly string[] {
  if (service === undefined) {
    if (action === undefined) return [];
    values.push(`/${action}@`);
    return [`strpos(queue, $${values.length}) > 0`];
  }
  values.push(...(action === undefined ? [`${service}/`, `${service}0`] : [`${service}/${action}@`, `${service}/${action}A`]));
  return [`queue >= $${values.length - 1}`, `queue < $${values.length}`];
}
