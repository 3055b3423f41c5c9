import { shown } from "../options/shown.ts";

/** Names a dependency that is not a class. Two tokens of one name are still two. */
export interface Token<T> {
  readonly name: string;
  /** Compile-time only: the type of what it stands for. */
  readonly [carries]?: T;
}

declare const carries: unique symbol;

/** Makes a token: `const Db = token<Database>("Db")`, provided as `[Db, value]`, taken with `inject(Db)`. */
export function token<T>(name: string): Token<T> {
  return Object.freeze({ name });
}

/** A class whose instances can be injected, abstract or not. */
export type InjectableClass<T> = abstract new (...args: never[]) => T;

/** What can be asked of {@link inject}: a token or a class. */
export type Injectable<T> = Token<T> | InjectableClass<T>;

/** The name of a token or class, for messages; of anything else, what it is. */
export function injectableName(key: unknown): string {
  if ((typeof key !== "object" && typeof key !== "function") || key === null) return shown(key);
  const name = "name" in key ? key.name : undefined;
  return typeof name === "string" && name !== "" ? name : "an unnamed class";
}
