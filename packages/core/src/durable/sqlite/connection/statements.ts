import type { DatabaseSync, StatementSync } from "node:sqlite";

export type SqlValue = string | number | null;

/** A row, by the order of its columns. */
export type Row = readonly SqlValue[];

/**
 * A database's statements, each prepared once. Values go by their places: node:sqlite takes a lone object for named parameters, and refuses `undefined`, both of which the types
 * keep away from it.
 *
 * A limit that is a parameter is written `? + 0`: SQLite plans by the value of one that stands alone, and so prepares the statement anew whenever it is given one.
 */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** How many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  /** The number of the row it inserted; none where that was in conflict. */
  insert(sql: string, ...values: readonly SqlValue[]): number | undefined {
    const { changes, lastInsertRowid } = this.#prepare(sql).run(...values);
    return changes === 0 ? undefined : Number(lastInsertRowid);
  }

  /** Its first row. A statement that changes rows and returns them has changed them all by then. */
  get<R extends Row>(sql: string, ...values: readonly SqlValue[]): R | undefined {
    return this.#prepare(sql).get(...values) as unknown as R | undefined;
  }

  all<R extends Row>(sql: string, ...values: readonly SqlValue[]): readonly R[] {
    return this.#prepare(sql).all(...values) as unknown as readonly R[];
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    statement.setReadBigInts(false); // whatever a user's own connection has as its default
    this.#prepared.set(sql, statement);
    return statement;
  }
}
