import type { Clock } from "../../../time/clock.ts";
import { systemClock } from "../../../time/system-clock.ts";
import type { Connection } from "../connection/connection.ts";
import { methods } from "../operations/methods.ts";
import { operations } from "../operations/operations.ts";
import type { Session } from "../operations/session.ts";
import { Rings } from "../operations/session.ts";
import { isBusy, storeFailure } from "../connection/sqlite-failure.ts";
import type { ThreadAnswers, ThreadError, ThreadRequest } from "./thread-protocol.ts";
import { threadError } from "./thread-protocol.ts";
import type { BusyPatience } from "../connection/while-busy.ts";
import { whileBusy } from "../connection/while-busy.ts";

/** Milliseconds after which a transaction takes up no more requests: other processes wait for the lock, and those in it for their answers. */
const longest = 10;

export interface GroupCommitOptions extends BusyPatience {
  readonly connection: Connection;
  readonly name: string;
  readonly lease: number;
  /** What the length of a transaction is measured on. */
  readonly clock?: Clock;
}

/** Requests that wait, such as an array of them. What is asked for past their end may have come by then, and is among them from then on. */
export interface Requests {
  /** How many are known. */
  readonly length: number;
  at(index: number): ThreadRequest | undefined;
}

/**
 * Carries out requests many at a time: one transaction, and so one sync of the disk, for all that wait. Each is as if it had a transaction of its own: where one fails nothing of it is left,
 * and its neighbours are done. Where the transaction itself fails, all of them do.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #clock: Clock;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Carries out the first of the requests, at least one: as many as there are values. Those that come meanwhile join a transaction that writes. */
  commit(requests: Requests | readonly ThreadRequest[]): ThreadAnswers {
    try {
      const answers = whileBusy(this.#options, () => this.#together(requests));
      if (!("failedAt" in answers)) return answers;
      const { failedAt, error } = answers;
      if (failedAt === 0) return this.#failed(1, error);
      // Savepoints cost more than they are worth where nothing fails, which is nearly always. So they come on a second try.
      return whileBusy(this.#options, () => this.#apart(first(requests, failedAt + 1)));
    } catch (error) {
      return this.#failed(requests.length, error);
    }
  }

  /** As many as fit into one transaction, as if none could fail; where one does, nothing is left of any. */
  #together(requests: Requests): ThreadAnswers | { readonly failedAt: number; readonly error: unknown } {
    const values: unknown[] = [];
    const rings = new Rings();
    const until = this.#clock.monotonic() + longest;
    const known = requests.length;
    const isWriting = first(requests, known).some(writes);
    return this.#transaction(isWriting, commit => {
      // A transaction that only reads shows what there was when it began: what is asked after that must see more.
      const next = (): ThreadRequest | undefined => (isWriting || values.length < known ? requests.at(values.length) : undefined);
      for (let request = next(); request !== undefined; request = next()) {
        try {
          values.push(this.#carryOut(request, rings));
        } catch (error) {
          if (isBusy(error)) throw error;
          return { failedAt: values.length, error };
        }
        if (this.#clock.monotonic() >= until) break;
      }
      commit();
      return { values, errors: new Map(), bells: rings.bells };
    });
  }

  /** All of them in one transaction, each behind a savepoint. */
  #apart(requests: readonly ThreadRequest[]): ThreadAnswers {
    const { sql } = this.#options.connection;
    const errors = new Map<number, ThreadError>();
    const rings = new Rings(); // what failed rings too, which asks for nothing but a look
    return this.#transaction(requests.some(writes), commit => {
      const values = requests.map((request, index) => {
        sql.run("SAVEPOINT request");
        try {
          return this.#carryOut(request, rings);
        } catch (error) {
          if (isBusy(error) || !this.#options.connection.inTransaction) throw error; // SQLite has rolled back all of it, as it does on a full disk
          this.#options.connection.rollbackTo("request");
          errors.set(index, this.#error(error));
          return undefined;
        } finally {
          if (this.#options.connection.inTransaction) sql.run("RELEASE request");
        }
      });
      commit();
      return { values, errors, bells: rings.bells };
    });
  }

  /** Rolls back what `work` has not committed. */
  #transaction<T>(isWriting: boolean, work: (commit: () => void) => T): T {
    const { connection } = this.#options;
    let committed = false;
    connection.begin(isWriting);
    try {
      return work(() => {
        connection.commit();
        committed = true;
      });
    } finally {
      if (!committed) connection.rollback();
    }
  }

  #carryOut([part, method, now, parameters]: ThreadRequest, rings: Rings): unknown {
    const { connection, lease } = this.#options;
    const session: Session = { sql: connection.sql, queues: connection.queues, now, lease, rings };
    const operation = (operations[part] as Readonly<Record<string, (session: Session, ...parameters: readonly unknown[]) => unknown>>)[method];
    return operation?.(session, ...parameters);
  }

  #failed(count: number, error: unknown): ThreadAnswers {
    const failure = this.#error(error);
    return {
      values: Array.from({ length: count }, () => undefined),
      errors: new Map(Array.from({ length: count }, (_, index) => [index, failure])),
      bells: [],
    };
  }

  #error(error: unknown): ThreadError {
    return threadError(storeFailure("use", this.#options.name, error));
  }
}

function first(requests: Requests, count: number): readonly ThreadRequest[] {
  return Array.from({ length: count }, (_, index) => requests.at(index) as ThreadRequest);
}

function writes([part, method]: ThreadRequest): boolean {
  return (methods[part] as Readonly<Record<string, string>>)[method] === "write";
}
