import { SoraError } from "../../../errors/sora-error.ts";
import type { Connection } from "./connection.ts";
import { migrations } from "./schema.ts";
import type { Statements } from "./statements.ts";

/**
 * Refuses a schema that is newer than this code, before anything is changed.
 *
 * @throws SoraError `SORA_STORE_SCHEMA`
 */
export function refuseNewer(sql: Statements, file: string): number {
  const version = schemaVersion(sql);
  if (version <= migrations.length) return version;
  throw new SoraError("SORA_STORE_SCHEMA", `Cannot open the store in ${file}: its schema is version ${version}, and this program knows ${migrations.length}.`, {
    details: { file, version, known: migrations.length },
  });
}

/**
 * Brings the schema up to date, and marks that the file was opened, in one transaction: of several processes that start at once, one does it and the others find it done.
 */
export function migrate(connection: Connection, now: number): void {
  const { sql } = connection;
  connection.begin(true);
  try {
    const version = refuseNewer(sql, connection.file);
    if (version === 0) sql.run("CREATE TABLE sora_schema (version INTEGER NOT NULL, opened_at REAL NOT NULL) STRICT");
    if (version === 0) sql.run("INSERT INTO sora_schema (version, opened_at) VALUES (0, ?)", now);
    for (const migration of migrations.slice(version)) connection.execute(migration);
    sql.run("UPDATE sora_schema SET version = ?, opened_at = ?", migrations.length, now);
    connection.commit();
  } catch (error) {
    connection.rollback();
    throw error;
  }
}

/** How many migrations the file has been through; 0 where it has none of our tables. */
function schemaVersion(sql: Statements): number {
  if (sql.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'sora_schema'") === undefined) return 0;
  return sql.get<[number]>("SELECT version FROM sora_schema")?.[0] ?? 0;
}
