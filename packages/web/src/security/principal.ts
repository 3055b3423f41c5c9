/** What a caller may do: each scope includes those before it. `open` is for routes that ask nobody. */
export type Scope = "open" | "read" | "operate" | "admin";

/** Who a request comes from, as far as its token tells. */
export interface Principal {
  /** For audit lines; never the token. */
  readonly name: string;
  readonly scope: Scope;
}

/** Somebody of whom nothing is known. */
export const stranger: Principal = Object.freeze({ name: "nobody", scope: "open" });

const ranks: Readonly<Record<Scope, number>> = { open: 0, read: 1, operate: 2, admin: 3 };

/** Whether a caller of `scope` may use a route that asks for `needed`. */
export function permits(scope: Scope, needed: Scope): boolean {
  return ranks[scope] >= ranks[needed];
}
