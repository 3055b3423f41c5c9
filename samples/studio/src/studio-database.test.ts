import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { StudioDatabase } from "./studio-database.ts";
import { studioMigrations } from "./studio-migrations.ts";
import type { StudioFile } from "./studio-records.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

const statistics = { language: "en", characters: 5, words: 1, sentences: 1, lines: 1, readingSeconds: 1 } as const;
const text: StudioFile = { id: "f1", path: "a.txt", bytes: 5, sha256: "00", kind: "text", format: "utf-8", seenAt: 1, statistics };
const picture: StudioFile = { id: "f2", path: "b.png", bytes: 9, sha256: "01", kind: "picture", format: "png", seenAt: 2 };

function createDatabase(): StudioDatabase {
  const database = new StudioDatabase(":memory:");
  database.migrate(0);
  return database;
}

describe("StudioDatabase", () => {
  test("migrates step by step, once", () => {
    using database = new StudioDatabase(":memory:");
    expect(database.version).toBe(0);
    expect(database.isReady).toBe(false);
    expect(database.migrate(7)).toEqual(studioMigrations);
    expect(database.migrate(8)).toEqual([]);
    expect(database.version).toBe(studioMigrations.at(-1)?.version);
    expect(database.isReady).toBe(true);
  });

  test("brings an older file up to date and keeps what is in it", () => {
    using folder = createTemporaryFolder();
    const path = join(folder.path, "studio.db");
    {
      using old = new StudioDatabase(path, studioMigrations.slice(0, 1));
      old.migrate(0);
    }
    const raw = new DatabaseSync(path);
    raw.exec("INSERT INTO files VALUES ('f1', 'a.txt', 5, '00', 'text', 'utf-8', NULL, 1)");
    raw.close();
    using database = new StudioDatabase(path);
    expect(database.migrate(1).map(migration => migration.version)).toEqual([2, 3]);
    expect(database.findFile("f1")).toMatchObject({ path: "a.txt", seenAt: 1 });
  });

  test("leaves no half-made migration behind", () => {
    const broken = { version: 4, name: "broken", sql: "CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER);" };
    using database = new StudioDatabase(":memory:", [...studioMigrations, broken]);
    expect(() => database.migrate(0)).toThrow("half");
    expect(database.version).toBe(0);
  });

  test("refuses a file of a newer version and does not touch it", () => {
    using folder = createTemporaryFolder();
    const path = join(folder.path, "studio.db");
    {
      using newer = new StudioDatabase(path, [...studioMigrations, { version: 99, name: "future", sql: "CREATE TABLE future (id INTEGER)" }]);
      newer.migrate(0);
    }
    using database = new StudioDatabase(path);
    expect(() => database.migrate(1)).toThrow(/of version 99, this program knows 3/);
    expect(database.version).toBe(99);
  });

  test("uses a write-ahead log, so that others can read while it writes", () => {
    using folder = createTemporaryFolder();
    const path = join(folder.path, "studio.db");
    using database = new StudioDatabase(path);
    database.migrate(0);
    using reader = new DatabaseSync(path, { readOnly: true });
    expect(reader.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    reader.exec("BEGIN");
    expect(reader.prepare("SELECT count(*) AS files FROM files").get()).toEqual({ files: 0 });
    database.saveFile(text);
    expect(reader.prepare("SELECT count(*) AS files FROM files").get()).toEqual({ files: 0 });
  });

  test("gives back files as they were saved", () => {
    using database = createDatabase();
    database.saveFile(text);
    database.saveFile(picture);
    expect(database.findFile("f1")).toEqual(text);
    expect(database.findFile("f2")).toEqual(picture);
    expect(database.findFile("f3")).toBeUndefined();
  });

  test("forgets what was made from a file's former content", () => {
    using database = createDatabase();
    database.saveFile(text);
    database.saveOutput({ fileId: "f1", path: "a.pt-BR.txt", kind: "translation", bytes: 7, madeAt: 3 });
    database.saveTranslation({
      fileId: "f1",
      from: "en",
      to: "pt-BR",
      engine: "pseudo-localization",
      path: "a.pt-BR.txt",
      characters: 7,
      madeAt: 3,
    });
    database.saveFile({ ...text, sha256: "ff" });
    expect(database.summarize()).toEqual([{ ...text, sha256: "ff", outputs: [] }]);
    expect(database.translationsOf("f1")).toEqual([]);
  });

  test("keeps what was made from a file that is looked at anew and is the same", () => {
    using database = createDatabase();
    const { statistics: _, ...unread } = text;
    database.saveFile(unread);
    const output = { fileId: "f1", path: "a.pt-BR.txt", kind: "translation", bytes: 7, madeAt: 3 } as const;
    database.saveOutput(output);
    database.saveFile({ ...text, seenAt: 9 });
    expect(database.summarize()).toEqual([{ ...text, seenAt: 9, outputs: [output] }]);
  });

  test("refuses an output of a file it does not know", () => {
    using database = createDatabase();
    expect(() => database.saveOutput({ fileId: "none", path: "x", kind: "thumbnail", bytes: 1, madeAt: 1 })).toThrow("FOREIGN KEY");
  });

  test("summarizes files by path with their outputs and problems", () => {
    using database = createDatabase();
    database.saveFile(picture);
    database.saveFile(text);
    const output = { fileId: "f2", path: "b.thumbnail.png", kind: "thumbnail", bytes: 3, madeAt: 4 } as const;
    database.saveOutput({ ...output, bytes: 1 });
    database.saveOutput(output);
    database.saveProblem("f1", "too long");
    database.saveProblem("f2", "broken");
    database.saveProblem("f2", undefined);
    expect(database.summarize()).toEqual([
      { ...text, problem: "too long", outputs: [] },
      { ...picture, outputs: [output] },
    ]);
  });

  test("adds what is known about a text, and forgets a file", () => {
    using database = createDatabase();
    const { statistics: _, ...unread } = text;
    database.saveFile(unread);
    database.saveStatistics("f1", statistics);
    expect(database.findFile("f1")).toEqual(text);
    expect(database.fileIds()).toEqual(["f1"]);
    database.forgetFile("f1");
    expect(database.summarize()).toEqual([]);
  });

  test("keeps one translation for each language", () => {
    using database = createDatabase();
    database.saveFile(text);
    const translation = {
      fileId: "f1",
      from: "en",
      to: "de",
      engine: "libretranslate",
      path: "a.de.txt",
      characters: 6,
      madeAt: 5,
    } as const;
    database.saveTranslation({ ...translation, characters: 1 });
    database.saveTranslation(translation);
    expect(database.translationsOf("f1")).toEqual([translation]);
  });

  test("lists the pseudo-localized texts that have no problem", () => {
    using database = createDatabase();
    database.saveFile(text);
    database.saveFile({ ...text, id: "f3" });
    const translation = { from: "en", to: "de", path: "a.de.txt", characters: 6, madeAt: 5 };
    database.saveTranslation({ ...translation, fileId: "f1", engine: "pseudo-localization" });
    database.saveTranslation({ ...translation, fileId: "f1", to: "fr", engine: "libretranslate" });
    database.saveTranslation({ ...translation, fileId: "f3", engine: "pseudo-localization" });
    database.saveProblem("f3", "refused");
    expect(database.pseudoTranslations().map(({ fileId, to }) => `${fileId} ${to}`)).toEqual(["f1 de"]);
  });

  test("deletes log entries written before a time, the oldest first, at most as many as asked", () => {
    using database = createDatabase();
    for (const createdAt of [30, 10, 20, 40]) database.addLogEntry({ createdAt, level: "info", service: "S", message: "m" });
    expect(database.deleteLogEntriesBefore(40, 2)).toBe(2);
    expect(database.deleteLogEntriesBefore(30)).toBe(0);
    expect(database.deleteLogEntriesBefore(40)).toBe(1);
    expect(database.countLogEntries()).toBe(1);
  });

  test("closes twice without complaint", () => {
    const database = createDatabase();
    database.close();
    expect(() => database.close()).not.toThrow();
    expect(database.isReady).toBe(false);
  });
});
