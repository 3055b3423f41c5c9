import { describe, expect, test } from "vitest";
import { createPostgresStore } from "./postgres-store.ts";
import { resolvePostgresOptions } from "./postgres-store-options.ts";
import type { PostgresStoreOptions } from "./postgres-store-options.ts";

describe("resolvePostgresOptions", () => {
  test("fills in what is not given", () => {
    expect(resolvePostgresOptions({})).toEqual({
      connection: {},
      listen: {},
      schema: "sora",
      lease: 15_000,
      poolSize: 10,
      enqueueFor: 10_000,
      callTimeout: 10_000,
      prepare: true,
    });
  });

  test("takes a connection string and what pg connects by together, and listens by the same unless told otherwise", () => {
    const connection = { ssl: true, max: 3 };
    const connectionString = "postgres://db/x";
    expect(resolvePostgresOptions({ connectionString, connection })).toMatchObject({
      connection: { connectionString, ssl: true },
      listen: { connectionString, ssl: true },
      poolSize: 3,
    });
    expect(resolvePostgresOptions({ connectionString, listen: "postgres://direct/x" }).listen).toEqual({ connectionString: "postgres://direct/x" });
    expect(resolvePostgresOptions({ listen: false }).listen).toBe(false);
  });

  test("names everything that is wrong, together, and nothing that is secret", () => {
    const given = {
      connectionString: "",
      lease: "1ms",
      poolSize: 0,
      schema: "pg_x",
      listen: "",
      callTimeout: 0,
      enqueueFor: "soon",
      prepare: "yes",
      shema: "postgres://me:hidden@db",
    };
    expect(() => resolvePostgresOptions(given as unknown as PostgresStoreOptions)).toThrow(
      expect.objectContaining({
        code: "SORA_OPTION_INVALID",
        details: { problems: expect.arrayContaining(Array(9).fill(expect.any(String))) as unknown },
      }) as Error,
    );
    expect(() => resolvePostgresOptions(given as unknown as PostgresStoreOptions)).toThrow(/did you mean schema\?/);
    expect(() => resolvePostgresOptions(given as unknown as PostgresStoreOptions)).not.toThrow(/hidden/);
  });

  test.each(["", "pg_catalog", "a\0b", "a$sora$b", "é".repeat(26), "\ud800", 7])("refuses %o as a schema", schema => {
    expect(() => resolvePostgresOptions({ schema: schema as string })).toThrow(/the name of a schema/);
  });
});

describe("createPostgresStore", () => {
  test("is named after its schema and server, without credentials", () => {
    expect(createPostgresStore({ connectionString: "postgres://me:hidden@db.example:5433/shop?sslmode=disable", schema: "work" }).name).toBe(
      "PostgreSQL work on db.example",
    );
    expect(createPostgresStore({ connection: { host: "/var/run/postgresql", password: "hidden" } }).name).toBe("PostgreSQL sora on /var/run/postgresql");
  });

  test("refuses everything until it is open", async () => {
    const store = createPostgresStore();
    await expect(store.actions.enqueue([{ id: "a", queue: "A/a@1", envelope: "{}", priority: 0, attempts: 1 }])).rejects.toMatchObject({
      code: "SORA_STORE_UNAVAILABLE",
    });
    await expect(store.leases.holder("x")).rejects.toMatchObject({ code: "SORA_STORE_UNAVAILABLE" });
    await store[Symbol.asyncDispose]();
  });
});
