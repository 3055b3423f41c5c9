import type { Logger, SoraError, StoreSurroundings } from "@sora/core/adapter";
import pg from "pg";
import type { ResolvedPostgresOptions } from "../postgres-store-options.ts";
import { letGo } from "./let-go.ts";
import type { Statement } from "./statement.ts";
import { codeOf, storeClosed, storeFailure } from "./store-failure.ts";

/** How often a transaction is tried that loses to another: it has done nothing. */
const mostAttempts = 5;
const shortestPause = 2;

/** Idle connections are kept for so long, in milliseconds. */
const idleFor = 30_000;
/** How long a connection may take to be made, or to become free. */
const connectFor = 5_000;

const int8 = 20;

/** Whole numbers of 64 bits come as numbers: none that is stored is beyond what those hold exactly. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") => (oid === int8 ? Number : pg.types.getTypeParser(oid, format))) as pg.CustomTypesConfig["getTypeParser"],
};

/** Connections to the server, and what is asked over them. Everything rejects with a SoraError, and nothing it holds ever throws into the process. */
export class Database {
  readonly #name: string;
  readonly #options: ResolvedPostgresOptions;
  #pool: pg.Pool | undefined = undefined;
  #surroundings: Required<StoreSurroundings> | undefined = undefined;
  #prepared: boolean;
  #underWay = 0;
  readonly #idle: (() => void)[] = [];
  readonly #clients = new Set<pg.ClientBase>();

  constructor(name: string, options: ResolvedPostgresOptions) {
    this.#name = name;
    this.#options = options;
    this.#prepared = options.prepare;
  }

  open(surroundings: Required<StoreSurroundings>): void {
    this.#surroundings = surroundings;
    this.#pool = new pg.Pool({
      application_name: "sora",
      keepAlive: true,
      connectionTimeoutMillis: connectFor,
      idleTimeoutMillis: idleFor,
      ...this.#options.connection,
      max: this.#options.poolSize,
      query_timeout: this.#options.callTimeout,
      types,
    });
    this.#pool.on("connect", client => void this.#clients.add(client));
    this.#pool.on("remove", client => void this.#clients.delete(client));
    this.#pool.on("error", error => surroundings.logger.debug("An idle connection to PostgreSQL was lost", { error: error.message }));
  }

  get surroundings(): Required<StoreSurroundings> {
    if (this.#surroundings === undefined || this.#pool === undefined) throw storeClosed(this.#name);
    return this.#surroundings;
  }

  get logger(): Logger {
    return this.surroundings.logger;
  }

  /** For what comes when it is too late. */
  closedError(): SoraError {
    return storeClosed(this.#name);
  }

  /** The rows of one statement, which is a transaction of its own. Where it loses to another transaction it is tried again, since it has done nothing. */
  async rows<Row extends object>(doing: string, statement: Statement, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const { clock, chance } = this.surroundings;
    this.#underWay++;
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return (await this.#query(statement, values)).rows as Row[];
        } catch (error) {
          if (attempt === mostAttempts || !isConflict(error)) throw storeFailure(this.#name, doing, error);
        }
        await clock.sleep(shortestPause * 2 ** attempt * chance.next());
      }
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** The one row of a statement that gives one. */
  async row<Row extends object>(doing: string, statement: Statement, values: readonly unknown[] = []): Promise<Row> {
    return (await this.rows<Row>(doing, statement, values))[0] as Row;
  }

  /** Takes on nothing more, waits for what is under way, and lets all connections go. */
  async close(): Promise<void> {
    const pool = this.#pool;
    if (pool === undefined) return;
    const { clock } = this.surroundings;
    this.#pool = undefined;
    while (this.#underWay > 0) await new Promise<void>(resolve => this.#idle.push(resolve));
    await letGo(clock, pool.end(), () => this.#clients);
  }

  async #query({ name, text }: Statement, values: readonly unknown[]): Promise<pg.QueryResult> {
    const pool = this.#pool;
    if (pool === undefined) throw storeClosed(this.#name);
    if (!this.#prepared || name === undefined) return pool.query(text, values as unknown[]);
    try {
      return await pool.query({ name: `sora_${name}`, text, values: values as unknown[] });
    } catch (error) {
      if (!losesStatements(error)) throw error;
      if (this.#prepared) this.logger.warn("Statements are not prepared from here on: between here and PostgreSQL stands a pooler that does not carry them");
      this.#prepared = false;
      return pool.query(text, values as unknown[]);
    }
  }
}

/** Deadlock, or no room in the order of serializable transactions. */
function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === "40P01" || code === "40001";
}

/** A prepared statement is not there, or there already: the connection behind a pooler is another than it was. Nothing has been done. */
function losesStatements(error: unknown): boolean {
  const code = codeOf(error);
  return code === "26000" || code === "42P05";
}
