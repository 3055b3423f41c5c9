import type { CancelSignal } from "@sora/core/adapter";
import type { Principal } from "../security/principal.ts";

/** One request and what answers it may need of it, whatever server it came through. Members are worked out when first asked for. */
export interface Exchange {
  readonly method: string;
  /** As it was sent, undecoded, without the query and without what the control plane is mounted under. */
  readonly path: string;
  /** What the control plane is mounted under, as the client sees it; empty where it stands at the root. Links in answers begin with it. */
  readonly base: string;
  readonly query: URLSearchParams;
  /** A header by its lower-case name; of some that were sent twice the first, of others all, joined by ", ". */
  header(name: string): string | undefined;
  /** Every value of a header that must not be sent twice. */
  headers(name: string): readonly string[];
  /** The address the request came to, where the server knows. */
  readonly localAddress: string | undefined;
  /** The address it came from, where the server knows. */
  readonly remoteAddress: string | undefined;
  /** Reads the whole body, up to `limit` bytes. @throws HttpProblem 413 past it, at once or later; 499 where the client goes away first. */
  body(limit: number): Promise<Uint8Array>;
  /** The body, once it has been read. */
  readonly input: Uint8Array | undefined;
  /** Aborted when the client goes away before it has been answered. */
  readonly signal: CancelSignal;
}

/** An exchange that has passed the guards, on its way to its route's handler. */
export interface RoutedExchange {
  readonly request: Exchange;
  /** Decoded segments of the path by the names in the route's pattern. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What the query says, of what the route takes. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly principal: Principal;
}
