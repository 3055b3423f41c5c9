/** Asks one thing within a transaction of the user's own: a statement with one parameter, `$1`, and one row with one text, `answer`, in its answer. */
export type AskWithin = (text: string, parameter: string) => Promise<string>;

/** One library whose transactions can be written into. Described by what its objects have, so that none of them is needed here. */
export interface TransactionClient {
  /** As it is named in a refusal. */
  readonly name: string;
  /** Whether this is one of the library's own objects, in a transaction or not. */
  readonly knows: (candidate: object) => boolean;
  /** How to ask within it; undefined where it is no transaction. */
  readonly within: (candidate: object) => AskWithin | undefined;
}

/** The text in an answer of rows. */
export function answerIn(rows: unknown): string {
  const [row] = rows as readonly { readonly answer: unknown }[];
  return row?.answer as string;
}

export function method(candidate: object, name: string): ((...given: readonly unknown[]) => unknown) | undefined {
  const value = (candidate as Readonly<Record<string, unknown>>)[name];
  return typeof value === "function" ? (value as (...given: readonly unknown[]) => unknown) : undefined;
}
