import { isRetryable } from "@sora/core/adapter";
import type {
  ActionFilter,
  ActionPage,
  ActionState,
  ActionStore,
  CancelOutcome,
  EnqueuedAction,
  NewAction,
  PausedQueue,
  ProgressReport,
  PurgedActions,
  QueueCount,
  RecoveredAction,
  StoredAction,
  StoredWorker,
  WorkerRenewal,
  WorkerTurn,
  WorkerTurnAnswer,
} from "@sora/core/adapter";
import type { Ground } from "../connection/ground.ts";
import type { Statement } from "../connection/statement.ts";
import { finishedColumns, liveColumns, now, storedAction, withClock } from "./action-row.ts";
import type { ActionRow } from "./action-row.ts";
import type { EnqueueActions } from "./enqueue-actions.ts";
import { listActions } from "./list-actions.ts";
import { WorkerTurns } from "./worker-turns.ts";

/** Actions on PostgreSQL. Each method is one statement, and so one transaction. */
export class PostgresActions implements ActionStore {
  readonly #ground: Ground;
  readonly #lease: number;
  readonly #enqueue: EnqueueActions;
  readonly #turns: WorkerTurns;
  readonly #statements: ReturnType<typeof statementsOf>;

  constructor(ground: Ground, lease: number, enqueue: EnqueueActions) {
    this.#ground = ground;
    this.#lease = lease;
    this.#enqueue = enqueue;
    this.#turns = new WorkerTurns(ground, enqueue);
    this.#statements = statementsOf(ground.schema);
  }

  enqueue(actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]> {
    return this.#enqueue.enqueue(actions);
  }

  async join({ id, node, queues }: StoredWorker): Promise<void> {
    await this.#ground.database.rows("register a worker", this.#statements.join, [id, node, queues, this.#lease]);
  }

  async renew(worker: string): Promise<WorkerRenewal> {
    const { held, cancelled } = await this.#ground.database.row<WorkerRenewal>("renew a worker's lease", this.#statements.renew, [worker, this.#lease]);
    return { held, cancelled };
  }

  async leave(worker: string): Promise<void> {
    await this.#ground.database.rows("take leave", this.#statements.leave, [worker]);
  }

  async workers(): Promise<readonly StoredWorker[]> {
    const rows = await this.#ground.database.rows<StoredWorker>("list workers", this.#statements.workers);
    return rows.map(({ id, node, queues }) => ({ id, node, queues }));
  }

  turn(turn: WorkerTurn): Promise<WorkerTurnAnswer> {
    return this.#turns.turn(turn);
  }

  async recover(limit: number, keepFor?: number): Promise<readonly RecoveredAction[]> {
    const { answer } = await this.#ground.database.row<{
      answer: Readonly<Record<"waiting" | "finished", readonly RecoveredAction[] | null>> & { ring: boolean };
    }>("recover actions", this.#statements.recover, [limit, retention(keepFor)]);
    const finished = answer.finished ?? [];
    if (finished.length > 0) this.#ground.ring({ kind: "settled", ids: finished.map(({ id }) => id) });
    if (answer.ring) this.#ground.ring({ kind: "ready" });
    return [...(answer.waiting ?? []), ...finished];
  }

  async progress(reports: readonly ProgressReport[]): Promise<readonly boolean[]> {
    if (reports.length === 0) return [];
    const latest = [...new Map(reports.map(report => [`${report.fence}:${report.id}`, report])).values()];
    const { written } = await this.#ground.database.row<{ written: readonly string[] | null }>("report progress", this.#statements.progress, [
      JSON.stringify(latest),
    ]);
    const keys = new Set(written);
    return reports.map(({ id, fence }) => keys.has(`${fence}:${id}`));
  }

  async get(ids: readonly string[]): Promise<readonly StoredAction[]> {
    if (ids.length === 0) return [];
    const rows = await this.#ground.database.rows<ActionRow>("read actions", this.#statements.get, [ids]);
    return rows.map(storedAction);
  }

  list(filter: ActionFilter): Promise<ActionPage> {
    return listActions(this.#ground.database, this.#ground.schema, filter);
  }

  async counts(): Promise<readonly QueueCount[]> {
    const rows = await this.#ground.database.rows<QueueCount>("count actions", this.#statements.counts);
    return rows.map(({ queue, state, count }) => ({ queue, state, count }));
  }

  async cancel(ids: readonly string[], keepFor?: number): Promise<readonly CancelOutcome[]> {
    if (ids.length === 0) return [];
    const { answer } = await this.#ground.database.row<{
      answer: Readonly<Record<"requested" | "cancelled" | "kept" | "finished", readonly string[] | null>> & { ring: boolean };
    }>("cancel actions", this.#statements.cancel, [ids, retention(keepFor)]);
    const { requested, cancelled, kept, finished, ring } = answer;
    if (requested !== null) this.#ground.ring({ kind: "cancelling", ids: requested });
    if (cancelled !== null) this.#ground.ring({ kind: "settled", ids: cancelled });
    if (ring) this.#ground.ring({ kind: "ready" });
    const [asked, done, fresh] = [new Set(requested), new Set([...(finished ?? []), ...(kept ?? [])]), new Set(cancelled)];
    return ids.map(id => {
      if (asked.has(id)) return "requested";
      if (fresh.delete(id)) return "cancelled";
      return done.has(id) ? "finished" : "unknown"; // of one that is named again, too
    });
  }

  async retry(ids: readonly string[]): Promise<readonly (ActionState | undefined)[]> {
    if (ids.length === 0) return [];
    const { answer } = await this.#ground.database.row<{
      answer: { readonly states: Readonly<Record<string, ActionState>>; readonly left: readonly string[] };
    }>("have actions tried again", this.#statements.retry, [ids]);
    this.#ground.ring({ kind: "ready" });
    const known = new Map(Object.entries(answer.states));
    const left = new Set(answer.left);
    return ids.map(id => {
      const state = known.get(id);
      if (state !== undefined && isRetryable(state) && !left.has(id)) known.set(id, "waiting"); // for one that is named again
      return state;
    });
  }

  async pause({ service, action = "" }: PausedQueue): Promise<void> {
    await this.#ground.database.rows("pause a queue", this.#statements.pause, [service, action]);
  }

  async resume({ service, action = "" }: PausedQueue): Promise<void> {
    const resumed = await this.#ground.database.rows("resume a queue", this.#statements.resume, [service, action]);
    if (resumed.length > 0) this.#ground.ring({ kind: "ready" });
  }

  async paused(): Promise<readonly PausedQueue[]> {
    const rows = await this.#ground.database.rows<Required<PausedQueue>>("list what is paused", this.#statements.paused);
    return rows.map(({ service, action }) => (action === "" ? { service } : { service, action }));
  }

  async purge(limit: number, keepFor?: number): Promise<PurgedActions> {
    const { answer } = await this.#ground.database.row<{ answer: PurgedActions }>("delete finished actions", this.#statements.purge, [
      limit,
      retention(keepFor),
    ]);
    const { deleted, cancelled } = answer;
    if (cancelled.length > 0) {
      this.#ground.ring({ kind: "settled", ids: cancelled });
      this.#ground.ring({ kind: "ready" }); // the next of their keys
    }
    return { deleted, cancelled };
  }
}

