import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { postgresSchema, schemaFile } from "./postgres-schema.ts";

test("docs/reference/postgres-schema.sql is what the PostgreSQL store runs", () => {
  const written = readFileSync(fileURLToPath(new URL(`../${schemaFile}`, import.meta.url)), "utf8");

  expect(written === postgresSchema("sora"), `${schemaFile} is out of date: \`node tools/postgres-schema.ts\` writes it anew`).toBe(true);
});
