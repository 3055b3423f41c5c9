import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { postgres, whyNoPostgres } from "./postgres-server.ts";

/** A place for a store that is gone afterwards, as `storeAt` of the fixtures takes it. */
export interface StorePlace extends AsyncDisposable {
  readonly url: string;
}

/** Every kind of place that processes can share, and why one cannot be had here. */
export const storePlaces: readonly { readonly name: string; readonly open: () => StorePlace; readonly skipped: string | undefined }[] = [
  { name: "SQLite", open: sqlitePlace, skipped: undefined },
  { name: `PostgreSQL${whyNoPostgres === undefined ? "" : ` (skipped: ${whyNoPostgres})`}`, open: postgresPlace, skipped: whyNoPostgres },
];

/** A file in a folder of its own. */
export function sqlitePlace(): StorePlace {
  const folder = mkdtempSync(join(tmpdir(), "sora-durable-"));
  return { url: `file:${join(folder, "sora.db")}`, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }) };
}

/** A schema on the server of {@link postgres}. */
function postgresPlace(): StorePlace {
  const name = `sora_e2e_${randomUUID().replaceAll("-", "")}`;
  return {
    url: `${postgres}#${name}`,
    [Symbol.asyncDispose]: async () => {
      const client = new pg.Client({ connectionString: postgres });
      await client.connect();
      await client.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
      await client.end();
    },
  };
}
