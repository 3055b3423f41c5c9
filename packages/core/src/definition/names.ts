type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type CharClass<C extends string> = C extends Digit ? "digit" : Lowercase<C> extends Uppercase<C> ? "other" : C extends Lowercase<C> ? "lower" : "upper";
type NextIsLower<R extends string> = R extends `${infer C}${string}` ? (CharClass<C> extends "lower" ? true : false) : false;
type Hyphen<Before, R extends string> = Before extends "lower" | "digit" ? "-" : Before extends "upper" ? (NextIsLower<R> extends true ? "-" : "") : "";
type Kebab<S extends string, Done extends string, Before> = S extends `${infer C}${infer R}`
  ? CharClass<C> extends "upper"
    ? Kebab<R, `${Done}${Hyphen<Before, R>}${Lowercase<C>}`, "upper">
    : Kebab<R, `${Done}${C}`, CharClass<C>>
  : Done;

/** The type of {@link kebabCase}: `"checkQueue"` → `"check-queue"`. Both share one table of examples in the tests. */
export type KebabCase<S extends string> = string extends S ? string : Kebab<S, "", "start">;

/**
 * An action's name from its method's: a hyphen before each capital that follows a lower-case letter or digit, and
 * before the last capital of a run followed by lower case; then all lower case. `parseURL` → `parse-url`.
 */
export function kebabCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}

const validName = /^[A-Za-z0-9_-]{1,64}$/;

/** Service, action and event names: ASCII letters, digits, `-` and `_`, 1 to 64 of them, so that every door can carry them unescaped. */
export function isValidName(name: unknown): name is string {
  return typeof name === "string" && validName.test(name);
}

/** What a problem says of a name that {@link isValidName} refuses. */
export function invalidNameProblem(what: string, name: unknown): string {
  const seen = typeof name === "string" ? JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name) : String(name);
  return `${what} ${seen} is not 1 to 64 ASCII letters, digits, "-" or "_"`;
}