/** Null for good. */
function retention(keepFor: number | undefined): number | null {
  return keepFor === undefined || keepFor === Number.POSITIVE_INFINITY ? null : keepFor;
}

function statementsOf(schema: string) {
  const statement = (name: string, text: string): Statement => ({ name, text });
  return {
    join: statement(
      "join",
      `INSERT INTO ${schema}.worker (id, node, queues, expires_at) VALUES ($1, $2, $3, ${schema}.whole_ms(${schema}.now_ms() + $4))
       ON CONFLICT (id) DO UPDATE SET node = EXCLUDED.node, queues = EXCLUDED.queues, expires_at = EXCLUDED.expires_at`,
    ),
    renew: statement(
      "renew",
      `WITH renewed AS (UPDATE ${schema}.worker SET expires_at = ${schema}.whole_ms(${schema}.now_ms() + $2) WHERE id = $1 RETURNING id)
       SELECT EXISTS (SELECT FROM renewed) AS held,
         ARRAY(SELECT id FROM ${schema}.action WHERE phase = 'x' AND worker = $1 AND cancel_requested AND EXISTS (SELECT FROM renewed)) AS cancelled`,
    ),
    leave: statement("leave", `DELETE FROM ${schema}.worker WHERE id = $1`),
    workers: statement("workers", `SELECT id, node, queues FROM ${schema}.worker WHERE expires_at > ${schema}.now_ms() ORDER BY id`),
    recover: statement("recover", `SELECT ${schema}.recover($1, $2) AS answer`),
    progress: statement("progress", `SELECT ${schema}.report_progress($1) AS written`),
    get: statement(
      "get",
      `${withClock(schema)} SELECT ${liveColumns(schema)} FROM ${schema}.action WHERE id = ANY ($1)
       UNION ALL SELECT ${finishedColumns(schema)} FROM ${schema}.finished WHERE id = ANY ($1)`,
    ),
    counts: {
      text: `${withClock(schema)}
       SELECT queue, state, sum(count)::bigint AS count FROM (
         SELECT queue, CASE WHEN failed THEN 'failed' ELSE 'waiting' END AS state, count(*) AS count FROM ${schema}.action WHERE phase = 'r' GROUP BY queue, failed
         UNION ALL
         SELECT queue, ${schema}.state_of(phase, failed, due_at, ${now}), count(*) FROM ${schema}.action WHERE phase <> 'r' GROUP BY 1, 2
         UNION ALL
         SELECT queue, ${schema}.outcome_of(outcome), count(*) FROM ${schema}.finished WHERE outcome <> 'c' GROUP BY 1, 2
       ) counted GROUP BY queue, state ORDER BY queue, state`,
    } satisfies Statement,
    cancel: statement("cancel", `SELECT ${schema}.cancel($1, $2) AS answer`),
    retry: statement("retry", `SELECT ${schema}.retry($1) AS answer`),
    pause: statement("pause", `INSERT INTO ${schema}.paused VALUES ($1, $2) ON CONFLICT DO NOTHING`),
    resume: statement("resume", `DELETE FROM ${schema}.paused WHERE service = $1 AND action = $2 RETURNING service`),
    paused: statement("paused", `SELECT service, action FROM ${schema}.paused ORDER BY service, action`),
    purge: statement("purge", `SELECT ${schema}.purge($1, $2) AS answer`),
  };
}
