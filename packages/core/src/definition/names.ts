import { notAllowed } from "../options/not-allowed.ts";
import { shown } from "../options/shown.ts";

/** The capitals and their lower-case letters; ASCII alone, as names are. */
interface Capitals {
  A: "a";
  B: "b";
  C: "c";
  D: "d";
  E: "e";
  F: "f";
  G: "g";
  H: "h";
  I: "i";
  J: "j";
  K: "k";
  L: "l";
  M: "m";
  N: "n";
  O: "o";
  P: "p";
  Q: "q";
  R: "r";
  S: "s";
  T: "t";
  U: "u";
  V: "v";
  W: "w";
  X: "x";
  Y: "y";
  Z: "z";
}

type Letter = Capitals[keyof Capitals];
type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";

/** What a capital is preceded by, as far as it matters: a lower-case letter or digit, another capital, or neither. */
type Before = "word" | "capital" | "none";
type Hyphen<B extends Before, Rest extends string> = B extends "word" ? "-" : B extends "capital" ? (Rest extends `${Letter}${string}` ? "-" : "") : "";
type Kebab<S extends string, Done extends string, B extends Before> = S extends `${infer C}${infer Rest}`
  ? C extends keyof Capitals
    ? Kebab<Rest, `${Done}${Hyphen<B, Rest>}${Capitals[C]}`, "capital">
    : Kebab<Rest, `${Done}${C}`, C extends Letter | Digit ? "word" : "none">
  : Done;

/** The type of {@link kebabCase}: `"checkQueue"` → `"check-queue"`. Both share one table of examples in the tests. */
export type KebabCase<S extends string> = string extends S ? string : S extends Lowercase<S> ? S : Kebab<S, "", "none">;

/**
 * An action's name from its method's: a hyphen before each capital that follows a lower-case letter or digit, and
 * before the last capital of a run followed by lower case; then all lower case. `parseURL` → `parse-url`.
 */
export function kebabCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replace(/[A-Z]/g, capital => capital.toLowerCase());
}

const validName = /^[A-Za-z0-9_-]{1,64}$/;

/** Service, action and event names: ASCII letters, digits, `-` and `_`, 1 to 64 of them, so that every door can carry them unescaped. */
export function isValidName(name: unknown): name is string {
  return typeof name === "string" && validName.test(name);
}

/** @throws SoraError `SORA_OPTION_INVALID` for what no service, or no action, can be called. */
export function checkedName(of: "service" | "action", name: unknown): void {
  if (!isValidName(name)) throw notAllowed(`Cannot tell which ${of} is meant`, name, 'its name is 1 to 64 ASCII letters, digits, "-" or "_"');
}

/** What a problem says of a name that {@link isValidName} refuses. */
export function invalidNameProblem(what: string, name: unknown): string {
  return `${what} ${shown(name)} is not 1 to 64 ASCII letters, digits, "-" or "_"`;
}
