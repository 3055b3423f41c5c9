import type { DatabaseSync } from "node:sqlite";
import { SoraError } from "../../errors/sora-error.ts";
import type { NewOutboxEntry } from "../store/outbox-store.ts";
import type { EnqueuedAction, NewAction } from "../store/stored-action.ts";
import type { StoreTransaction } from "../store/durable-store.ts";
import { enqueueActions } from "./operations/enqueue-actions.ts";
import { appendEntries } from "./operations/outbox.ts";
import { QueueIds } from "./operations/queue-ids.ts";
import type { Session } from "./operations/session.ts";
import { Rings } from "./operations/session.ts";
import { storeFailure } from "./connection/sqlite-failure.ts";
import { Statements } from "./connection/statements.ts";

export interface WithinOptions {
  readonly file: string;
  readonly name: string;
  readonly lease: number;
  readonly now: () => number;
}

/**
 * Writes on a user's own connection to the store's file, in the transaction that is open on it. It writes at once, so nothing need be awaited before the commit; the store's listeners
 * hear of it as they hear of other processes.
 *
 * @throws SoraError `SORA_TRANSACTION_UNSUPPORTED` for anything else than such a connection.
 */
export function withinDatabase(transaction: unknown, options: WithinOptions): StoreTransaction {
  const database = checkedDatabase(transaction, options);
  const sql = new Statements(database);
  const within = <T>(work: (session: Session) => T): T => {
    checkTransaction(database, options.name);
    try {
      sql.run("SAVEPOINT sora");
      try {
        return work({ sql, queues: new QueueIds(sql), now: options.now(), lease: options.lease, rings: new Rings() });
      } catch (error) {
        if (database.isTransaction) sql.run("ROLLBACK TO sora");
        throw error;
      } finally {
        if (database.isTransaction) sql.run("RELEASE sora");
      }
    } catch (error) {
      throw storeFailure("use", options.name, error);
    }
  };
  return {
    enqueue: async (actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]> => within(session => enqueueActions(session, actions)),
    append: async (entries: readonly NewOutboxEntry[]): Promise<void> => within(session => appendEntries(session, entries)),
  };
}

function checkedDatabase(transaction: unknown, { file, name }: WithinOptions): DatabaseSync {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  if (!(transaction instanceof DatabaseSync)) refuse(name, "what was given is no `DatabaseSync` of `node:sqlite`", file);
  if (!transaction.isOpen) refuse(name, "the database that was given is not open", file);
  const path = mainFile(transaction);
  if (!isSameFile(path, file)) refuse(name, `the database that was given is ${path === "" ? "in memory" : path}`, file);
  checkTransaction(transaction, name);
  return transaction;
}

function checkTransaction(database: DatabaseSync, name: string): void {
  if (!database.isOpen || !database.isTransaction) refuse(name, "no transaction is open on the database that was given", undefined);
}

function mainFile(database: DatabaseSync): string {
  const databases = new Statements(database).all<[number, string, string]>("PRAGMA database_list");
  return databases.find(([, name]) => name === "main")?.[2] ?? "";
}

/** By whatever paths they go. */
function isSameFile(one: string, other: string): boolean {
  const { statSync } = process.getBuiltinModule("node:fs");
  const [first, second] = [one, other].map(path => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev;
}

function refuse(name: string, why: string, file: string | undefined): never {
  throw new SoraError("SORA_TRANSACTION_UNSUPPORTED", `Cannot write to ${name} within a transaction: ${why}.`, {
    fix:
      file === undefined
        ? "Run `BEGIN IMMEDIATE` on it first, and commit afterwards."
        : `Give a \`DatabaseSync\` of \`node:sqlite\` on ${file}, on which a transaction is open.`,
  });
}
