import type { NewOutboxEntry, OutboxEntry, OutboxReport, OutboxStore } from "@sora/core/adapter";
import { SoraError } from "@sora/core/adapter";
import { GroupedCalls } from "./connection/grouped-calls.ts";
import type { Ground } from "./connection/ground.ts";
import type { Statement } from "./connection/statement.ts";

interface OutboxRow {
  readonly seq: number;
  readonly written_at: number;
  readonly failures: number;
  readonly id: string;
  readonly topic: string;
  readonly key: string | null;
  readonly payload: string | null;
  readonly envelope: string;
  readonly error: string | null;
}

/** The outbox on PostgreSQL. */
export class PostgresOutbox implements OutboxStore {
  readonly #ground: Ground;
  readonly #appends: GroupedCalls<string, undefined>;
  readonly #statements: ReturnType<typeof statementsOf>;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#statements = statementsOf(ground.schema);
    this.#appends = new GroupedCalls({
      send: async entries => {
        await this.#ground.database.rows("append to the outbox", this.#statements.append, [`[${entries.join(",")}]`]);
        return entries.map(() => undefined);
      },
      splits: error => SoraError.is(error) && !error.retryable,
      weight: json => json.length,
      heaviest: 200_000,
      worthwhile: 200_000,
      flights: 1, // so that what is appended is written in the order of the calls
      pause: async () => {},
    });
  }

  async append(entries: readonly NewOutboxEntry[]): Promise<void> {
    if (entries.length > 0) await this.#appends.add(JSON.stringify(entries).slice(1, -1));
  }

  async read(limit: number): Promise<readonly OutboxEntry[]> {
    return (await this.#ground.database.rows<OutboxRow>("read the outbox", this.#statements.read, [limit])).map(outboxEntry);
  }

  async report({ fence, published, failed }: OutboxReport): Promise<boolean> {
    const values = [fence, published, JSON.stringify(failed.map(one => ({ ...one, error: readable(one.error) })))];
    return (await this.#ground.database.row<{ written: boolean }>("report what was published", this.#statements.report, values)).written;
  }

  async counts(): Promise<{ readonly waiting: number; readonly dead: number }> {
    const { waiting, dead } = await this.#ground.database.row<{ waiting: number; dead: number }>("count the outbox", this.#statements.counts);
    return { waiting, dead };
  }

  async dead(limit: number): Promise<readonly (OutboxEntry & { readonly error: string })[]> {
    const rows = await this.#ground.database.rows<OutboxRow>("list dead entries of the outbox", this.#statements.dead, [limit]);
    return rows.map(row => ({ ...outboxEntry(row), error: row.error ?? "" }));
  }

  async retry(sequences: readonly number[]): Promise<number> {
    return (await this.#ground.database.rows("have entries of the outbox published after all", this.#statements.retry, [sequences])).length;
  }

  /** Resolves when everything that was appended has been written. */
  async drained(): Promise<void> {
    await this.#appends.drained();
  }
}

/** What somebody threw may say anything; see also the errors of actions. */
function readable(error: string): string {
  return error.toWellFormed().replaceAll("\0", "\uFFFD");
}

function outboxEntry(row: OutboxRow): OutboxEntry {
  return {
    id: row.id,
    topic: row.topic,
    ...(row.key !== null && { key: row.key }),
    ...(row.payload !== null && { payload: row.payload }),
    envelope: row.envelope,
    sequence: row.seq,
    writtenAt: row.written_at,
    failures: row.failures,
  };
}

function statementsOf(schema: string) {
  const statement = (name: string, text: string): Statement => ({ name: `outbox_${name}`, text });
  return {
    append: statement("append", `SELECT ${schema}.append_outbox($1)`),
    read: statement("read", `SELECT * FROM ${schema}.read_outbox($1)`),
    report: statement("report", `SELECT ${schema}.report_outbox($1, $2, $3) AS written`),
    counts: { text: `SELECT count(*) FILTER (WHERE NOT dead) AS waiting, count(*) FILTER (WHERE dead) AS dead FROM ${schema}.outbox` } satisfies Statement,
    dead: statement("dead", `SELECT * FROM ${schema}.outbox WHERE dead ORDER BY seq LIMIT $1`),
    retry: statement("retry", `UPDATE ${schema}.outbox SET dead = false, failures = 0, due_at = 0, error = NULL WHERE seq = ANY ($1) AND dead RETURNING seq`),
  };
}
