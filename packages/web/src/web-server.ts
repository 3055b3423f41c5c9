import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SoraError } from "@sora/core";
import type { SoraHost } from "@sora/core";
import { FetchExchange } from "./fetch/fetch-exchange.ts";
import { toResponse } from "./fetch/to-response.ts";
import { NodeExchange } from "./node/node-exchange.ts";
import { writeReply } from "./node/write-reply.ts";
import { WebApp } from "./web-app.ts";
import type { WebOptions } from "./web-options.ts";

/** The control plane to mount into a server of one's own. */
export interface SoraWeb {
  /** For Hono, Next.js and everything else that speaks fetch. `path` is given where a framework has stripped a mount path from the URL. */
  fetch(request: Request, path?: string): Promise<Response>;
  /** For `node:http`, Express and Fastify: the same routes and guards, without a `Request` in between. */
  listener(request: IncomingMessage, response: ServerResponse): void;
}

/** Makes the control plane of a started host. @throws SoraError `SORA_CONFIGURATION_INVALID` where it would stand open. */
export function createSoraWeb(host: SoraHost, options: WebOptions = {}): SoraWeb {
  const app = new WebApp(host, options);
  return { fetch: async (request, path) => toResponse(await app.answer(new FetchExchange(request, path)), request.method, request.signal), listener: (request, response) => listen(app, request, response) };
}

function listen(app: WebApp, request: IncomingMessage, response: ServerResponse): void {
  const method = request.method ?? "GET";
  void app.answer(new NodeExchange(request, response)).then(reply => writeReply(response, reply, method));
}

/** A server of its own. */
export interface SoraWebServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Takes no new connection, lets what is under way finish, closes streams, and is closed within `limit` milliseconds. */
  close(limit?: number): Promise<void>;
}

const headersWithin = 10_000;

/**
 * Serves the control plane of a started host, on 127.0.0.1:4310 unless told otherwise. It closes itself when the host has stopped; from the moment the stop begins
 * readiness is 503.
 *
 * @throws SoraError `SORA_CONFIGURATION_INVALID` where it would stand open or the port is taken.
 */
export async function serveSora(host: SoraHost, options: WebOptions = {}): Promise<SoraWebServer> {
  const app = new WebApp(host, options);
  const server = createServer({ headersTimeout: headersWithin, requestTimeout: 60_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384, requireHostHeader: false }, (request, response) => listen(app, request, response));
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    else socket.destroy();
  });
  await listenOn(server, app.options.port, app.options.address);
  const { port } = server.address() as AddressInfo;
  const name = app.options.address.includes(":") ? `[${app.options.address}]` : app.options.address;
  app.control.logger.info(`The control plane listens at http://${name}:${port}`);
  const end = (limit?: number): Promise<void> => {
    app.streams.end("the server closes");
    return close(server, limit);
  };
  const web: SoraWebServer = { url: `http://${name}:${port}`, port, close: end, [Symbol.asyncDispose]: () => end() };
  void host.stopped.then(() => web.close(1_000));
  return web;
}

function listenOn(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the port is taken" : error.message;
      reject(new SoraError("SORA_CONFIGURATION_INVALID", `Cannot listen on ${address}:${port}: ${why}.`, { details: { address, port }, fix: "Set Sora:Web:Port to a free port, or 0 for any.", cause: error }));
    });
    server.listen(port, address, resolve);
  });
}

function close(server: Server, limit = 5_000): Promise<void> {
  return new Promise(resolve => {
    const force = setTimeout(() => server.closeAllConnections(), limit);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
