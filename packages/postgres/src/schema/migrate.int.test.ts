import { SoraError, systemClock } from "@sora/core/adapter";
import type { DurableStore } from "@sora/core/adapter";
import { createMemoryLogger } from "@sora/core/testing";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestSchema } from "../fixtures/test-schema.ts";
import { noServer, testServer, whySkipped } from "../fixtures/test-server.ts";
import { createPostgresStore } from "../postgres-store.ts";
import { quotedName } from "./schema-name.ts";

const surroundings = { clock: systemClock, logger: createMemoryLogger() };

async function refusal(store: DurableStore): Promise<SoraError> {
  try {
    await store.open(surroundings);
  } catch (error) {
    if (SoraError.is(error)) return error;
    throw error;
  } finally {
    await store[Symbol.asyncDispose]();
  }
  throw new Error("it was opened");
}

/** The connection of another user to the same database. */
function as(user: string, password = "never-shown"): string {
  const url = new URL(testServer);
  url.username = user;
  url.password = password;
  return url.href;
}

describe.skipIf(noServer)(`opening a PostgreSQL store${whySkipped}`, () => {
  let schema: TestSchema;
  const admin = new pg.Pool({ connectionString: testServer });
  const role = `sora_test_role_${Date.now().toString(36)}`;

  beforeAll(() => admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'never-shown'`));
  afterEach(() => schema[Symbol.asyncDispose]());
  afterAll(async () => {
    await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await admin.end();
  });

  test("twelve hosts that start at once make one schema, and all work", async () => {
    schema = new TestSchema();
    const stores = await Promise.all(Array.from({ length: 12 }, () => schema.open({ poolSize: 1 })));
    const { rows } = await schema.pool.query(`SELECT version FROM ${schema.quoted}.migration`);
    expect(rows).toEqual([{ version: 1 }]);
    for (const store of stores) expect(await store.actions.counts()).toEqual([]);
  });

  test.each(['a "quoted" name', "Grüße", "select", "x'; DROP TABLE y; --", "$$ dollar $$"])("a schema may be called %s", async name => {
    schema = new TestSchema();
    const store = schema.store({ schema: name });
    try {
      await store.open(surroundings);
      await store.actions.enqueue([{ id: "a", queue: "A/a@1", envelope: "{}", priority: 0, attempts: 1, key: "k" }]);
      expect(await store.actions.counts()).toEqual([{ queue: "A/a@1", state: "waiting", count: 1 }]);
    } finally {
      await store[Symbol.asyncDispose]();
      await schema.pool.query(`DROP SCHEMA IF EXISTS ${quotedName(name)} CASCADE`);
    }
  });

  test("a newer schema is refused and left alone", async () => {
    schema = new TestSchema();
    const store = await schema.open();
    await store.actions.enqueue([{ id: "a", queue: "A/a@1", envelope: "{}", priority: 0, attempts: 1 }]);
    await schema.pool.query(`INSERT INTO ${schema.quoted}.migration (version) VALUES (99)`);
    const error = await refusal(schema.store());
    expect(error.code).toBe("SORA_STORE_SCHEMA");
    expect(error.details).toMatchObject({ version: 99, known: 1 });
    expect((await store.actions.get(["a"])).length).toBe(1);
  });

  test("one who may make no schema is told what to grant, and finds nothing half done", async () => {
    schema = new TestSchema();
    const error = await refusal(schema.store({ connectionString: as(role) }));
    expect(error).toMatchObject({ code: "SORA_STORE_UNAVAILABLE", retryable: false });
    expect(error.fix).toContain("GRANT CREATE ON DATABASE");
    expect((await schema.pool.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema.name])).rowCount).toBe(0);
  });

  test("one who may not use the schema, or not write, is told so; with the rights named it works, also without those of the owner", async () => {
    schema = new TestSchema();
    await schema.open();
    const store = (): DurableStore => schema.store({ connectionString: as(role) });
    const first = await refusal(store());
    expect(first.fix).toContain("GRANT USAGE ON SCHEMA");
    await schema.pool.query(`GRANT USAGE ON SCHEMA ${schema.quoted} TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema.quoted} TO ${role}`);
    expect((await refusal(store())).fix).toContain("SELECT, INSERT, UPDATE, DELETE");
    await schema.pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema.quoted} TO ${role}`);
    const opened = store();
    await opened.open(surroundings);
    await opened.actions.enqueue([{ id: "a", queue: "A/a@1", envelope: "{}", priority: 0, attempts: 1, key: "k" }]);
    await opened.actions.join({ id: "w", node: "n", queues: [] });
    expect((await opened.actions.turn({ worker: "w", settle: [], claim: { queues: [{ queue: "A/a@1" }], most: 1, suspect: true } })).claimed.length).toBe(1);
    await opened[Symbol.asyncDispose]();
  });

  test.each([
    ["a server that does not answer", "postgres://somebody:never-shown@127.0.0.1:1/test", /127\.0\.0\.1.*does not answer/],
    ["a host that is not there", "postgres://somebody:never-shown@nowhere.invalid/test", /nowhere\.invalid does not answer/],
    ["a database that is not there", new URL("/sora_is_not_there", testServer).href, /has no such database/],
    ["a user that is not known", as("sora_nobody"), /does not let the user in/],
  ])("%s is named, without a secret", async (_what, connectionString, says) => {
    schema = new TestSchema();
    const error = await refusal(createPostgresStore({ connectionString }));
    expect(error.code).toBe("SORA_STORE_UNAVAILABLE");
    expect(error.message).toMatch(says);
    expect(error.fix).not.toBe("");
    expect(JSON.stringify([error.message, error.fix, error.details, (error.cause as Error).message])).not.toContain("never-shown");
  });

  test("a store that could not be opened can be opened later", async () => {
    schema = new TestSchema();
    const store = schema.store({ connectionString: as(role) });
    await expect(store.open(surroundings)).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE" });
    await schema.pool.query(`CREATE SCHEMA ${schema.quoted} AUTHORIZATION ${role}`);
    await store.open(surroundings);
    expect(await store.actions.counts()).toEqual([]);
    await store[Symbol.asyncDispose]();
  });

  test("a database of another encoding is refused", async () => {
    schema = new TestSchema();
    const database = `sora_test_latin_${Date.now().toString(36)}`;
    await admin.query(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`);
    try {
      const error = await refusal(createPostgresStore({ connectionString: new URL(`/${database}`, testServer).href }));
      expect(error.message).toContain("LATIN1");
    } finally {
      await admin.query(`DROP DATABASE ${database}`);
    }
  });
});
