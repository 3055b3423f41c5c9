import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TestSchema } from "../fixtures/test-schema.ts";
import { noServer, whySkipped } from "../fixtures/test-server.ts";

const written = readFileSync(new URL("../../../../docs/reference/postgres-schema.sql", import.meta.url), "utf8");

/** What stands in a schema, with its name taken out. */
async function contents({ pool, name }: TestSchema): Promise<readonly string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `SELECT pg_get_functiondef(p.oid) AS line FROM pg_proc p WHERE p.pronamespace = $1::regnamespace
     UNION ALL SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = $1::regnamespace
     UNION ALL SELECT concat_ws(' ', c.relname, c.reloptions, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid))
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
       WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND a.attnum > 0
     ORDER BY 1`,
    [name],
  );
  return rows.map(({ line }) => line.replaceAll(name, "sora"));
}

describe.skipIf(noServer)(`docs/reference/postgres-schema.sql${whySkipped}`, () => {
  test("makes what the store makes by itself, and is taken for up to date", async () => {
    await using migrated = new TestSchema();
    await migrated.open();
    await using read = new TestSchema();
    await read.pool.query(written.replaceAll('"sora"', read.quoted).replaceAll("sora:bell", `${read.name}:bell`));

    const made = await contents(read);
    expect(made).toEqual(await contents(migrated));
    expect(made.length).toBeGreaterThan(100);

    const store = await read.open();
    expect(await store.actions.counts()).toEqual([]);
    const { rows } = await read.pool.query(`SELECT version FROM ${read.quoted}.migration`);
    expect(rows).toEqual([{ version: 1 }]);
  });
});
