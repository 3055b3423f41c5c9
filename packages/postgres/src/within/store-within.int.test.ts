import { SoraError } from "@sora/core/adapter";
import type { DurableStore, NewAction } from "@sora/core/adapter";
import { drizzle as drizzleOnPg } from "drizzle-orm/node-postgres";
import { drizzle as drizzleOnPostgres } from "drizzle-orm/postgres-js";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prismaClient } from "../fixtures/prisma-client.ts";
import { TestSchema } from "../fixtures/test-schema.ts";
import { noServer, testServer, whySkipped } from "../fixtures/test-server.ts";

/** A library, and how its users write within a transaction. */
interface Library {
  readonly name: string;
  /** What it has that is no transaction. */
  readonly outside: () => Promise<unknown>;
  readonly transaction: (work: (transaction: unknown) => Promise<void>) => Promise<unknown>;
  readonly end: () => Promise<unknown>;
}

function libraries(): readonly Library[] {
  const pool = new pg.Pool({ connectionString: testServer });
  const sql = postgres(testServer, { max: 2, onnotice: () => {} });
  const kysely = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: testServer }) }) });
  const onPg = drizzleOnPg(new pg.Pool({ connectionString: testServer }));
  const onPostgres = drizzleOnPostgres(postgres(testServer, { max: 2, onnotice: () => {} }));
  const prisma = prismaClient(testServer);
  return [
    {
      name: "pg, a PoolClient",
      outside: async () => pool,
      transaction: async work => {
        const client = await pool.connect();
        try {
          await client.query("BEGIN");
          await work(client);
          await client.query("COMMIT");
        } catch (error) {
          await client.query("ROLLBACK");
          throw error;
        } finally {
          client.release();
        }
      },
      end: () => pool.end(),
    },
    {
      name: "pg, a Client",
      outside: async () => {
        const client = new pg.Client(testServer);
        await client.connect();
        await client.query("SELECT 1");
        void client.end();
        return client;
      },
      transaction: async work => {
        const client = new pg.Client(testServer);
        await client.connect();
        try {
          await client.query("BEGIN ISOLATION LEVEL SERIALIZABLE");
          await work(client);
          await client.query("COMMIT");
        } finally {
          await client.end();
        }
      },
      end: async () => {},
    },
    { name: "postgres", outside: async () => sql, transaction: work => sql.begin(transaction => work(transaction)), end: () => sql.end() },
    {
      name: "Kysely",
      outside: async () => kysely,
      transaction: work => kysely.transaction().execute(transaction => work(transaction)),
      end: () => kysely.destroy(),
    },
    {
      name: "Drizzle on pg",
      outside: async () => onPg,
      transaction: work => onPg.transaction(transaction => work(transaction)),
      end: () => onPg.$client.end(),
    },
    {
      name: "Drizzle on postgres",
      outside: async () => onPostgres,
      transaction: work => onPostgres.transaction(transaction => work(transaction)),
      end: () => onPostgres.$client.end(),
    },
    { name: "Prisma", outside: async () => prisma, transaction: work => prisma.$transaction(work), end: () => prisma.$disconnect() },
  ];
}

const action = (id: string, change: Partial<NewAction> = {}): NewAction => ({ id, queue: "Shop/ship@1", envelope: "{}", priority: 0, attempts: 3, ...change });
/** What a literal or a parameter must carry unharmed. */
const awkward = JSON.stringify({ text: "it's $1, \\' and \\\\ ? :name ${x} {{y}} \u2028 🌍\n" });

describe.skipIf(noServer)(`createPostgresStore, within a transaction${whySkipped}`, () => {
  const schema = new TestSchema();
  const known = libraries();
  let store: DurableStore;

  beforeAll(async () => {
    store = await schema.open();
  });
  afterAll(async () => {
    for (const { end } of known) await end();
    await schema[Symbol.asyncDispose]();
  });

  describe.for(known)("of $name", ({ name, outside, transaction }) => {
    const id = (what: string): string => `${name} ${what}`;

    test("has there what was committed, and not before", async () => {
      await transaction(async given => {
        const within = store.within(given);
        expect(await within.enqueue([action(id("a"), { parameters: awkward }), action(id("b"), { key: id("key") })])).toEqual([
          { id: id("a"), outcome: "stored" },
          { id: id("b"), outcome: "stored" },
        ]);
        expect(await within.enqueue([action(id("c"), { key: id("key") })])).toEqual([{ id: id("c"), outcome: "stored" }]);
        await within.append([{ id: id("e"), topic: "shipped", envelope: "{}", payload: awkward }]);
        expect(await store.actions.get([id("a")])).toEqual([]);
        expect((await store.outbox.read(100)).map(entry => entry.id)).not.toContain(id("e"));
      });
      expect(await store.actions.get([id("a")])).toMatchObject([{ parameters: awkward, state: "waiting" }]);
      expect((await store.outbox.read(100)).find(entry => entry.id === id("e"))).toMatchObject({ payload: awkward });
    });

    test("has nothing of what was rolled back", async () => {
      await expect(
        transaction(async given => {
          await store.within(given).enqueue([action(id("x"), { idempotencyKey: id("once") })]);
          await store.within(given).append([{ id: id("y"), topic: "shipped", envelope: "{}" }]);
          throw new Error("thought better of it");
        }),
      ).rejects.toThrow("thought better of it");
      expect(await store.actions.get([id("x")])).toEqual([]);
      expect((await store.outbox.read(100)).map(entry => entry.id)).not.toContain(id("y"));
      expect(await store.actions.enqueue([action(id("x"), { idempotencyKey: id("once") })])).toEqual([{ id: id("x"), outcome: "stored" }]);
    });

    test("refuses what is in no transaction", async () => {
      const given = await outside();
      expect(() => store.within(given)).toThrow(expect.objectContaining({ code: "SORA_TRANSACTION_UNSUPPORTED" }) as Error);
    });

    test("says so where the transaction is of another database", async () => {
      const elsewhere = schema.store({ schema: "sora_that_is_nowhere" });
      const asked = transaction(given =>
        elsewhere
          .within(given)
          .enqueue([action(id("z"))])
          .then(() => {}),
      );
      await expect(asked).rejects.toSatisfy(error => SoraError.is(error, "SORA_TRANSACTION_UNSUPPORTED"));
    });
  });

  test("what was committed rings for workers elsewhere", async () => {
    const other = await schema.open();
    const rang = new Promise<string>(resolve => other.listen(({ kind }) => resolve(kind)));
    await schema.transaction(given => store.within(given).enqueue([action("rings")]));
    await expect(rang).resolves.toBe("ready");
  });
});
