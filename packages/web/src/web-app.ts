import { controlOf } from "@sora/core/adapter";
import { problemReply, refusal } from "./http/http-problem.ts";
import { jsonText } from "./http/json-text.ts";
import { toProblem } from "./http/to-problem.ts";
import { readQuery } from "./routing/read-query.ts";
import { Router } from "./routing/router.ts";
import { routeTable } from "./route-table.ts";
import { resolveWebOptions } from "./resolve-web-options.ts";
import { AuditLog } from "./security/audit-log.ts";
import { HostGuard } from "./security/host-guard.ts";
import { OriginGuard } from "./security/origin-guard.ts";
import { permits, stranger } from "./security/principal.ts";
import { TokenGuard } from "./security/token-guard.ts";
import { EventStreams } from "./streams/event-streams.ts";
import type { SoraHost, WebToken } from "@sora/core";
import type { HostControl } from "@sora/core/adapter";
import type { HttpProblem } from "./http/http-problem.ts";
import type { Exchange } from "./routing/exchange.ts";
import type { FinalReply, Reply, ReplyHeaders } from "./routing/reply.ts";
import type { Route } from "./routing/route.ts";
import type { Match } from "./routing/router.ts";
import type { Principal, Scope } from "./security/principal.ts";
import type { ResolvedWebOptions, WebOptions } from "./web-options.ts";

/** One request on its way: what the guards have found out, for the audit line and the answer. */
interface Passage {
  readonly request: Exchange;
  route: Route | undefined;
  principal: Principal;
}

