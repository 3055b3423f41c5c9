import type { IncomingMessage, ServerResponse } from "node:http";
import type { SoraHost, WebToken } from "@sora/core";
import { connectionOf } from "./fetch/connection.ts";
import { FetchExchange } from "./fetch/fetch-exchange.ts";
import { toResponse } from "./fetch/to-response.ts";
import { NodeExchange } from "./node/node-exchange.ts";
import { NodeListener } from "./node/node-listener.ts";
import { writeReply } from "./node/write-reply.ts";
import { WebApp } from "./web-app.ts";
import type { WebOptions } from "./web-options.ts";

/** The control plane, to mount into a server of one's own. Its members work when taken out of it. */
export interface SoraWeb {
  /**
   * For Hono and everything else that speaks fetch. As `env` give what tells of the connection, where the server has it (in Hono `c.env`): without a token the control plane serves its own
   * machine alone, and a `Request` does not say where it comes from.
   */
  fetch(request: Request, env?: unknown): Promise<Response>;
  /** For `node:http`, Express and Fastify: the same routes and guards, without a `Request` in between. With `next`, as Express gives it, requests for paths that are no routes go on to what comes after. */
  listener(request: IncomingMessage, response: ServerResponse, next?: () => void): void;
  /**
   * For a route of one's own in the same server: holds its request to the control plane's guards (Host, page, token with `scope`, `operate` by default, and whether the host takes work).
   * True where it may go on; else it has been answered, with the problem.
   */
  admits(request: IncomingMessage, response: ServerResponse, scope?: WebToken["scope"]): boolean;
  /** The same where fetch is spoken: the answer to give, or `undefined` where the request may go on. */
  refusal(request: Request, env?: unknown, scope?: WebToken["scope"]): Response | undefined;
}

/**
 * Makes the control plane of a host that has been started. Its event streams end with the host; the server is the program's own.
 *
 * @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options; `SORA_CONFIGURATION_INVALID` where the configuration cannot work or it would stand open; `SORA_HOST_NOT_RUNNING` for a host that has not been started.
 */
export function createSoraWeb(host: SoraHost, options: WebOptions = {}): SoraWeb {
  const app = new WebApp(host, options);
  app.control.addDoor({ name: "the control plane's event streams", close: async () => app.streams.end("the host has stopped") });
  let told = app.options.tokens.length > 0 || app.control.environment === "Testing";
  const node = new NodeListener(app);
  const exchangeOf = (request: Request, env: unknown): FetchExchange => {
    const connection = connectionOf(env);
    if (connection === undefined && !told) {
      told = true;
      app.control.logger.warn(
        "The control plane has no token and is not told where requests come from: whoever reaches the server may use it. Give `fetch` the server's second argument too (in Hono, `c.env`), or set Sora:Web:Token",
      );
    }
    return new FetchExchange(request, app.options.prefix, connection);
  };
  return {
    fetch: async (request, env) => toResponse(await app.answer(exchangeOf(request, env)), request.method, request.signal),
    listener: (request, response, next) => node.listen(request, response, next),
    admits: (request, response, scope = "operate") => {
      const exchange = new NodeExchange(request, response, app.options.prefix);
      const refused = app.refuse(exchange, scope);
      if (refused !== undefined) writeReply(response, refused, exchange.method, app.options.timeouts.reply);
      return refused === undefined;
    },
    refusal: (request, env, scope = "operate") => {
      const refused = app.refuse(exchangeOf(request, env), scope);
      return refused === undefined ? undefined : toResponse(refused, request.method, request.signal);
    },
  };
}
