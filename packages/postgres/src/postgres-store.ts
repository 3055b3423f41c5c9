import { BellBoard, redactText, systemChance } from "@sora/core/adapter";
import type { DurableStore, StoreBell, StoreSurroundings, StoreTransaction } from "@sora/core/adapter";
import pg from "pg";
import { EnqueueActions } from "./actions/enqueue-actions.ts";
import { PostgresActions } from "./actions/postgres-actions.ts";
import { BellWire } from "./bells/bell-wire.ts";
import { Database } from "./connection/database.ts";
import type { Ground } from "./connection/ground.ts";
import type { Statement } from "./connection/statement.ts";
import { PostgresLeases } from "./postgres-leases.ts";
import { PostgresOutbox } from "./postgres-outbox.ts";
import { PostgresSchedules } from "./postgres-schedules.ts";
import type { PostgresStoreOptions, ResolvedPostgresOptions } from "./postgres-store-options.ts";
import { resolvePostgresOptions } from "./postgres-store-options.ts";
import { PostgresTicks } from "./postgres-ticks.ts";
import { migrate } from "./schema/migrate.ts";
import { channelOf, quotedName } from "./schema/schema-name.ts";
import { storeWithin } from "./within/store-within.ts";

/**
 * A store on PostgreSQL 15 or later, for any number of hosts. It makes its schema when it is opened. Times are the database's.
 *
 * Hosts of one process can share it: each opens it and disposes of it, and it is closed when the last has.
 *
 * @throws SoraError `SORA_OPTION_INVALID` for options that cannot be.
 */
export function createPostgresStore(options: PostgresStoreOptions = {}): DurableStore {
  return new PostgresStore(resolvePostgresOptions(options));
}

class PostgresStore implements DurableStore {
  readonly name: string;
  readonly lasting = true;
  readonly shared = true;
  readonly inOrder = true;
  readonly lease: number;
  readonly actions: PostgresActions;
  readonly leases: PostgresLeases;
  readonly schedules: PostgresSchedules;
  readonly ticks: PostgresTicks;
  readonly outbox: PostgresOutbox;
  readonly #options: ResolvedPostgresOptions;
  readonly #database: Database;
  readonly #board: BellBoard;
  readonly #enqueue: EnqueueActions;
  readonly #clock: Statement;
  #wire: BellWire | undefined = undefined;
  #openers = 0;
  #opening: Promise<void> | undefined = undefined;
  #closing = new AbortController();
  #closed: Promise<void> = Promise.resolve();

  constructor(options: ResolvedPostgresOptions) {
    const { schema, lease, enqueueFor } = options;
    this.#options = options;
    this.lease = lease;
    this.name = nameOf(options);
    this.#database = new Database(this.name, options);
    this.#board = new BellBoard(this.name);
    this.#clock = { name: "now", text: `SELECT floor(${quotedName(schema)}.now_ms()) AS now` };
    const ground: Ground = { database: this.#database, schema: quotedName(schema), ring: bell => this.#ring(bell) };
    this.#enqueue = new EnqueueActions({ ground, enqueueFor, closing: () => this.#closing.signal });
    this.actions = new PostgresActions(ground, lease, this.#enqueue);
    this.leases = new PostgresLeases(ground);
    this.schedules = new PostgresSchedules(ground);
    this.ticks = new PostgresTicks(ground);
    this.outbox = new PostgresOutbox(ground);
  }

  async open(surroundings: StoreSurroundings): Promise<void> {
    this.#openers++;
    const opening = (this.#opening ??= this.#open(surroundings));
    try {
      await opening;
    } catch (error) {
      if (this.#opening === opening) this.#opening = undefined;
      this.#openers--;
      throw error;
    }
  }

  async now(): Promise<number> {
    return (await this.#database.row<{ now: number }>("ask for the time", this.#clock)).now;
  }

  listen(listener: (bell: StoreBell) => void): Disposable {
    return this.#board.listen(listener);
  }

  within(transaction: unknown): StoreTransaction {
    return storeWithin(this.name, quotedName(this.#options.schema), transaction);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#openers > 0) {
      this.#openers--;
      if (this.#openers === 0) this.#closed = this.#close(this.#opening);
    }
    await this.#closed;
  }

  async #open(given: StoreSurroundings): Promise<void> {
    const surroundings = { ...given, chance: given.chance ?? systemChance };
    await this.#closed;
    const { schema, connection, listen } = this.#options;
    await migrate(this.name, schema, connection, surroundings.logger);
    this.#closing = new AbortController();
    this.#database.open(surroundings);
    if (listen === false) return;
    const channel = channelOf(schema);
    const notify = { name: "notify", text: "SELECT pg_notify($1, $2)" };
    this.#wire = new BellWire({
      surroundings,
      connection: listen,
      channel,
      onBell: bell => this.#board.ringAfter(bell, surroundings.logger),
      notify: text => this.#database.rows("notify", notify, [channel, text]),
    });
    await this.#wire.open();
  }

  async #close(opening: Promise<void> | undefined): Promise<void> {
    this.#opening = undefined;
    await opening?.catch(() => {});
    this.#closing.abort();
    await Promise.all([this.#enqueue.drained(), this.outbox.drained()]);
    await this.#wire?.close();
    this.#wire = undefined;
    await this.#database.close();
  }

  #ring(bell: StoreBell): void {
    if (this.#board.size > 0) this.#board.ringAfter(bell, this.#database.logger); // nobody listens to one that is closing
    this.#wire?.tell(bell);
  }
}

/** Of the server only what is no secret. */
function nameOf({ schema, connection }: ResolvedPostgresOptions): string {
  const { host } = new pg.Client(connection);
  return redactText(`PostgreSQL ${schema} on ${host}`);
}
