import { defineService, serviceEvent, SoraHost } from "@sora/core";
import { SoraError } from "@sora/core/adapter";
import type { DurableStore, NewAction, StoreTransaction } from "@sora/core/adapter";
import { drizzle as drizzleOnPg } from "drizzle-orm/node-postgres";
import { drizzle as drizzleOnPostgres } from "drizzle-orm/postgres-js";
import { CamelCasePlugin, Kysely, ParseJSONResultsPlugin, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
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

/** Each with one connection, which the next transaction has after the last. */
function libraries(): readonly Library[] {
  const pool = new pg.Pool({ connectionString: testServer, max: 1 });
  const sql = postgres(testServer, { max: 1, onnotice: () => {} });
  const kysely = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: testServer, max: 1 }) }) });
  const onPg = drizzleOnPg(new pg.Pool({ connectionString: testServer, max: 1 }));
  const onPostgres = drizzleOnPostgres(postgres(testServer, { max: 1, onnotice: () => {} }));
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
const hasEnded = {
  code: "SORA_TRANSACTION_UNSUPPORTED",
  message: expect.stringContaining("had ended") as string,
  fix: expect.stringMatching(/^Await the call/) as string,
};
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

    test("refuses what is written once the transaction has ended, also where another has the connection by then", async () => {
      const late: StoreTransaction[] = [];
      const begun = transaction(async given => {
        late.push(store.within(given), store.within(given), store.within(given), store.within(given));
        await store.within(given).enqueue([action(id("in time"))]);
        throw new Error("thought better of it");
      });
      await expect(begun).rejects.toThrow("thought better of it");
      const [first, second, third, fourth] = late as [StoreTransaction, StoreTransaction, StoreTransaction, StoreTransaction];
      await expect(first.enqueue([action(id("late"))])).rejects.toMatchObject(hasEnded);
      await expect(second.append([{ id: id("late"), topic: "shipped", envelope: "{}" }])).rejects.toMatchObject(hasEnded);
      await transaction(async other => {
        await expect(third.enqueue([action(id("late"))])).rejects.toMatchObject(hasEnded);
        await expect(fourth.append([{ id: id("late"), topic: "shipped", envelope: "{}" }])).rejects.toMatchObject(hasEnded);
        await store.within(other).enqueue([action(id("of another"))]);
      });
      expect((await store.actions.get(["in time", "late", "of another"].map(id))).map(stored => stored.id)).toEqual([id("of another")]);
      expect((await store.outbox.read(1_000)).map(entry => entry.id)).not.toContain(id("late"));
    });

    test("refuses a transaction that has ended", async () => {
      let ended: unknown;
      await transaction(async given => {
        ended = given;
      });
      await expect((async () => store.within(ended).enqueue([action(id("after"))]))()).rejects.toMatchObject({ code: "SORA_TRANSACTION_UNSUPPORTED" });
      await expect((async () => store.within(ended).append([{ id: id("after"), topic: "shipped", envelope: "{}" }]))()).rejects.toMatchObject({
        code: "SORA_TRANSACTION_UNSUPPORTED",
      });
      expect(await store.actions.get([id("after")])).toEqual([]);
      expect((await store.outbox.read(1_000)).map(entry => entry.id)).not.toContain(id("after"));
    });

    test("keeps nothing of what a host enqueues and appends where a schema takes longer than the transaction", async () => {
      const asked = Promise.withResolvers<void>();
      const over = Promise.withResolvers<void>();
      const slow = z.string().refine(async () => {
        asked.resolve();
        await over.promise;
        return true;
      });
      const mail = defineService("Mail", { actions: { confirm: { parameters: slow, run: async () => {} } } });
      const shipped = serviceEvent("Shipped", slow);
      await using host = await SoraHost.start({ services: [mail], logger: false, store: schema.store(), worker: false });
      const calls: Promise<unknown>[] = [];
      const begun = transaction(async given => {
        await store.within(given).enqueue([action(id("slow"))]);
        calls.push(
          host.services(mail).do("confirm", "o").enqueue({ transaction: given }),
          host.services(mail).doEach("confirm", ["o"]).enqueue({ transaction: given }),
        );
        calls.push(host.outbox.append(shipped, "o", { transaction: given }));
        for (const call of calls) call.catch(() => {});
        await asked.promise;
        throw new Error("thought better of it");
      });
      await expect(begun).rejects.toThrow("thought better of it");
      await transaction(async () => {
        over.resolve();
        for (const call of calls) await expect(call).rejects.toMatchObject(hasEnded);
      });
      expect(await store.actions.counts()).not.toContainEqual(expect.objectContaining({ queue: "Mail/confirm@1" }));
      expect((await store.outbox.read(1_000)).map(entry => entry.topic)).not.toContain("Shipped");
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

  test("keeps to the savepoint that a call was made in", async () => {
    const client = await schema.pool.connect();
    try {
      await client.query("BEGIN; SAVEPOINT one");
      const undone = store.within(client);
      await client.query("ROLLBACK TO SAVEPOINT one; SAVEPOINT two");
      const kept = store.within(client);
      await client.query("RELEASE SAVEPOINT two");
      await expect(undone.enqueue([action("undone")])).rejects.toMatchObject(hasEnded);
      expect(await kept.enqueue([action("kept")])).toEqual([{ id: "kept", outcome: "stored" }]);
      await client.query("COMMIT");
    } finally {
      client.release();
    }
    expect((await store.actions.get(["undone", "kept"])).map(({ id }) => id)).toEqual(["kept"]);
  });

  test("takes many calls at a time, and leaves no trace of them in the transaction", async () => {
    const sql = postgres(testServer, { max: 1, onnotice: () => {} });
    try {
      await sql.begin(async transaction => {
        await Promise.all(Array.from({ length: 300 }, (_, n) => store.within(transaction).enqueue([action(`many ${n}`)])));
        expect(await transaction`SELECT current_setting('sora.calls') AS calls`).toEqual([{ calls: "" }]);
      });
    } finally {
      await sql.end();
    }
    expect(await store.actions.get(Array.from({ length: 300 }, (_, n) => `many ${n}`))).toHaveLength(300);
  });

  test("understands a library that reads JSON and renames columns of its own accord", async () => {
    const plugins = [new ParseJSONResultsPlugin(), new CamelCasePlugin({ upperCase: true })];
    const kysely = new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: testServer }) }), plugins });
    const read = (value: unknown): unknown => (typeof value === "string" && /^[[{]/.test(value) ? JSON.parse(value) : value);
    const sql = postgres(testServer, { max: 1, onnotice: () => {}, transform: { ...postgres.pascal, value: { from: read } } });
    const write = async (id: string, transaction: unknown): Promise<void> => {
      expect(await store.within(transaction).enqueue([action(id)])).toEqual([{ id, outcome: "stored" }]);
      await store.within(transaction).append([{ id, topic: "shipped", envelope: "{}" }]);
    };
    try {
      await kysely.transaction().execute(transaction => write("{1}", transaction));
      await sql.begin(transaction => write("[2]", transaction));
    } finally {
      await kysely.destroy();
      await sql.end();
    }
    expect((await store.actions.get(["{1}", "[2]"])).map(({ id }) => id)).toEqual(["{1}", "[2]"]);
  });

  test("what was committed rings for workers elsewhere", async () => {
    const other = await schema.open();
    const rang = new Promise<string>(resolve => other.listen(({ kind }) => resolve(kind)));
    await schema.transaction(given => store.within(given).enqueue([action("rings")]));
    await expect(rang).resolves.toBe("ready");
  });
});
