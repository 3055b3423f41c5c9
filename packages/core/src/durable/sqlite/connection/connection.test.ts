import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededChance } from "../../../time/chance.ts";
import { Connection } from "./connection.ts";
import { temporaryFolder } from "../fixtures/sqlite-harness.ts";
import { migrations } from "./schema.ts";
import { storeFailure } from "./sqlite-failure.ts";
import type { ConnectionSettings } from "./connection.ts";

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, "x.db");
});
afterEach(() => folder[Symbol.dispose]());

const settings = { name: "SQLite x.db", lease: 15_000, busyTimeout: 50, chance: seededChance(1), role: "writer", synchronous: "full" } as const;

function open(more: Partial<ConnectionSettings> = {}): Connection {
  return Connection.open({ ...settings, file, ...more }, 1_000);
}

/** The SoraError that a caller would get. */
function refusal(more: Partial<ConnectionSettings> = {}) {
  try {
    open(more)[Symbol.dispose]();
  } catch (error) {
    return storeFailure("open", settings.name, error);
  }
  return undefined;
}

function pragma(connection: Connection, name: string): unknown {
  return connection.sql.get(`PRAGMA ${name}`)?.[0];
}

function sql<T>(work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

describe("Connection.open", () => {
  test("makes the file and its folder, and sets what a file does not keep, each time", () => {
    file = join(folder.path, "deep", "down", "x.db");
    for (const synchronous of ["full", "normal", "full"] as const) {
      using connection = open({ synchronous });
      expect(["journal_mode", "synchronous", "mmap_size", "busy_timeout"].map(name => pragma(connection, name))).toEqual([
        "wal",
        synchronous === "full" ? 2 : 1,
        0,
        0,
      ]);
    }
    expect(existsSync(`${file}-wal`)).toBe(false); // moved to its place when the last one closed
  });

  test("leaves a user's tables in the same file as they are, and keeps its own apart", () => {
    sql(database => database.exec("PRAGMA user_version = 7; CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (42)"));
    open()[Symbol.dispose]();
    sql(database => {
      expect(database.prepare("SELECT id FROM orders").all()).toEqual([{ id: 42 }]);
      expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 7 });
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite_%'").all() as unknown as {
        name: string;
      }[];
      expect(tables.map(({ name }) => name).filter(name => !name.startsWith("sora_"))).toEqual(["orders"]);
    });
  });

  test("brings a schema up to date that has been through fewer migrations, and changes nothing a second time", () => {
    open()[Symbol.dispose]();
    sql(database => database.exec("DROP TABLE sora_schema"));
    const conflict = refusal(); // begins from nothing, and meets tables that are there
    expect(conflict).toMatchObject({ code: "SORA_STORE_UNAVAILABLE", message: expect.stringContaining("already exists") });
    sql(database => {
      expect(database.prepare("SELECT count(*) AS count FROM sqlite_schema WHERE name = 'sora_schema'").get()).toEqual({ count: 0 }); // undone as a whole
      database.exec(
        `CREATE TABLE sora_schema (version INTEGER NOT NULL, opened_at REAL NOT NULL) STRICT; INSERT INTO sora_schema VALUES (${migrations.length}, 5)`,
      );
    });
    using connection = open();
    expect(connection.sql.all("SELECT version, opened_at FROM sora_schema")).toEqual([[migrations.length, 1_000]]);
  });

  test("refuses a schema that is newer, and leaves it alone", () => {
    sql(database => database.exec("CREATE TABLE sora_schema (version INTEGER NOT NULL, opened_at REAL NOT NULL); INSERT INTO sora_schema VALUES (99, 5)"));
    const before = readFileSync(file);
    expect(refusal()).toMatchObject({
      code: "SORA_STORE_SCHEMA",
      retryable: false,
      message: `Cannot open the store in ${file}: its schema is version 99, and this program knows ${migrations.length}.`,
      details: { file, version: 99, known: migrations.length },
    });
    expect(readFileSync(file)).toEqual(before);
  });

  test("refuses a file that is no database, and leaves it alone", () => {
    const text = "Dear diary, ".repeat(200);
    writeFileSync(file, text);
    expect(refusal()).toMatchObject({
      code: "SORA_STORE_UNAVAILABLE",
      retryable: false,
      message: "Cannot open SQLite x.db: it is no SQLite database (Error: file is not a database).",
    });
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  test("refuses a damaged database, and leaves it alone", () => {
    open()[Symbol.dispose]();
    const damaged = readFileSync(file).fill(0xff, 100, 8_192);
    writeFileSync(file, damaged);
    expect(refusal()).toMatchObject({ code: "SORA_STORE_UNAVAILABLE", retryable: false, message: expect.stringContaining("it is damaged") });
    expect(readFileSync(file)).toEqual(damaged);
  });

  test.for<[string, () => void, string]>([
    ["a folder", () => mkdirSync(file), "it cannot be opened or made"],
    ["a path through a file", () => (writeFileSync(file, ""), (file = join(file, "y", "x.db"))), "it cannot be opened or made"],
  ])("refuses %s", ([, prepare, says]) => {
    prepare();
    expect(refusal()).toMatchObject({
      code: "SORA_STORE_UNAVAILABLE",
      retryable: false,
      message: expect.stringContaining(says),
      fix: expect.stringContaining("path"),
    });
  });

  test("refuses a file that another connection keeps locked, once it has waited", () => {
    sql(database => {
      database.exec("CREATE TABLE mine (x); BEGIN EXCLUSIVE");
      expect(refusal()).toMatchObject({
        code: "SORA_STORE_UNAVAILABLE",
        retryable: true,
        message: expect.stringContaining("another process, or a transaction that this one has open, keeps it locked"),
        fix: expect.stringMatching(/enqueue\(\{ transaction \}\).*append\(…, \{ transaction \}\).*busyTimeout/),
      });
      database.exec("ROLLBACK");
    });
    expect(refusal()).toBeUndefined();
  });
});

