import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SoraError } from "../../../errors/sora-error.ts";
import { LogRoom } from "./log-room.ts";
import { migrate, refuseNewer } from "./migrate.ts";
import { QueueIds } from "../operations/queue-ids.ts";
import { Statements } from "./statements.ts";
import type { ThreadSettings } from "../thread/thread-protocol.ts";
import type { BusyPatience } from "./while-busy.ts";
import { whileBusy } from "./while-busy.ts";

/** Kibibytes of pages in memory: the tail of each index that is written to, and the upper levels of large ones. */
const cache = 16_384;
/** Pages in the write-ahead log before they are moved to their places. Each move takes two more syncs, so fewer of them make room for more work; the log comes to some 16 MB. */
const checkpointEvery = 4_000;
/** Bytes of the log by then; each page has a header there. */
const logFull = checkpointEvery * (4_096 + 24);
/** Bytes that the log keeps on the disk where one long reader has made it grow. */
const logKept = 67_108_864;

function noLog(file: string, mode: string | undefined): SoraError {
  return new SoraError(
    "SORA_STORE_UNAVAILABLE",
    `Cannot open the store in ${file}: SQLite keeps the journal mode "${mode}" there, in which it cannot be shared.`,
    {
      retryable: false,
      fix: "Put the file on a disk of this machine, not on a network's file system.",
    },
  );
}

function gone(file: string): SoraError {
  return new SoraError("SORA_STORE_UNAVAILABLE", `Cannot use the SQLite file ${file}: it was moved, replaced or deleted while it was open.`, {
    retryable: false,
    fix: "Put the file back, or start the program anew, which begins with what is there then.",
  });
}

function logGone(file: string): SoraError {
  return new SoraError("SORA_STORE_UNAVAILABLE", `Cannot use the SQLite file ${file}: its log, ${file}-wal, was deleted while it was open.`, {
    retryable: false,
    fix: "Stop the program in peace, which saves what was in the log, and start it anew. The files beside a database are part of it.",
  });
}

/** Which file a path leads to. */
function identityOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}/${found.ino}`;
}

export interface ConnectionSettings extends Pick<ThreadSettings, "file" | "role" | "synchronous">, BusyPatience {}

/** One connection, and the transaction that it may be in. */
export class Connection implements Disposable {
  readonly sql: Statements;
  readonly queues: QueueIds;
  readonly #database: DatabaseSync;
  readonly file: string;
  readonly #identity: string | undefined;
  /** Of the writer. */
  #room: LogRoom | undefined;
  #isWriting = false;
  /** What `data_version` was when it was last asked for. */
  #version = Number.NaN;

  private constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.file = file;
    this.#identity = identityOf(file);
    this.sql = new Statements(database);
    this.queues = new QueueIds(this.sql);
  }

  /**
   * Opens the file, which is made where there is none, its folder as well. The writer brings the schema up to date and writes a mark, so that a file or a disk that cannot be written to is found
   * at the start.
   */
  static open({ file, role, synchronous, ...patience }: ConnectionSettings, now: number): Connection {
    if (role === "writer") mkdirSync(dirname(file), { recursive: true });
    // Of the busy timeout see `whileBusy`.
    const database = new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: false });
    try {
      return whileBusy(patience, () => {
        const connection = new Connection(database, file);
        if (role === "writer") {
          refuseNewer(connection.sql, file);
          const mode = connection.sql.get<[string]>("PRAGMA journal_mode = WAL")?.[0];
          if (mode !== "wal") throw noLog(file, mode);
        }
        // None of these is kept in the file.
        database.exec(`
          PRAGMA synchronous = ${synchronous};
          PRAGMA mmap_size = 0;
          PRAGMA cache_size = -${cache};
          PRAGMA temp_store = MEMORY;
          PRAGMA wal_autocheckpoint = ${checkpointEvery};
          PRAGMA journal_size_limit = ${logKept};`);
        if (role === "writer") migrate(connection, now);
        // the log stands where SQLite says, not beside a link; made longer it is only where commits are synced
        if (role === "writer") connection.#room = LogRoom.open(database.location() ?? file, synchronous === "full" ? logFull : 0);
        connection.othersWrote(); // from here on: what is written before the first look would not be heard of else
        return connection;
      });
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Whether a transaction is open. SQLite ends one by itself where the disk is full or fails. */
  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /**
   * A transaction that writes takes the lock first: one that read before it wrote would be refused where another has written in between, however long it may wait.
   *
   * @throws SoraError `SORA_STORE_UNAVAILABLE` where the file is no longer where it was, or its log was deleted. SQLite would go on writing to what has no name any more, and what was acknowledged would be
   *   lost.
   */
  begin(writing: boolean): void {
    if (identityOf(this.file) !== this.#identity) throw gone(this.file);
    if (this.#room?.isDeleted === true) throw logGone(this.file);
    this.sql.run(writing ? "BEGIN IMMEDIATE" : "BEGIN");
    this.#isWriting = writing;
  }

  commit(): void {
    this.sql.run("COMMIT");
    if (this.#isWriting) this.#room?.countCommit();
  }

  /** Makes the log's file longer where it is time to, so that the commits to come are synced faster. For when nobody waits. */
  makeRoom(): void {
    if (this.#room?.isDue !== true) return;
    try {
      this.begin(true);
      this.#room.extend();
      this.sql.run("COMMIT");
    } catch {
      this.rollback(); // another process is writing, or the disk is full: the commits to come find out by themselves
    }
  }

  rollback(): void {
    if (this.inTransaction) this.sql.run("ROLLBACK");
    this.queues.forget();
  }

  /** Back to a savepoint, which stays. */
  rollbackTo(savepoint: string): void {
    this.sql.run(`ROLLBACK TO ${savepoint}`);
    this.queues.forget();
  }

  /** Several statements at once, which nobody will ask for again. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /** Whether other connections have committed anything since it was last asked, or opened. */
  othersWrote(): boolean {
    const [version] = this.sql.get<[number]>("PRAGMA data_version") as [number];
    const wrote = version !== this.#version;
    this.#version = version;
    return wrote;
  }

  /** Moves what is in the log to its place, as far as no other process is in the way, and closes. */
  [Symbol.dispose](): void {
    try {
      this.rollback();
      this.sql.run("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      // the next one to open the file does it
    }
    this.#room?.[Symbol.dispose]();
    this.#database.close();
  }
}
