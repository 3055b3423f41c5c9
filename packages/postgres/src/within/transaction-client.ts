/** Asks one thing within a transaction of the user's own: a statement with parameters `$1::text`, `$2::text`, and one row with one text in its answer. */
export type AskWithin = (text: string, parameters: readonly string[]) => Promise<unknown>;

/** One library whose transactions can be written into. Described by what its objects have, so that none of them is needed here. */
export interface TransactionClient {
  /** As it is named in a refusal. */
  readonly name: string;
  /** Whether it sends what it is asked before the answers to what it was asked first are there. */
  readonly pipelines?: true;
  /** Whether this is one of the library's own objects, in a transaction or not. */
  readonly knows: (candidate: object) => boolean;
  /** How to ask within it; undefined where it is no transaction. */
  readonly within: (candidate: object) => AskWithin | undefined;
  /** Whether this is how the library says by itself that the transaction has ended. */
  readonly hasEnded?: (error: unknown) => boolean;
}

/** The text in an answer of rows. Its column may have been renamed by what the user has the library do; and Prisma has no rows for what it sent together with a statement that failed. */
export function answerIn(rows: unknown): unknown {
  const [row] = (rows ?? []) as readonly object[];
  return row === undefined ? undefined : Object.values(row)[0];
}

export function method(candidate: object, name: string): ((...given: readonly unknown[]) => unknown) | undefined {
  const value = (candidate as Readonly<Record<string, unknown>>)[name];
  return typeof value === "function" ? (value as (...given: readonly unknown[]) => unknown) : undefined;
}
