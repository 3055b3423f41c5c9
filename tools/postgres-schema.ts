/**
 * Writes docs/reference/postgres-schema.sql: what the PostgreSQL store runs in an empty database, with the schema's name filled in, for those who have to read it before it runs.
 * `node tools/postgres-schema.ts` writes it anew.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { migrations } from "../packages/postgres/src/schema/migrations.ts";
import { channelOf, quotedName } from "../packages/postgres/src/schema/schema-name.ts";

/** The file, from the root of the repository. */
export const schemaFile = "docs/reference/postgres-schema.sql";

/** All migrations in the schema `name`, as the first host to open the store runs them. */
export function postgresSchema(name: string): string {
  const schema = quotedName(name);
  const head = `-- What @sora/postgres runs in an empty database: the whole schema of the store, here with the name ${name}.
-- The first host to open the store does this by itself, under a lock that the others wait for. Whoever runs the file beforehand
-- leaves it nothing to do; the user whom hosts connect as then needs USAGE on the schema, and SELECT, INSERT, UPDATE and DELETE
-- on its tables. Functions end in $sora$.
--
-- Made by tools/postgres-schema.ts of packages/postgres/src/schema; do not change it by hand.

BEGIN;
SET LOCAL standard_conforming_strings = on;
CREATE SCHEMA ${schema};
CREATE TABLE ${schema}.migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp());
`;
  const steps = migrations.map(
    ({ version, sql }) => `
-- Version ${version}
${sql(schema, channelOf(name))}
INSERT INTO ${schema}.migration (version) VALUES (${version});
`,
  );
  return `${[head, ...steps].join("")}\nCOMMIT;\n`;
}

if (import.meta.main) writeFileSync(fileURLToPath(new URL(`../${schemaFile}`, import.meta.url)), postgresSchema("sora"));
