import { closeSync, fdatasyncSync, fstatSync, openSync, readlinkSync, writeSync } from "node:fs";

/** Commits between two looks at the log. */
const between = 32;
/** Bytes that the log's file is made longer by, which is more than as many commits of one action each put into it. */
const step = 1_048_576;

/**
 * Keeps the file of the write-ahead log longer than what is in it, until it is as long as it ever becomes by itself. Syncing a commit that makes a file longer takes twice the time of
 * syncing one that fills in what is there, since where the file ends must be written too. SQLite fills the log from its start again after each checkpoint, so this is for the time before
 * the first; and what stands in the file past the last commit is nothing to it, zeros least of all.
 */
export class LogRoom implements Disposable {
  readonly #log: number;
  readonly #most: number;
  /** Where the system keeps what the log is called; undefined where it does not. */
  #name: string | undefined;
  /** What it was called when it was seen not to be deleted. */
  #named: string | undefined;
  #commits = 0;

  private constructor(log: number, most: number, names: string) {
    this.#log = log;
    this.#most = most;
    this.#name = `${names}/${log}`;
  }

  /**
   * For the log of the database in `file`, up to `most` bytes; undefined where the log cannot be got at. It stays open, so that it is the log that SQLite writes to, whatever comes to have
   * its name: to make another's longer is to put zeros where that one's pages are looked for. In `names` the system keeps what the files that are open are called, where it does.
   */
  static open(file: string, most: number, names = "/proc/self/fd"): LogRoom | undefined {
    try {
      return new LogRoom(openSync(`${file}-wal`, "r+"), most, names);
    } catch {
      return undefined;
    }
  }

  /**
   * Whether somebody has deleted the log: SQLite would go on writing to what has no name any more, and what was acknowledged would end with the process.
   *
   * What Linux calls an open file changes when it is deleted. It is asked for that first, since asking for a file's status has a price beyond the call: from version 6.13, the next write has to
   * note a newer time in the file than the one that was seen, and the sync after it to save that as well, which makes each commit a third slower (multigrain timestamps).
   */
  get isDeleted(): boolean {
    const named = this.#readName();
    if (named !== undefined && named === this.#named) return false;
    const isDeleted = fstatSync(this.#log).nlink === 0;
    this.#named = isDeleted ? undefined : named;
    return isDeleted;
  }

  #readName(): string | undefined {
    try {
      return this.#name === undefined ? undefined : readlinkSync(this.#name);
    } catch {
      return (this.#name = undefined);
    }
  }

  countCommit(): void {
    this.#commits++;
  }

  /** Whether it is time to {@link extend} the file. */
  get isDue(): boolean {
    return this.#commits >= between && this.#most > 0;
  }

  /** Makes the file a step longer, where it is not long enough yet. Only for whoever holds SQLite's lock for writing, so that nobody else puts anything at the end of the file. */
  extend(): void {
    this.#commits = 0;
    const { size } = fstatSync(this.#log);
    if (size >= this.#most) return;
    writeSync(this.#log, Buffer.alloc(Math.min(step, this.#most - size)), 0, undefined, size);
    fdatasyncSync(this.#log);
  }

  [Symbol.dispose](): void {
    closeSync(this.#log);
  }
}
