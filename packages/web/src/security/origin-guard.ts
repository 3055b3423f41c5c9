import { HttpProblem } from "../http/http-problem.ts";
import type { Exchange } from "../routing/exchange.ts";
import type { HostGuard } from "./host-guard.ts";

/**
 * Refuses what a browser sends from another site's page: on mutations, any `Origin` but this server's own or an allowed one, and any fetch the browser itself
 * calls cross-site. Programs send neither header.
 */
export class OriginGuard {
  readonly #hosts: HostGuard;
  readonly #allowed: ReadonlySet<string>;

  constructor(hosts: HostGuard, allowed: readonly string[]) {
    this.#hosts = hosts;
    this.#allowed = new Set(allowed.map(origin => origin.toLowerCase()));
  }

  /** @throws HttpProblem 403 */
  check(request: Exchange): void {
    const site = request.header("sec-fetch-site");
    const [origin, second] = request.headers("origin");
    const allowed = origin !== undefined && second === undefined && this.#allowed.has(origin.toLowerCase());
    if (allowed) return;
    if (site !== undefined && site !== "same-origin" && site !== "none") throw new HttpProblem(403, "SORA_ORIGIN_FOREIGN", "Cross-site requests are refused.");
    if (origin !== undefined && (second !== undefined || !this.#isOwn(origin, request))) throw new HttpProblem(403, "SORA_ORIGIN_FOREIGN", `Requests from the origin ${JSON.stringify(origin.slice(0, 80))} are refused.`);
  }

  /** The page came from where the request goes. */
  #isOwn(origin: string, request: Exchange): boolean {
    try {
      const { host, hostname, protocol } = new URL(origin);
      return (protocol === "http:" || protocol === "https:") && host.toLowerCase() === request.header("host")?.toLowerCase() && (this.#hosts.allows(hostname) || request.localAddress !== undefined);
    } catch {
      return false; // "null" among others
    }
  }
}
