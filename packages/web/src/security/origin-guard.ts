import { refusal } from "../http/http-problem.ts";
import type { Exchange } from "../routing/exchange.ts";
import type { ReplyHeaders } from "../routing/reply.ts";

/**
 * Refuses what a browser sends from another site's page: any `Origin` but this server's own or an allowed one, and any fetch that the browser itself calls cross-site. Programs
 * send neither header. Questions are refused like mutations, since a page that may not read the answer has no use for it, and a stream costs a place; only following a link
 * here from another site is let through. Pages of allowed origins get the CORS headers they need; nobody else gets any.
 */
export class OriginGuard {
  readonly #allowed: ReadonlySet<string>;

  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed.map(origin => origin.toLowerCase()));
  }

  /** @throws HttpProblem 403 */
  check(request: Exchange): void {
    const origin = request.header("origin");
    const site = request.header("sec-fetch-site");
    if (origin === undefined && site === undefined) return;
    const origins = request.headers("origin");
    if (origins.length > 1) throw refusal("SORA_ORIGIN_FOREIGN", "The request has several Origin headers.");
    if (origin !== undefined && this.#allowed.has(origin.toLowerCase())) return;
    if (site !== undefined && site !== "same-origin" && site !== "none" && !followsLink(request))
      throw refusal("SORA_ORIGIN_FOREIGN", "Cross-site requests are refused.");
    if (origin !== undefined && !isOwn(origin, request.header("host")))
      throw refusal("SORA_ORIGIN_FOREIGN", `Requests from the origin ${JSON.stringify(origin.slice(0, 80))} are refused.`);
  }

  /** What an answer to a page of an allowed origin carries; `undefined` for everybody else. */
  headersFor(request: Exchange): ReplyHeaders | undefined {
    if (this.#allowed.size === 0) return undefined;
    const [origin, second] = request.headers("origin");
    if (origin === undefined || second !== undefined || !this.#allowed.has(origin.toLowerCase())) return { vary: "Origin" };
    return {
      "access-control-allow-origin": origin,
      "access-control-expose-headers": "Location, Retry-After, X-Correlation-Id, Idempotency-Replayed",
      "cross-origin-resource-policy": "cross-origin",
      vary: "Origin",
    };
  }

  /** The answer to a browser that asks whether a page may send a request; `undefined` where it asks nothing, or may not. */
  preflight(request: Exchange, methods: readonly string[]): ReplyHeaders | undefined {
    const headers = this.headersFor(request);
    if (request.method !== "OPTIONS" || headers?.["access-control-allow-origin"] === undefined || request.header("access-control-request-method") === undefined)
      return undefined;
    return {
      ...headers,
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer, Traceparent, Tracestate, X-Correlation-Id",
      "access-control-max-age": "600",
    };
  }
}

/** A person follows a link to a page of ours: the one cross-site request that does no harm. */
function followsLink(request: Exchange): boolean {
  return (
    (request.method === "GET" || request.method === "HEAD") &&
    request.header("sec-fetch-mode") === "navigate" &&
    request.header("sec-fetch-dest") === "document"
  );
}

/** The page came from where the request goes, whose name the host guard has let through. */
function isOwn(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.protocol !== "http:" && page.protocol !== "https:") return false; // "null" is not even a URL
  const here = `${page.protocol}//${host}`;
  return page.origin === origin.toLowerCase() && URL.canParse(here) && page.host === new URL(here).host;
}
