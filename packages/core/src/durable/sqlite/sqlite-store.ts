import { SoraError } from "../../errors/sora-error.ts";
import { systemChance } from "../../time/chance.ts";
import { BellBoard } from "../store/bell-board.ts";
import type { DurableStore, StoreBell, StoreSurroundings, StoreTransaction } from "../store/durable-store.ts";
import { methods } from "./operations/methods.ts";
import type { StorePorts } from "./operations/operations.ts";
import type { CheckedOptions, SqliteStoreOptions } from "./sqlite-store-options.ts";
import { checkedOptions } from "./sqlite-store-options.ts";
import { StoreThreads } from "./thread/store-threads.ts";
import { withinDatabase } from "./within-database.ts";

/**
 * A store in a SQLite file, by Node's own `node:sqlite`, worked on in a thread of its own. Several processes of one machine can share the file, and a `DatabaseSync` on it can enqueue and append in
 * its own transactions.
 *
 * Hosts of one process can share the object too: each opens it and disposes of it, and it is closed with the last. Leases and due times are on the wall clock of whoever opened it first.
 *
 * @throws SoraError `SORA_OPTION_INVALID` or `SORA_DURATION_INVALID`.
 */
export function createSqliteStore(options: SqliteStoreOptions): DurableStore {
  return new SqliteStore(checkedOptions(options));
}

/** A store that is open. */
interface Opened {
  readonly surroundings: StoreSurroundings;
  readonly threads: StoreThreads;
}

class SqliteStore implements DurableStore {
  readonly name: string;
  readonly lasting = true;
  readonly shared = true;
  readonly inOrder = true;
  readonly lease: number;
  readonly actions: StorePorts["actions"] = this.#part("actions");
  readonly leases: StorePorts["leases"] = this.#part("leases");
  readonly schedules: StorePorts["schedules"] = this.#part("schedules");
  readonly ticks: StorePorts["ticks"] = this.#part("ticks");
  readonly outbox: StorePorts["outbox"] = this.#part("outbox");
  readonly #clock: StorePorts["clock"] = this.#part("clock");
  readonly #options: CheckedOptions;
  readonly #board: BellBoard;
  #opened: Opened | undefined;
  #openers = 0;
  /** The end of the opening before this one: SQLite wants one closed before the next. */
  #closed: Promise<void> = Promise.resolve();

  constructor(options: CheckedOptions) {
    this.#options = options;
    this.name = options.name;
    this.#board = new BellBoard(options.name);
    this.lease = options.lease;
  }

  async open(surroundings: StoreSurroundings): Promise<void> {
    this.#openers++;
    await this.#closed;
    this.#opened ??= {
      surroundings,
      threads: new StoreThreads(this.#options, { ...surroundings, chance: surroundings.chance ?? systemChance }, bell =>
        this.#board.ring(bell, surroundings.logger),
      ),
    };
    try {
      await this.#opened.threads.open();
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  now(): Promise<number> {
    return this.#clock.now();
  }

  listen(listener: (bell: StoreBell) => void): Disposable {
    const { threads } = this.#openedOnly();
    const listening = this.#board.listen(listener);
    threads.listeners = this.#board.size;
    return {
      [Symbol.dispose]: () => {
        listening[Symbol.dispose]();
        if (this.#opened !== undefined) this.#opened.threads.listeners = this.#board.size;
      },
    };
  }

  within(transaction: unknown): StoreTransaction {
    const { clock } = this.#openedOnly().surroundings;
    return withinDatabase(transaction, { ...this.#options, now: () => clock.now() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#openers === 0) return;
    this.#openers--;
    if (this.#openers > 0 || this.#opened === undefined) return;
    const { threads } = this.#opened;
    this.#opened = undefined;
    this.#board.clear();
    this.#closed = threads.close();
    await this.#closed;
  }

  /** A part of the port, each of whose methods is carried out in a thread. */
  #part<Part extends keyof StorePorts>(part: Part): StorePorts[Part] {
    return Object.fromEntries(
      Object.entries(methods[part]).map(([method, kind]) => [
        method,
        async (...parameters: readonly unknown[]) => this.#openedOnly().threads.ask(kind === "scan" ? "reader" : "writer", part, method, parameters),
      ]),
    ) as unknown as StorePorts[Part];
  }

  #openedOnly(): Opened {
    if (this.#opened !== undefined) return this.#opened;
    throw new SoraError("SORA_STORE_UNAVAILABLE", `Cannot use ${this.name}: it is not open.`, {
      retryable: false,
      fix: "Use it while a host that was given it runs, or call `open` first.",
    });
  }
}
