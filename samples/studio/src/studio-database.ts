import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import { studioMigrations } from "./studio-migrations.ts";
import type { Migration } from "./studio-migrations.ts";
import { toFile, toOutput, toTranslation } from "./studio-records.ts";
import type { LogEntry, Row, StudioFile, StudioFileSummary, StudioOutput, StudioTranslation } from "./studio-records.ts";
import type { TextStatistics } from "./text-statistics.ts";

/**
 * The studio's memory, one SQLite file that other programs may read at the same time. Opening it makes no
 * tables, `migrate()` does. Every method is synchronous and takes effect wholly or not at all.
 */
export class StudioDatabase {
  readonly #database: DatabaseSync;
  readonly #migrations: readonly Migration[];

  /** Opens, or creates, the file at `path`; its folder must exist. `":memory:"` keeps everything in memory. */
  constructor(path: string, migrations: readonly Migration[] = studioMigrations) {
    this.#migrations = migrations;
    this.#database = new DatabaseSync(path, { timeout: 5_000 }); // how long to wait for another program's write
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  /** Whether it can be used: it is open, and every migration has run. */
  get isReady(): boolean {
    return this.isOpen && this.version === (this.#migrations.at(-1)?.version ?? 0);
  }

  /** The version of the tables; 0 before the first migration. */
  get version(): number {
    const exists = this.#all("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'").length > 0;
    return exists ? Number(this.#all("SELECT max(version) AS version FROM schema_migrations")[0]?.["version"] ?? 0) : 0;
  }

  /**
   * Brings the tables up to date, all steps or none, and returns those that ran. Two programs may call it at once.
   * Throws where the file was made by a newer version of the studio, and leaves it as it is.
   */
  migrate(now: number): readonly Migration[] {
    const newest = this.#migrations.at(-1)?.version ?? 0;
    return this.#transaction(() => {
      const version = this.version;
      if (version > newest) {
        throw new Error(
          `Cannot use the studio's database: its tables are of version ${version}, this program knows ${newest}. Use a newer studio, or another file.`,
        );
      }
      this.#database.exec("CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");
      const due = this.#migrations.filter(migration => migration.version > version);
      for (const migration of due) {
        this.#database.exec(migration.sql);
        this.#run("INSERT INTO schema_migrations VALUES (?, ?, ?)", migration.version, migration.name, now);
      }
      return due;
    });
  }

  /** Adds a file, or replaces what is known about it. What was made of it is kept where its content is the same, as where looking at it was cut off by a crash, and else forgotten. */
  saveFile(file: StudioFile): void {
    const text = file.statistics;
    this.#transaction(() => {
      this.#run("DELETE FROM files WHERE id = ? AND sha256 <> ?", file.id, file.sha256);
      this.#run(
        `INSERT INTO files (id, path, bytes, sha256, kind, format, problem, seen_at, language, characters, words, sentences, lines, reading_seconds)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET path = excluded.path, bytes = excluded.bytes, kind = excluded.kind, format = excluded.format, problem = excluded.problem, seen_at = excluded.seen_at,
           language = excluded.language, characters = excluded.characters, words = excluded.words, sentences = excluded.sentences, lines = excluded.lines, reading_seconds = excluded.reading_seconds`,
        file.id,
        file.path,
        file.bytes,
        file.sha256,
        file.kind,
        file.format,
        file.problem ?? null,
        file.seenAt,
        text?.language ?? null,
        text?.characters ?? null,
        text?.words ?? null,
        text?.sentences ?? null,
        text?.lines ?? null,
        text?.readingSeconds ?? null,
      );
    });
  }

  /** Adds what is known about a text to its file. */
  saveStatistics(fileId: string, text: TextStatistics): void {
    this.#run(
      "UPDATE files SET language = ?, characters = ?, words = ?, sentences = ?, lines = ?, reading_seconds = ? WHERE id = ?",
      text.language,
      text.characters,
      text.words,
      text.sentences,
      text.lines,
      text.readingSeconds,
      fileId,
    );
  }

  /** Notes why something could not be made from a file; `undefined` takes the note back. */
  saveProblem(fileId: string, problem: string | undefined): void {
    this.#run("UPDATE files SET problem = ? WHERE id = ?", problem ?? null, fileId);
  }

  /** Forgets a file and what was made from it. */
  forgetFile(fileId: string): void {
    this.#run("DELETE FROM files WHERE id = ?", fileId);
  }

  fileIds(): readonly string[] {
    return this.#all("SELECT id FROM files ORDER BY id").map(row => row["id"] as string);
  }

  findFile(id: string): StudioFile | undefined {
    return this.#all("SELECT * FROM files WHERE id = ?", id).map(toFile)[0];
  }

  saveOutput(output: StudioOutput): void {
    this.#run("INSERT OR REPLACE INTO outputs VALUES (?, ?, ?, ?, ?)", output.fileId, output.path, output.kind, output.bytes, output.madeAt);
  }

  /** Whether this was made from the file as it is now. */
  hasOutput(fileId: string, path: string): boolean {
    return this.#all("SELECT 1 FROM outputs WHERE file_id = ? AND path = ?", fileId, path).length > 0;
  }

  saveTranslation(translation: StudioTranslation): void {
    const { fileId, from, to, engine, path, characters, madeAt } = translation;
    this.#run("INSERT OR REPLACE INTO translations VALUES (?, ?, ?, ?, ?, ?, ?)", fileId, to, from, engine, path, characters, madeAt);
  }

  translationsOf(fileId: string): readonly StudioTranslation[] {
    return this.#all("SELECT * FROM translations WHERE file_id = ? ORDER BY to_language", fileId).map(toTranslation);
  }

  /** Those that a translation server could do better; not of files that have a problem. */
  pseudoTranslations(): readonly StudioTranslation[] {
    const whole = "SELECT translations.* FROM translations JOIN files ON files.id = file_id WHERE engine = 'pseudo-localization' AND problem IS NULL";
    return this.#all(`${whole} ORDER BY file_id, to_language`).map(toTranslation);
  }

  /** Every file by its path, each with its outputs. */
  summarize(): readonly StudioFileSummary[] {
    const outputs = Map.groupBy(this.#all("SELECT * FROM outputs ORDER BY path").map(toOutput), output => output.fileId);
    const files = this.#all("SELECT * FROM files ORDER BY path").map(toFile);
    return files.map(file => ({ ...file, outputs: outputs.get(file.id) ?? [] }));
  }

  addLogEntry(entry: LogEntry): void {
    const { createdAt, level, service, message } = entry;
    this.#run("INSERT INTO log_entries (created_at, level, service, message) VALUES (?, ?, ?, ?)", createdAt, level, service, message);
  }

  countLogEntries(): number {
    return Number(this.#all("SELECT count(*) AS entries FROM log_entries")[0]?.["entries"]);
  }

  /** Deletes at most `limit` entries written before `cutoff`, the oldest first, and returns how many there were. */
  deleteLogEntriesBefore(cutoff: number, limit: number = Number.MAX_SAFE_INTEGER): number {
    const oldest = "SELECT id FROM log_entries WHERE created_at < ? ORDER BY created_at LIMIT ?";
    return this.#run(`DELETE FROM log_entries WHERE id IN (${oldest})`, cutoff, limit);
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#database.prepare(sql).run(...values).changes);
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#database.prepare(sql).all(...values);
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}
