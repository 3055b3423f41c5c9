import { SoraError } from "@sora/core/adapter";
import type { Logger } from "@sora/core/adapter";
import pg from "pg";
import { storeFailure } from "../connection/store-failure.ts";
import { migrations } from "./migrations.ts";
import { channelOf, quotedName } from "./schema-name.ts";

const oldestServer = 150_000;
/** Milliseconds for one step: another host may be at it, and tables may be large. */
const longest = 600_000;
/** Distinguishes this lock from those of others in the database; any number will do. */
const lockSpace = 0x50_4f_52_41;

interface Standing {
  /** Undefined where the schema holds no store. */
  readonly version: number | undefined;
  readonly mayUse: boolean;
}

/**
 * Brings the schema up to date: all versions that are missing, in one transaction, under a lock that other hosts wait for. One that is up to date is not written to.
 *
 * @throws SoraError `SORA_STORE_SCHEMA` where it is newer than this code knows; `SORA_STORE_UNAVAILABLE` where the server cannot be reached, is too old, or lacks something.
 */
export async function migrate(store: string, schema: string, connection: pg.ClientConfig, logger: Logger): Promise<void> {
  const client = new pg.Client({ application_name: "sora migration", connectionTimeoutMillis: 5_000, ...connection, query_timeout: longest });
  client.on("error", () => {}); // the statement under way rejects as well
  try {
    await client.connect();
    await checkServer(store, client);
    const newest = migrations.at(-1)?.version ?? 0;
    let standing = await standingOf(client, schema);
    if (standing.version !== newest) {
      refuseNewer(store, standing.version, newest);
      await client.query("BEGIN");
      await client.query("SET LOCAL standard_conforming_strings = on");
      await client.query("SELECT pg_advisory_xact_lock($1, hashtext($2))", [lockSpace, schema]);
      standing = await standingOf(client, schema); // another host may have been quicker
      refuseNewer(store, standing.version, newest);
      if (standing.version !== newest) await bringUp(client, schema, standing.version ?? 0);
      await client.query("COMMIT");
      if (standing.version !== newest) logger.info(`The schema ${schema} is at version ${newest}`, { from: standing.version ?? 0 });
      standing = await standingOf(client, schema);
    }
    if (!standing.mayUse) throw lacksRights(store, schema, client.user);
  } catch (error) {
    throw storeFailure(store, "open the store", error);
  } finally {
    await client.end().catch(() => {}); // which also rolls back what has not been committed
  }
}

async function checkServer(store: string, client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; server: string; encoding: string; standby: boolean }>(
    "SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS server, current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby",
  );
  const { version, server, encoding, standby } = rows[0] as (typeof rows)[0];
  const lacks = (why: string, fix: string): SoraError =>
    new SoraError("SORA_STORE_UNAVAILABLE", `Cannot open the store: ${store} ${why}.`, { fix, retryable: false });
  if (version < oldestServer) throw lacks(`is version ${server}, and 15 is needed`, "Use PostgreSQL 15 or later.");
  if (encoding !== "UTF8") throw lacks(`keeps its texts as ${encoding}, which cannot hold every character`, "Use a database with the encoding UTF8.");
  if (standby) throw lacks("is a standby, which takes no writes", "Connect to the primary server.");
}

async function standingOf(client: pg.Client, schema: string): Promise<Standing> {
  const table = `${quotedName(schema)}.migration`;
  const { rows } = await client.query<{ there: boolean; usable: boolean }>(
    `SELECT has_schema_privilege(n.oid, 'USAGE') AS usable, EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'migration') AS there
     FROM pg_catalog.pg_namespace n WHERE n.nspname = $1`,
    [schema],
  );
  const found = rows[0];
  if (found?.there !== true) return { version: undefined, mayUse: true };
  if (!found.usable) return { version: migrations.at(-1)?.version, mayUse: false };
  const version = await client.query<{ version: number }>(`SELECT max(version) AS version FROM ${table}`);
  const rights = await client.query<{ all: boolean }>(
    `SELECT coalesce(bool_and(has_table_privilege(c.oid, needed)), true) AS all
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS needed
     WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname <> 'migration'`,
    [schema],
  );
  return { version: version.rows[0]?.version ?? 0, mayUse: rights.rows[0]?.all === true };
}

function refuseNewer(store: string, version: number | undefined, newest: number): void {
  if (version === undefined || version <= newest) return;
  throw new SoraError("SORA_STORE_SCHEMA", `Cannot open the store: ${store} has schema version ${version}, and this program knows ${newest}.`, {
    details: { version, known: newest },
  });
}

async function bringUp(client: pg.Client, schema: string, from: number): Promise<void> {
  const name = quotedName(schema);
  // Where the schema is there, nobody needs the right to make schemas.
  const { rowCount } = await client.query("SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1", [schema]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA ${name}`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${name}.migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`);
  for (const { version, sql } of migrations) {
    if (version <= from) continue;
    await client.query(sql(name, channelOf(schema)));
    await client.query(`INSERT INTO ${name}.migration (version) VALUES ($1)`, [version]);
  }
}

function lacksRights(store: string, schema: string, user: string | undefined): SoraError {
  return new SoraError(
    "SORA_STORE_UNAVAILABLE",
    `Cannot open the store: the user ${user ?? ""} has not all the rights it needs in the schema ${schema} of ${store}.`,
    {
      fix: `Have its owner run: GRANT USAGE ON SCHEMA ${quotedName(schema)} TO …; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${quotedName(schema)} TO …`,
      details: { schema },
      retryable: false,
    },
  );
}
