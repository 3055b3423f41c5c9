import { parseDuration } from "@sora/core/adapter";
import { anObject, checkedLease, filledText, flag, integer, longerThanNothing, readChecked } from "@sora/core/internal";
import type { Duration } from "@sora/core/adapter";
import type { OptionChecks } from "@sora/core/internal";
import type { ClientConfig, PoolConfig } from "pg";
import { checkSchemaName } from "./schema/schema-name.ts";

export interface PostgresStoreOptions {
  /** Such as `postgres://user:password@db.example:5432/shop`. Without it and `connection`, `PGHOST`, `PGUSER`, `PGPASSWORD`, `PGDATABASE` and `PGPORT` count, as for `psql`. */
  readonly connectionString?: string;
  /** What `pg` connects by, such as `host`, `ssl`, or a `password` that is a function. It counts beside `connectionString`. */
  readonly connection?: PoolConfig;
  /** The schema that holds the store, made where it is missing. Default `"sora"`. */
  readonly schema?: string;
  /** How long a worker may go without renewing before its work is given to others. Default `"15s"`; from `"100ms"` to `"1h"`. */
  readonly lease?: Duration;
  /** Connections at most, beside the one that listens. Default 10. */
  readonly poolSize?: number;
  /**
   * By what to listen for notifications where that differs: the database itself, where the store is reached through a pooler in transaction mode, which passes none on. `false` listens to nothing,
   * so that others' work is found by asking now and then.
   */
  readonly listen?: string | ClientConfig | false;
  /** How long `enqueue` goes on trying while the server is away. Default `"10s"`. */
  readonly enqueueFor?: Duration;
  /** After which a call is given up whose answer does not come. Default `"10s"`. */
  readonly callTimeout?: Duration;
  /** Whether statements are prepared once for each connection. Default true; a pooler that cannot carry them is noticed, and nothing prepared from then on. */
  readonly prepare?: boolean;
}

/** The options, checked and filled in. Times in milliseconds. */
export interface ResolvedPostgresOptions {
  readonly connection: PoolConfig;
  readonly listen: ClientConfig | false;
  readonly schema: string;
  readonly lease: number;
  readonly poolSize: number;
  readonly enqueueFor: number;
  readonly callTimeout: number;
  readonly prepare: boolean;
}

const checks: OptionChecks<PostgresStoreOptions> = {
  connectionString: filledText,
  connection: anObject,
  schema: checkSchemaName,
  lease: (_what, value, report) => {
    try {
      checkedLease(value as Duration);
    } catch (error) {
      report(`lease: ${(error as Error).message}`);
    }
  },
  poolSize: integer(1, 1_000),
  listen: (what, value, report) => {
    if (value !== false && typeof value !== "string") anObject(what, value, report);
    else if (value !== false) filledText(what, value, report);
  },
  enqueueFor: (what, value, report) => {
    if (value !== 0) longerThanNothing(what, value, report);
  },
  callTimeout: longerThanNothing,
  prepare: flag,
};

/**
 * @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong; no message holds a value that may be secret.
 */
export function resolvePostgresOptions(given: PostgresStoreOptions): ResolvedPostgresOptions {
  const options = readChecked(given, checks, "createPostgresStore", "Cannot make a PostgreSQL store");
  const { connectionString, connection, schema = "sora", lease, poolSize, listen, enqueueFor = "10s", callTimeout = "10s", prepare = true } = options;
  const target = { ...connection, ...(connectionString === undefined ? undefined : { connectionString }) };
  return {
    connection: target,
    listen: listen === false ? false : typeof listen === "string" ? { connectionString: listen } : (listen ?? target),
    schema,
    lease: checkedLease(lease),
    poolSize: poolSize ?? connection?.max ?? 10,
    enqueueFor: parseDuration(enqueueFor),
    callTimeout: parseDuration(callTimeout),
    prepare,
  };
}
