import { SoraError } from "@sora/core/adapter";
import { limits } from "@sora/core/internal";
import type { DueSchedules, NewSchedule, ScheduleFilter, ScheduleFire, ScheduleStore, StoredSchedule } from "@sora/core/adapter";
import type { Ground } from "./connection/ground.ts";
import type { Statement } from "./connection/statement.ts";

/** Milliseconds for which a tick waits for keys that somebody's transaction holds, and at most between two attempts. */
const keysFor = 5_000;
const keyPause = 100;

interface ScheduleRow {
  readonly id: string;
  readonly service: string;
  readonly action: string;
  readonly recurrence: string;
  readonly parameters: string | null;
  readonly envelope: string;
  readonly version: number;
  readonly priority: number;
  readonly attempts: number;
  readonly paused: boolean;
  readonly next_at: number | null;
  readonly last_at: number | null;
  readonly created_at: number;
}

/** Schedules on PostgreSQL. */
export class PostgresSchedules implements ScheduleStore {
  readonly #ground: Ground;
  readonly #statements: ReturnType<typeof statementsOf>;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#statements = statementsOf(ground.schema);
  }

  async put(schedule: NewSchedule): Promise<boolean> {
    const { id, service, action, recurrence, parameters, envelope, version, priority, attempts, nextAt } = schedule;
    const values = [id, service, action, recurrence, parameters ?? null, envelope, version, priority, attempts, nextAt ?? null];
    const { made } = await this.#ground.database.row<{ made: boolean }>("store a schedule", this.#statements.put, values);
    this.#ground.ring({ kind: "scheduled" });
    return made;
  }

  async get(id: string): Promise<StoredSchedule | undefined> {
    const [row] = await this.#ground.database.rows<ScheduleRow>("read a schedule", this.#statements.get, [id]);
    return row === undefined ? undefined : storedSchedule(row);
  }

  async list({ service, limit = limits.usualPage, cursor }: ScheduleFilter): Promise<readonly StoredSchedule[]> {
    const rows = await this.#ground.database.rows<ScheduleRow>("list schedules", this.#statements.list, [service ?? null, cursor ?? null, limit]);
    return rows.map(storedSchedule);
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#ground.database.rows("remove a schedule", this.#statements.remove, [id])).length > 0;
  }

  async setPaused(id: string, paused: boolean, nextAt?: number): Promise<boolean> {
    const isThere = (await this.#ground.database.rows("pause or resume a schedule", this.#statements.setPaused, [id, paused, nextAt ?? null])).length > 0;
    if (!paused) this.#ground.ring({ kind: "scheduled" });
    return isThere;
  }

  async due(limit: number): Promise<DueSchedules> {
    const { now, next, due } = await this.#ground.database.row<{ now: number; next: number | null; due: readonly ScheduleRow[] | null }>(
      "ask which schedules are due",
      this.#statements.due,
      [limit],
    );
    return { schedules: (due ?? []).map(storedSchedule), now, ...(next !== null && { dueIn: next - now }) };
  }

  async fire({ id, tick, nextAt, actions }: ScheduleFire): Promise<boolean> {
    const { clock, chance } = this.#ground.database.surroundings;
    const until = clock.monotonic() + keysFor;
    const values = [id, tick, nextAt ?? null, JSON.stringify(actions)];
    for (;;) {
      const { fired } = await this.#ground.database.row<{ fired: boolean | null }>("fire a schedule", this.#statements.fire, values);
      if (fired === true && actions.length > 0) this.#ground.ring({ kind: "ready" });
      if (fired !== null) return fired;
      if (clock.monotonic() > until) {
        throw new SoraError(
          "SORA_STORE_UNAVAILABLE",
          `Cannot fire the schedule "${id}": a transaction that is still open holds the key of one of its actions.`,
          {
            fix: "Keep transactions short in which actions with keys are enqueued; the tick is tried again.",
            details: { schedule: id },
          },
        );
      }
      await clock.sleep(1 + keyPause * chance.next());
    }
  }
}

function storedSchedule(row: ScheduleRow): StoredSchedule {
  return {
    id: row.id,
    service: row.service,
    action: row.action,
    recurrence: row.recurrence,
    ...(row.parameters !== null && { parameters: row.parameters }),
    envelope: row.envelope,
    version: row.version,
    priority: row.priority,
    attempts: row.attempts,
    paused: row.paused,
    ...(row.next_at !== null && { nextAt: row.next_at }),
    ...(row.last_at !== null && { lastAt: row.last_at }),
    createdAt: row.created_at,
  };
}

function statementsOf(schema: string) {
  const statement = (name: string, text: string): Statement => ({ name: `schedule_${name}`, text });
  const isDue = `NOT paused AND next_at IS NOT NULL`;
  return {
    put: statement(
      "put",
      `INSERT INTO ${schema}.schedule AS s (id, service, action, recurrence, parameters, envelope, version, priority, attempts, next_at, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, floor(${schema}.now_ms()))
       ON CONFLICT (id) DO UPDATE SET service = EXCLUDED.service, action = EXCLUDED.action, recurrence = EXCLUDED.recurrence, parameters = EXCLUDED.parameters, envelope = EXCLUDED.envelope,
         version = EXCLUDED.version, priority = EXCLUDED.priority, attempts = EXCLUDED.attempts,
         next_at = CASE WHEN s.recurrence = EXCLUDED.recurrence THEN coalesce(s.next_at, EXCLUDED.next_at) ELSE EXCLUDED.next_at END
       RETURNING xmax = 0 AS made`,
    ),
    get: statement("get", `SELECT * FROM ${schema}.schedule WHERE id = $1`),
    list: statement("list", `SELECT * FROM ${schema}.schedule WHERE ($1::text IS NULL OR service = $1) AND ($2::text IS NULL OR id > $2) ORDER BY id LIMIT $3`),
    remove: statement("remove", `DELETE FROM ${schema}.schedule WHERE id = $1 RETURNING id`),
    setPaused: statement(
      "set_paused",
      `UPDATE ${schema}.schedule SET paused = $2, next_at = CASE WHEN $2 THEN next_at ELSE coalesce($3, next_at) END WHERE id = $1 RETURNING id`,
    ),
    due: statement(
      "due",
      `WITH clock AS MATERIALIZED (SELECT floor(${schema}.now_ms()) AS at)
       SELECT at AS now,
         (SELECT next_at FROM ${schema}.schedule WHERE ${isDue} AND next_at > at ORDER BY next_at LIMIT 1) AS next,
         (SELECT json_agg(s) FROM (SELECT * FROM ${schema}.schedule WHERE ${isDue} AND next_at <= at ORDER BY next_at LIMIT $1) s) AS due
       FROM clock`,
    ),
    fire: statement("fire", `SELECT ${schema}.fire($1, $2, $3, $4) AS fired`),
  };
}
