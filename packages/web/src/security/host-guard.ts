import { HttpProblem } from "../http/http-problem.ts";
import type { Exchange } from "../routing/exchange.ts";

const loopback = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Refuses requests for names that are not this server's, so that a page of another site cannot reach it by a name it has bound to this address (DNS
 * rebinding). Loopback names, the names allowed, and the very address the request came to are ours.
 */
export class HostGuard {
  readonly #allowed: ReadonlySet<string>;

  constructor(allowed: readonly string[]) {
    this.#allowed = new Set([...loopback, ...allowed.map(name => name.toLowerCase())]);
  }

  /** @throws HttpProblem 400 for no, several or broken `Host` headers, 421 for a foreign one. */
  check(request: Exchange): void {
    const values = request.headers("host");
    const [value] = values;
    if (values.length !== 1 || value === undefined) throw new HttpProblem(400, "SORA_REQUEST_INVALID", `The request has ${values.length === 0 ? "no" : "several"} Host headers.`);
    const name = /^(\[[\da-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.exec(value)?.[1]?.toLowerCase();
    if (name === undefined) throw new HttpProblem(400, "SORA_REQUEST_INVALID", "The Host header is not a host name.");
    if (this.#allowed.has(name) || (request.localAddress !== undefined && name === bracketed(request.localAddress))) return;
    throw new HttpProblem(421, "SORA_HOST_FOREIGN", `This server does not answer for "${name.slice(0, 80)}".`);
  }

  /** Whether `host`, without a port, is one of ours by name. */
  allows(host: string): boolean {
    return this.#allowed.has(host.toLowerCase());
  }
}

function bracketed(address: string): string {
  const plain = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
  return plain.includes(":") ? `[${plain}]` : plain;
}
