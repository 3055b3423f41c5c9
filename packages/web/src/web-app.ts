import { SoraError } from "@sora/core";
import type { SoraHost } from "@sora/core";
import { controlOf } from "@sora/core/adapter";
import type { HostControl } from "@sora/core/adapter";
import { audit } from "./security/audit.ts";
import { HostGuard } from "./security/host-guard.ts";
import { OriginGuard } from "./security/origin-guard.ts";
import { permits } from "./security/principal.ts";
import { TokenGuard } from "./security/token-guard.ts";
import { HttpProblem, problemReply } from "./http/http-problem.ts";
import { toProblem } from "./http/to-problem.ts";
import { Router } from "./routing/router.ts";
import { routeTable } from "./route-table.ts";
import { EventStreams } from "./streams/event-streams.ts";
import { isLoopback, resolveWebOptions } from "./resolve-web-options.ts";
import type { Exchange } from "./routing/exchange.ts";
import type { Reply } from "./routing/reply.ts";
import type { Route } from "./routing/route.ts";
import type { Principal } from "./security/principal.ts";
import type { ResolvedWebOptions, WebOptions } from "./web-options.ts";

/**
 * The control plane of one host, whatever carries its requests: every one passes the same guards, in the same order, to one table of routes.
 */
export class WebApp {
  readonly control: HostControl;
  readonly options: ResolvedWebOptions;
  readonly routes: readonly Route[];
  readonly streams: EventStreams;
  readonly #router: Router;
  readonly #hosts: HostGuard;
  readonly #origins: OriginGuard;
  readonly #tokens: TokenGuard;

  constructor(host: SoraHost, options: WebOptions = {}) {
    this.control = controlOf(host);
    this.options = resolveWebOptions(options, this.control.configuration, process.env);
    const open = this.control.environment !== "Production" && isLoopback(this.options.address);
    if (this.options.tokens.length === 0 && !open) throw tokenMissing(this.control.environment, this.options.address);
    this.#tokens = new TokenGuard(this.options.tokens, open ? { name: "anybody on this machine", scope: "admin" } : undefined);
    this.#hosts = new HostGuard(this.options.allowedHosts);
    this.#origins = new OriginGuard(this.#hosts, this.options.allowedOrigins);
    this.streams = new EventStreams(this.control, this.options.streams);
    this.routes = routeTable(this.control, this.options, this.streams);
    this.#router = new Router(this.routes);
    void host.stopped.then(() => this.streams.end("the host has stopped"));
  }

  /** Answers one request. Never rejects. */
  async answer(request: Exchange): Promise<Reply> {
    let route: Route | undefined;
    let principal: Principal | undefined;
    try {
      this.#hosts.check(request);
      const match = this.#router.match(request.method, request.path);
      if (match.kind === "none") throw new HttpProblem(404, "SORA_ROUTE_UNKNOWN", "There is nothing at this path.");
      if (match.kind === "wrong method") throw new HttpProblem(405, "SORA_METHOD_NOT_ALLOWED", `This path takes ${match.allowed.join(", ")}.`, {}, { allow: match.allowed.join(", ") });
      ({ route } = match);
      if (route.method !== "GET") this.#origins.check(request);
      principal = this.#admit(route, request);
      const reply = await route.handle({ request, parameters: match.parameters, principal });
      if (route.method !== "GET") audit(this.control, request, principal, reply.status);
      return reply;
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === "SORA_ACTION_FAILED" || problem.status === 500) this.control.logger.error("A request failed", { path: request.path, error });
      if (route !== undefined && route.method !== "GET") audit(this.control, request, principal, problem.status, problem.code);
      return problemReply(problem);
    }
  }

  #admit(route: Route, request: Exchange): Principal {
    if (route.scope === "open") return { name: "anybody", scope: "open" };
    const principal = this.#tokens.identify(request.headers("authorization"));
    if (principal === undefined) throw new HttpProblem(401, "SORA_TOKEN_REQUIRED", "A valid bearer token is required.", {}, { "www-authenticate": 'Bearer realm="sora"' });
    if (!permits(principal.scope, route.scope)) throw new HttpProblem(403, "SORA_SCOPE_REQUIRED", `This needs the scope "${route.scope}"; the token has "${principal.scope}".`);
    return principal;
  }
}

function tokenMissing(environment: string, address: string): SoraError {
  const why = environment === "Production" ? "in Production" : `at ${address}, which others can reach`;
  return new SoraError("SORA_CONFIGURATION_INVALID", `Cannot serve the control plane ${why} without a token.`, {
    details: { key: "Sora:Web:Token", environment, address },
    fix: "Set Sora:Web:Token (the variable Sora__Web__Token), or listen on 127.0.0.1 outside Production.",
  });
}
