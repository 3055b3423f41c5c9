import type { Principal } from "../security/principal.ts";

/** One request and what answers it may need of it, whatever server it came through. Members are worked out when first asked for. */
export interface Exchange {
  readonly method: string;
  /** As it was sent, undecoded and without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  /** Every value of a header that must not be sent twice. */
  headers(name: string): readonly string[];
  /** The address the request came to, where the server knows: a `Host` that names it is never a rebound one. */
  readonly localAddress: string | undefined;
  /** Reads the whole body, up to `limit` bytes. @throws HttpProblem 413 past it. */
  body(limit: number): Promise<Uint8Array>;
  /** Aborted when the client goes away before it has been answered. */
  readonly signal: AbortSignal;
}

/** An exchange that has passed the guards, on its way to its route's handler. */
export interface RoutedExchange {
  readonly request: Exchange;
  /** Decoded segments of the path by the names in the route's pattern. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly principal: Principal;
}
