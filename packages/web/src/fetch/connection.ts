/** The two ends of a request's connection, as far as they are known. */
export interface Connection {
  readonly localAddress: string | undefined;
  readonly remoteAddress: string | undefined;
}

/**
 * The connection of a request that Hono's Node server, or one that does as it does, hands to a fetch handler: its second argument has Node's request as `incoming`. A `Request` itself does not
 * say where it comes from.
 */
export function connectionOf(env: unknown): Connection | undefined {
  if (typeof env !== "object" || env === null || !("incoming" in env)) return undefined;
  const { incoming } = env as { readonly incoming?: { readonly socket?: Partial<Connection> } };
  const socket = incoming?.socket;
  return typeof socket !== "object" ? undefined : { localAddress: socket.localAddress, remoteAddress: socket.remoteAddress };
}
