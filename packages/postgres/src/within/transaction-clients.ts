import pg from "pg";
import { codeOf } from "../connection/store-failure.ts";
import { answerIn, method } from "./transaction-client.ts";
import type { TransactionClient } from "./transaction-client.ts";

interface PgClient {
  query(text: string, values: readonly unknown[]): Promise<{ readonly rows: unknown }>;
  getTransactionStatus?(): "I" | "T" | "E" | null;
}

/** `Client` and `PoolClient` of pg, between BEGIN and COMMIT. A pool is none: its next query may go over another connection. */
const pgClient: TransactionClient = {
  name: "pg (a Client or PoolClient after BEGIN)",
  knows: candidate => method(candidate, "query") !== undefined && (method(candidate, "connect") !== undefined || method(candidate, "release") !== undefined),
  within: candidate => {
    const client = candidate as PgClient;
    if (method(candidate, "escapeLiteral") === undefined || method(candidate, "totalCount") !== undefined) return undefined;
    if (client.getTransactionStatus !== undefined && client.getTransactionStatus() !== "T") return undefined;
    return async (text, parameters) => answerIn((await client.query(text, parameters)).rows);
  },
  hasEnded: error => says(error, /^(Client was closed|Connection terminated$)/),
};

interface PostgresSql {
  unsafe(text: string): Promise<unknown>;
}

/**
 * The `sql` that postgres gives to `begin`, which has savepoints; the one it was taken from has not. With parameters it asks for their types first and holds back the next statement,
 * for good where the transaction has ended; so they become literals.
 */
const postgresSql: TransactionClient = {
  name: "postgres (the sql given to begin)",
  pipelines: true,
  knows: candidate => typeof candidate === "function" && method(candidate, "unsafe") !== undefined,
  within: candidate => {
    if (method(candidate, "savepoint") === undefined) return undefined;
    return async (text, parameters) => answerIn(await (candidate as unknown as PostgresSql).unsafe(withLiterals(text, parameters)));
  },
};

interface KyselyTransaction {
  readonly isTransaction: boolean;
  executeQuery(query: unknown): Promise<{ readonly rows: unknown }>;
}

const kyselyTransaction: TransactionClient = {
  name: "Kysely (a Transaction)",
  knows: candidate => method(candidate, "executeQuery") !== undefined && "isTransaction" in candidate,
  within: candidate => {
    const transaction = candidate as KyselyTransaction;
    if (!transaction.isTransaction) return undefined;
    return async (text, parameters) => {
      const query = { kind: "RawNode", sqlFragments: [text], parameters: [] };
      return answerIn((await transaction.executeQuery({ sql: text, parameters, query, queryId: { queryId: "sora" } })).rows);
    };
  },
  hasEnded: error => says(error, /^Transaction is already (committed|rolled back)/),
};

interface DrizzleTransaction {
  execute(text: string): Promise<unknown>;
}

/** The transaction that Drizzle gives, which can be rolled back; the database it was taken from cannot. What it executes as text has no parameters, so those there are become literals. */
const drizzleTransaction: TransactionClient = {
  name: "Drizzle on pg or postgres (the transaction given to transaction)",
  knows: candidate => method(candidate, "execute") !== undefined && method(candidate, "transaction") !== undefined && method(candidate, "select") !== undefined,
  within: candidate => {
    if (method(candidate, "rollback") === undefined) return undefined;
    return async (text, parameters) => {
      const answer = await (candidate as DrizzleTransaction).execute(withLiterals(text, parameters));
      return answerIn(Array.isArray(answer) ? answer : (answer as { readonly rows: unknown }).rows);
    };
  },
};

interface PrismaTransaction {
  $queryRawUnsafe(text: string, ...values: readonly unknown[]): Promise<unknown>;
}

/** The client that Prisma gives to an interactive transaction, which cannot be connected. */
const prismaTransaction: TransactionClient = {
  name: "Prisma (the client given to an interactive $transaction)",
  knows: candidate => method(candidate, "$queryRawUnsafe") !== undefined,
  within: candidate => {
    if (method(candidate, "$connect") !== undefined) return undefined;
    return async (text, parameters) => answerIn(await (candidate as PrismaTransaction).$queryRawUnsafe(text, ...parameters));
  },
  hasEnded: error => codeOf(error) === "P2028",
};

/** Those that are looked at, in this order. */
export const transactionClients: readonly TransactionClient[] = [prismaTransaction, kyselyTransaction, drizzleTransaction, postgresSql, pgClient];

function withLiterals(text: string, parameters: readonly string[]): string {
  return text.replaceAll(/\$(\d)::text/g, (_, place: string) => pg.escapeLiteral(parameters[Number(place) - 1] as string));
}

function says(error: unknown, text: RegExp): boolean {
  return error instanceof Error && text.test(error.message);
}
