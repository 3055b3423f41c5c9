import { hash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "./host-guard.ts";
import { stranger } from "./principal.ts";
import type { WebToken } from "@sora/core";
import type { Exchange } from "../routing/exchange.ts";
import type { Principal } from "./principal.ts";

const longest = 4_096;
const anybodyHere: Principal = Object.freeze({ name: "anybody on this machine", scope: "admin" });

/** Tells callers by their bearer token, comparing in constant time; where there are no tokens, by their being on this machine. */
export class TokenGuard {
  readonly #tokens: readonly { readonly digest: Buffer; readonly principal: Principal }[];

  constructor(tokens: readonly WebToken[]) {
    this.#tokens = tokens.map(({ token, scope, name }) => ({ digest: digestOf(token), principal: Object.freeze({ name: name ?? scope, scope }) }));
  }

  /** The caller; a stranger where the credentials are none of ours. */
  identify(request: Exchange): Principal {
    if (this.#tokens.length === 0) return isLocal(request) ? anybodyHere : stranger;
    const values = request.headers("authorization");
    const [header] = values;
    if (values.length !== 1 || header === undefined || header.length > longest) return stranger;
    if (header.slice(0, 7).toLowerCase() !== "bearer ") return stranger;
    const digest = digestOf(header.slice(7).trim());
    let found = stranger;
    // digests are of one length and every one is compared, so that the time tells neither which token was near nor how near
    for (const known of this.#tokens) if (timingSafeEqual(known.digest, digest)) found = known.principal;
    return found;
  }
}

/** Whether a request comes from this very machine: both ends are loopback addresses, as far as the server knows them, and nothing passes it on for somebody else. */
function isLocal(request: Exchange): boolean {
  const { localAddress, remoteAddress } = request;
  if (localAddress !== undefined && !isLoopback(localAddress)) return false;
  if (remoteAddress !== undefined && !isLoopback(remoteAddress)) return false;
  return request.header("x-forwarded-for") === undefined && request.header("forwarded") === undefined;
}

function digestOf(token: string): Buffer {
  return hash("sha256", token, "buffer");
}
