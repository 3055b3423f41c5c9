import { linkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteStore } from "@sora/core/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../logging/logger.ts";
import { systemClock } from "../../time/system-clock.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { temporaryFolder } from "./fixtures/sqlite-harness.ts";

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let store: DurableStore;
let database: DatabaseSync;
beforeEach(async () => {
  folder = temporaryFolder();
  file = join(folder.path, "x.db");
  store = createSqliteStore({ file, synchronous: "normal" });
  await store.open({ clock: systemClock, logger: silentLogger });
  database = new DatabaseSync(file, { timeout: 5_000 });
});
afterEach(async () => {
  if (database.isOpen) database.close();
  await store[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const action = (id: string, more: object = {}) => ({ id, queue: "S/a@1", envelope: "{}", priority: 0, attempts: 1, ...more });

describe("withinDatabase", () => {
  test("writes before it returns, so nothing need be awaited before the commit", async () => {
    database.exec("CREATE TABLE orders (id TEXT); BEGIN IMMEDIATE; INSERT INTO orders VALUES ('o')");
    const stored = store.within(database).enqueue([action("a")]);
    void store.within(database).append([{ id: "e", topic: "t", envelope: "{}" }]);
    database.exec("COMMIT");
    expect(await stored).toEqual([{ id: "a", outcome: "stored" }]);
    expect((await store.actions.get(["a"])).map(({ id }) => id)).toEqual(["a"]);
    expect((await store.outbox.read(10)).map(({ id }) => id)).toEqual(["e"]);
  });

  test("undoes a call that fails, and nothing else of the transaction", async () => {
    database.exec("CREATE TABLE orders (id TEXT); BEGIN IMMEDIATE; INSERT INTO orders VALUES ('o')");
    const within = store.within(database);
    await within.enqueue([action("a")]);
    await expect(within.enqueue([action("b"), action("c", { priority: Number.NaN })])).rejects.toMatchObject({
      code: "SORA_STORE_UNAVAILABLE",
      retryable: false,
    });
    expect(database.isTransaction).toBe(true);
    database.exec("COMMIT");
    expect(database.prepare("SELECT id FROM orders").all()).toEqual([{ id: "o" }]);
    expect((await store.actions.get(["a", "b", "c"])).map(({ id }) => id)).toEqual(["a"]);
  });

  test("rings once the user has committed, and not before", async () => {
    const rung = Promise.withResolvers<void>();
    const rings: boolean[] = [];
    let committed = false;
    store.listen(({ kind }) => {
      if (kind !== "ready") return;
      rings.push(committed);
      rung.resolve();
    });
    database.exec("BEGIN IMMEDIATE");
    await store.within(database).enqueue([action("a")]);
    await systemClock.sleep(60);
    committed = true;
    database.exec("COMMIT");
    await rung.promise;
    expect(rings).toEqual([true]);
  });

  test("takes a connection that reads its own rows otherwise, by whatever path it was opened", async () => {
    const other = join(folder.path, "link.db");
    linkSync(file, other);
    database.close();
    // Its log goes by another name, which SQLite warns of, so nothing else has the file open meanwhile.
    await store[Symbol.asyncDispose]();
    linkSync(file, join(folder.path, "y.db"));
    store = createSqliteStore({ file, synchronous: "normal" });
    await store.open({ clock: systemClock, logger: silentLogger });
    database = new DatabaseSync(file, { readBigInts: true, returnArrays: true, timeout: 5_000 });
    database.exec("BEGIN IMMEDIATE");
    expect(await store.within(database).enqueue([action("a", { debounceKey: "k" }), action("b", { debounceKey: "k" })])).toEqual([
      { id: "a", outcome: "stored" },
      { id: "a", outcome: "replaced" },
    ]);
    database.exec("COMMIT");
    expect(database.prepare("SELECT 1").get()).toEqual([1n]);
  });

  test.for<[string, () => unknown, RegExp, RegExp]>([
    ["nothing", () => undefined, /no `DatabaseSync`/, /on which a transaction is open/],
    ["an object of another client", () => ({ query: () => {}, isTransaction: true }), /no `DatabaseSync`/, /`DatabaseSync` of `node:sqlite` on/],
    ["a database without a transaction", () => database, /no transaction is open/, /BEGIN IMMEDIATE/],
    ["a closed database", () => (database.close(), database), /is not open/, /on which a transaction is open/],
    ["a database in memory", () => begun(new DatabaseSync(":memory:")), /is in memory/, /on which a transaction is open/],
    ["a database that only has the file attached", () => begun(attached()), /is in memory/, /on which a transaction is open/],
    ["another file", () => begun(new DatabaseSync(join(folder.path, "other.db"))), /other\.db/, /x\.db, on which a transaction is open/],
  ])("refuses %s", ([, given, message, fix]) => {
    expect(() => store.within(given())).toThrow(
      expect.objectContaining({ code: "SORA_TRANSACTION_UNSUPPORTED", message: expect.stringMatching(message), fix: expect.stringMatching(fix) }),
    );
  });

  test("refuses once the transaction is over", async () => {
    database.exec("BEGIN IMMEDIATE");
    const within = store.within(database);
    database.exec("COMMIT");
    await expect(within.enqueue([action("a")])).rejects.toMatchObject({ code: "SORA_TRANSACTION_UNSUPPORTED" });
  });
});

function begun(other: DatabaseSync): DatabaseSync {
  other.exec("BEGIN IMMEDIATE");
  return other;
}

function attached(): DatabaseSync {
  const other = new DatabaseSync(":memory:");
  other.prepare("ATTACH ? AS sora").run(file);
  return other;
}
