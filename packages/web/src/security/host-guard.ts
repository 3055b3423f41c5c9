import { refusal } from "../http/http-problem.ts";
import type { Exchange } from "../routing/exchange.ts";

const loopback = ["localhost", "127.0.0.1", "[::1]"];
const host = /^(\[[\da-f:.]{2,45}\]|[\w.-]{1,253})(?::(\d{1,5}))?$/i;

/**
 * Refuses requests for names that are not this server's, so that a page of another site cannot reach it by a name it has bound to this address (DNS
 * rebinding). Loopback names, the names allowed, and the very address the request came to are ours; ports do not matter, since a page cannot choose another's.
 */
export class HostGuard {
  readonly #allowed: ReadonlySet<string>;
  /** What was let through last: clients keep to one name. */
  #last: string | undefined = undefined;

  constructor(allowed: readonly string[]) {
    this.#allowed = new Set([...loopback, ...allowed.map(name => hostNameOf(name) ?? name.toLowerCase())]);
  }

  /** @throws HttpProblem 400 for no, several or broken `Host` headers, 421 for a foreign one. */
  check(request: Exchange): void {
    const values = request.headers("host");
    const [value] = values;
    if (values.length !== 1 || value === undefined)
      throw refusal("SORA_REQUEST_INVALID", `The request has ${values.length === 0 ? "no" : "several"} Host headers.`);
    if (value === this.#last) return;
    const name = hostNameOf(value);
    if (name === undefined) throw refusal("SORA_REQUEST_INVALID", "The Host header is not a host name with an optional port.");
    if (this.#allowed.has(name)) {
      this.#last = value;
      return;
    }
    if (request.localAddress !== undefined && name === bracketed(request.localAddress)) return;
    throw refusal("SORA_HOST_FOREIGN", `This server does not answer for "${name.slice(0, 80)}".`);
  }
}

/** The name in a `Host` value or in an option, in lower case and without its port; `undefined` where it is none. */
export function hostNameOf(value: string): string | undefined {
  const [, name, port] = host.exec(value) ?? [];
  return name === undefined || Number(port ?? 0) > 65_535 ? undefined : name.toLowerCase();
}

/** An address as it is written in `Host`. */
export function bracketed(address: string): string {
  const plain = unmapped(address);
  return plain.includes(":") ? `[${plain}]` : plain;
}

/** Whether an address is reached from this machine alone. */
export function isLoopback(address: string): boolean {
  const plain = unmapped(address);
  return plain === "localhost" || plain === "::1" || plain === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(plain);
}

/** An IPv4 address that arrives in IPv6 clothes, as itself. */
function unmapped(address: string): string {
  return address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
}
