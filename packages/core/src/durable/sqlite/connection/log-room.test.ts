import { copyFileSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../fixtures/sqlite-harness.ts";
import { seededChance } from "../../../time/chance.ts";
import { Connection } from "./connection.ts";
import { LogRoom } from "./log-room.ts";

const settings = { name: "SQLite x.db", lease: 15_000, busyTimeout: 50, chance: seededChance(1), role: "writer" } as const;
const mebibyte = 1_048_576;

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, "x.db");
});
afterEach(() => folder[Symbol.dispose]());

function open(synchronous: "full" | "normal" = "full"): Connection {
  const connection = Connection.open({ ...settings, file, synchronous }, 1_000);
  connection.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY)");
  return connection;
}

let notes = 0;
function commit(connection: Connection, times: number): void {
  for (let i = 0; i < times; i++) {
    connection.begin(true);
    connection.sql.run("INSERT INTO note VALUES (?)", ++notes);
    connection.commit();
    connection.makeRoom();
  }
}

const logSize = (): number => statSync(`${file}-wal`).size;
const count = (database: DatabaseSync): unknown => database.prepare("SELECT count(*) AS notes FROM note").get()?.["notes"];

test("LogRoom keeps the log's file ahead of what is in it, up to the length at which it is begun again", () => {
  using connection = open();
  expect(logSize()).toBeLessThan(mebibyte);
  commit(connection, 32);
  const extended = logSize();
  expect(extended).toBeGreaterThan(mebibyte);
  commit(connection, 20);
  expect(logSize()).toBe(extended); // these have filled in what was there
  commit(connection, 32 * 20);
  expect(logSize()).toBe(4_000 * (4_096 + 24));
});

test("LogRoom leaves the log alone where commits are not synced, and where nothing was written", () => {
  using connection = open("normal");
  commit(connection, 64);
  const before = logSize();
  expect(before).toBeLessThan(mebibyte);
  using synced = open();
  for (let i = 0; i < 64; i++) {
    synced.begin(false);
    synced.commit();
    synced.makeRoom();
  }
  expect(logSize()).toBe(before);
});

test("what stands in the log past the last commit is nothing to whoever opens the file after a crash", () => {
  using connection = open();
  notes = 0;
  commit(connection, 40);
  expect(logSize()).toBeGreaterThan(mebibyte);
  const copy = join(folder.path, "copy.db");
  copyFileSync(file, copy);
  copyFileSync(`${file}-wal`, `${copy}-wal`);
  using after = new DatabaseSync(copy);
  expect(count(after)).toBe(40);
  expect(after.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
});

test("LogRoom writes nothing while another connection does, and makes up for it later", () => {
  using connection = open();
  const other = new DatabaseSync(file);
  for (let i = 0; i < 40; i++) {
    connection.begin(true);
    connection.sql.run("INSERT INTO note VALUES (?)", ++notes);
    connection.commit();
  }
  other.exec("BEGIN IMMEDIATE; CREATE TABLE theirs (id)");
  const before = logSize();
  expect(before).toBeLessThan(mebibyte);
  connection.makeRoom();
  expect(logSize()).toBe(before);
  other.exec("COMMIT");
  connection.makeRoom();
  expect(logSize()).toBeGreaterThan(mebibyte);
  expect(other.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'theirs'").get()).toEqual({ tables: 1 });
  other.close();
});

test("LogRoom leaves alone what comes to stand where the log was", () => {
  using connection = open();
  notes = 0;
  commit(connection, 31);
  renameSync(`${file}-wal`, join(folder.path, "elsewhere"));
  writeFileSync(`${file}-wal`, ""); // as another process does that opens the file by then
  commit(connection, 40);
  expect(logSize()).toBe(0);
  expect(connection.sql.get("SELECT count(*) FROM note")).toEqual([71]);
});

test("LogRoom is for no log that it cannot get at", () => {
  expect(LogRoom.open(join(folder.path, "nothing.db"), mebibyte)).toBeUndefined();
});

test.each(["full", "normal"] as const)(
  "Connection acknowledges nothing more once its log was deleted, and saves what was in it when it is disposed of: %s",
  synchronous => {
    notes = 0;
    {
      using connection = open(synchronous);
      commit(connection, 40);
      unlinkSync(`${file}-wal`);
      for (const writing of [true, false])
        expect(() => connection.begin(writing)).toThrow(
          expect.objectContaining({ code: "SORA_STORE_UNAVAILABLE", retryable: false, message: expect.stringContaining("its log") }),
        );
    }
    using after = new DatabaseSync(file);
    expect(count(after)).toBe(40);
    expect(after.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  },
);

test.for([
  ["with the names of open files", undefined],
  ["without them", "/nowhere"],
] as const)("LogRoom tells that the log was deleted, each time it is asked, and not that it was moved, %s", ([, names]) => {
  using _ = open();
  using room = LogRoom.open(file, mebibyte, names);
  const deleted = (): unknown => room?.isDeleted;
  expect([deleted(), deleted()]).toEqual([false, false]);
  const elsewhere = join(folder.path, "elsewhere");
  renameSync(`${file}-wal`, elsewhere);
  expect([deleted(), deleted()]).toEqual([false, false]);
  unlinkSync(elsewhere);
  expect([deleted(), deleted()]).toEqual([true, true]);
});

test("LogRoom asks for the status of the log once, and then only where the system calls it something else", () => {
  using _ = open();
  const names = join(folder.path, "names"); // as the system has it, but for that it does not notice what is deleted
  const call = (name: string): void => {
    rmSync(names, { recursive: true, force: true });
    mkdirSync(names);
    for (let descriptor = 0; descriptor < 1_000; descriptor++) symlinkSync(name, join(names, String(descriptor)));
  };
  call("log");
  using room = LogRoom.open(file, mebibyte, names);
  const deleted = (): unknown => room?.isDeleted;
  expect(deleted()).toBe(false);
  unlinkSync(`${file}-wal`);
  expect(deleted()).toBe(false);
  call("log (deleted)");
  expect([deleted(), deleted()]).toEqual([true, true]);
});