/**
 * The control plane of one host, whatever carries its requests: every one passes the same guards, in the same order (is it for this server; does it come from a page that may
 * ask; who asks, and may he; does the host take work), to one table of routes.
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
  readonly #audit: AuditLog;
  readonly #stopping: AbortSignal;

  /** @throws SoraError as {@link resolveWebOptions} does. */
  constructor(host: SoraHost, options: WebOptions = {}) {
    const control = controlOf(host);
    this.control = control;
    this.options = resolveWebOptions(options, { configuration: control.configuration, environment: control.environment, variables: process.env });
    this.#tokens = new TokenGuard(this.options.tokens);
    this.#hosts = new HostGuard(this.options.allowedHosts);
    this.#origins = new OriginGuard(this.options.allowedOrigins);
    this.#audit = new AuditLog(control.logger);
    this.#stopping = control.lifetime.stopping;
    this.streams = new EventStreams(control, this.options.streams);
    this.routes = routeTable(control, this.options, this.streams, this.#audit);
    this.#router = new Router(this.routes);
  }

  /** Whether a path is one of the control plane's, whatever the method. */
  has(request: Exchange): boolean {
    return this.#router.match(request.method, request.path).kind !== "none";
  }

  /** Answers one request. Never rejects. */
  answer(request: Exchange): Promise<FinalReply> {
    return new Promise(resolve => this.respond(request, resolve));
  }

  /** Answers one request by calling `write`, once: at once where it can. Never throws, as long as `write` does not. */
  respond(request: Exchange, write: (reply: FinalReply) => void): void {
    const passage: Passage = { request, route: undefined, principal: stranger };
    const outcome = this.#begin(passage);
    if (outcome instanceof Promise)
      outcome.then(
        reply => write(this.#finish(passage, reply)),
        (error: unknown) => write(this.#refuse(passage, error)),
      );
    else write(outcome);
  }

  /** Holds a request for a route of the program's own to the guards: gives the refusal, or `undefined` where it may go on. */
  refuse(request: Exchange, scope: WebToken["scope"]): FinalReply | undefined {
    const passage: Passage = { request, route: undefined, principal: stranger };
    try {
      this.#hosts.check(request);
      passage.principal = this.#tokens.identify(request);
      this.#admit(request, passage.principal, scope);
      return undefined;
    } catch (error) {
      return this.#refuse(passage, error);
    }
  }

  /** Takes a request past the guards to its route. */
  #begin(passage: Passage): FinalReply | Promise<Reply> {
    const { request } = passage;
    try {
      const match = this.#router.match(request.method, request.path);
      if (match.kind === "route") passage.route = match.route;
      this.#hosts.check(request);
      if (match.kind !== "route") return this.#lost(passage, match);
      const { route } = match;
      passage.principal = this.#tokens.identify(request);
      if (route.scope !== "open") this.#admit(request, passage.principal, route.scope);
      const query = route.scope === "open" ? {} : readQuery(request, route.query); // a probe is to tell how the host is, whatever is added to it
      const outcome = route.handle({ request, parameters: match.parameters, query, principal: passage.principal });
      return outcome instanceof Promise ? outcome : this.#finish(passage, outcome);
    } catch (error) {
      return this.#refuse(passage, error);
    }
  }

  #admit(request: Exchange, principal: Principal, scope: Scope): void {
    this.#origins.check(request);
    if (principal.scope === "open") throw refusal("SORA_TOKEN_REQUIRED", this.#tokenNeeded(), undefined, { "www-authenticate": 'Bearer realm="sora"' });
    if (!permits(principal.scope, scope))
      throw refusal("SORA_SCOPE_REQUIRED", `This needs the scope "${scope}"; the token has "${principal.scope}".`, undefined, {
        "www-authenticate": `Bearer realm="sora", error="insufficient_scope", scope="${scope}"`,
      });
    if (this.#stopping.aborted && request.method !== "GET" && request.method !== "HEAD")
      throw refusal("SORA_HOST_UNREADY", "The host is stopping and takes no new work.", undefined, { connection: "close" });
  }

  #tokenNeeded(): string {
    return this.options.tokens.length > 0
      ? "A valid bearer token is required."
      : "Without a token the control plane serves this machine alone; set Sora:Web:Token to let others in.";
  }

  /** The answer to a path that is no route, or not with this method. */
  #lost(passage: Passage, match: Exclude<Match, { kind: "route" }>): FinalReply {
    if (match.kind === "none") throw refusal("SORA_ROUTE_UNKNOWN", "There is nothing at this path.");
    const methods = match.allowed.join(", ");
    const preflight = this.#origins.preflight(passage.request, match.allowed);
    if (preflight !== undefined) return { kind: "text", status: 204, type: "", body: "", headers: preflight };
    throw refusal("SORA_METHOD_NOT_ALLOWED", `This path takes ${methods}.`, undefined, { allow: methods });
  }

  /** Makes the reply ready to be written, and notes a mutation. */
  #finish(passage: Passage, reply: Reply): FinalReply {
    try {
      const final = this.#withHeaders(passage.request, inText(reply));
      if (isMutation(passage))
        this.#audit.write(passage.request, passage.principal, {
          status: final.status,
          correlationId: final.headers?.["x-correlation-id"],
          location: final.headers?.["location"],
        });
      return final;
    } catch (error) {
      return this.#refuse(passage, error);
    }
  }

  #refuse(passage: Passage, error: unknown): FinalReply {
    const problem = toProblem(error);
    const { request, principal } = passage;
    if (problem.status === 500) this.#log(request, problem);
    if (isMutation(passage)) this.#audit.write(request, principal, { status: problem.status, code: problem.code, correlationId: problem.extra.correlationId });
    return this.#withHeaders(request, this.#shown(passage, problem));
  }

  #shown({ request, route }: Passage, problem: HttpProblem): FinalReply {
    try {
      return route?.refuse?.(request, problem) ?? inText(problemReply(problem));
    } catch (error) {
      return inText(problemReply(toProblem(error)));
    }
  }

  #log(request: Exchange, problem: HttpProblem): void {
    const { code, extra, cause } = problem;
    const line = { method: request.method, path: request.path.slice(0, 300), code, correlationId: extra.correlationId, error: cause ?? problem };
    try {
      this.control.logger.error("A request failed", line);
    } catch {
      // a logger of the program's own that throws must not take the answer with it
    }
  }

  /** Headers that do not depend on the route: for pages of allowed origins, and for connections that a stop is going to end. */
  #withHeaders(request: Exchange, reply: FinalReply): FinalReply {
    const cors = this.#origins.headersFor(request);
    const closing: ReplyHeaders | undefined = this.#stopping.aborted && reply.kind === "text" ? { connection: "close" } : undefined;
    return cors === undefined && closing === undefined ? reply : { ...reply, headers: { ...reply.headers, ...cors, ...closing } };
  }
}

function isMutation({ route }: Passage): boolean {
  return route !== undefined && route.method !== "GET";
}

function inText(reply: Reply): FinalReply {
  if (reply.kind !== "json") return reply;
  const { status, body, headers, type = "application/json" } = reply;
  return { kind: "text", status, type, body: jsonText(body) ?? "null", ...(headers === undefined ? undefined : { headers }) };
}