describe("Connection", () => {
  test("tells once that another connection has written, and never of its own", () => {
    using one = open();
    using other = open();
    expect(one.othersWrote()).toBe(false);
    const write = (connection: Connection): void => {
      connection.begin(true);
      connection.sql.run("INSERT INTO sora_paused (service, action) VALUES ('S', '') ON CONFLICT DO UPDATE SET action = ''");
      connection.commit();
    };
    write(one);
    expect(one.othersWrote()).toBe(false);
    write(other);
    expect([one.othersWrote(), one.othersWrote()]).toEqual([true, false]);
  });

  test("tells that another has written since it was opened, though nobody has asked before", () => {
    using one = open();
    using other = open();
    other.begin(true);
    other.sql.run("INSERT INTO sora_paused (service, action) VALUES ('S', 'first') ON CONFLICT DO NOTHING");
    other.commit();
    expect(one.othersWrote()).toBe(true);
  });

  test("is copied by VACUUM INTO while it is open, with all that is committed", () => {
    using one = open();
    one.begin(true);
    one.sql.run("INSERT INTO sora_paused (service, action) VALUES ('S', '')");
    one.commit();
    const copy = join(folder.path, "copy.db");
    sql(database => database.prepare("VACUUM INTO ?").run(copy));
    using copied = open({ file: copy });
    expect(copied.sql.all("SELECT service FROM sora_paused")).toEqual([["S"]]);
  });

  test("refuses to go on with a file that was deleted, or replaced, and goes on when it is back", () => {
    using connection = open();
    const paused = (): void => {
      connection.begin(true);
      connection.sql.run("INSERT INTO sora_paused (service, action) VALUES ('S', '') ON CONFLICT DO NOTHING");
      connection.commit();
    };
    paused();
    const gone = expect.objectContaining({ code: "SORA_STORE_UNAVAILABLE", retryable: false, message: expect.stringContaining("moved, replaced or deleted") });
    const elsewhere = `${file}.away`;
    renameSync(file, elsewhere);
    expect(paused).toThrow(gone);
    writeFileSync(file, "");
    expect(paused).toThrow(gone);
    renameSync(elsewhere, file);
    expect(paused).not.toThrow();
  });
});
