import { createHash, timingSafeEqual } from "node:crypto";
import type { Principal, Scope } from "./principal.ts";

/** A token and what its bearer may do. */
export interface WebToken {
  /** For audit lines. Default: the scope. */
  readonly name?: string;
  readonly token: string;
  readonly scope: Exclude<Scope, "open">;
}

const longest = 4_096;

/** Tells callers by their bearer token, comparing in constant time. */
export class TokenGuard {
  readonly #tokens: readonly { readonly digest: Buffer; readonly principal: Principal }[];
  readonly #anybody: Principal | undefined;

  /** Without tokens everybody is `anybody`, or nobody where that is `undefined`. */
  constructor(tokens: readonly WebToken[], anybody: Principal | undefined) {
    this.#tokens = tokens.map(({ token, scope, name }) => ({ digest: digestOf(token), principal: { name: name ?? scope, scope } }));
    this.#anybody = tokens.length === 0 ? anybody : undefined;
  }

  /** The caller, or `undefined` where the credentials are none of ours. `values` are all `Authorization` headers. */
  identify(values: readonly string[]): Principal | undefined {
    if (this.#anybody !== undefined) return this.#anybody;
    const [header] = values;
    if (values.length !== 1 || header === undefined || header.length > longest) return undefined;
    const token = /^Bearer +([\w~+/.=-]+) *$/i.exec(header)?.[1];
    if (token === undefined) return undefined;
    const digest = digestOf(token);
    let found: Principal | undefined;
    // every token is compared, so that the time does not tell which one was near
    for (const known of this.#tokens) if (timingSafeEqual(known.digest, digest)) found = known.principal;
    return found;
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
