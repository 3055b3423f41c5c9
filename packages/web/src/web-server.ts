import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SoraError } from "@sora/core";
import type { HostWeb, SoraHost } from "@sora/core";
import type { Clock } from "@sora/core/adapter";
import { bracketed } from "./security/host-guard.ts";
import { NodeListener } from "./node/node-listener.ts";
import { WebApp } from "./web-app.ts";
import type { WebOptions } from "./web-options.ts";

/** The control plane on a server of its own. */
export interface SoraWebServer extends HostWeb, AsyncDisposable {
  /** Ends the event streams, takes no new connection, lets what is being answered be answered, and is closed within `limit` milliseconds; 5,000 by default. */
  close(limit?: number): Promise<void>;
}

/**
 * Serves the control plane of a host that has been started, on 127.0.0.1:4310 unless told otherwise. When the host stops, readiness is 503 and new work refused at once, and the
 * server closes when what was under way has drained.
 *
 * @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options; `SORA_CONFIGURATION_INVALID` where the configuration cannot work, it would stand open, or the port is taken; `SORA_HOST_NOT_RUNNING` for a host that has not been started.
 */
export async function serveSora(host: SoraHost, options: WebOptions = {}): Promise<SoraWebServer> {
  const app = new WebApp(host, options);
  const { control } = app;
  const { address, port: wanted, timeouts } = app.options;
  const node = new NodeListener(app);
  const checking = Math.min(1_000, Math.ceil(timeouts.headers / 4));
  // a missing Host is refused by the guard, with a reason; refusing it here would leave out the doubled one
  const server = createServer(
    {
      headersTimeout: timeouts.headers,
      requestTimeout: timeouts.request,
      connectionsCheckingInterval: checking,
      maxHeaderSize: 16_384,
      requireHostHeader: false,
    },
    (request, response) => node.listen(request, response),
  );
  server.on("checkContinue", (request, response) => node.listen(request, response, undefined, true));
  await listenOn(server, wanted, address);
  server.on("error", error => control.logger.error("The control plane cannot take a connection", { error })); // out of file handles, say
  const { port } = server.address() as AddressInfo;
  const url = `http://${bracketed(address)}:${port}`;
  let closing: Promise<void> | undefined;
  const close = (limit = 5_000): Promise<void> => {
    if (closing !== undefined) return closing;
    door[Symbol.dispose]();
    app.streams.end(host.lifetime.stopping.aborted ? "the host has stopped" : "the server closes");
    return (closing = closeServer(server, control.clock, limit));
  };
  const door = control.addDoor({ name: `the control plane at ${url}`, close });
  control.logger.info(`The control plane listens at ${url}`);
  return { url, port, close, [Symbol.asyncDispose]: () => close() };
}

function listenOn(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      const why = error.code === "EADDRINUSE" ? "the port is taken" : error.message;
      reject(
        new SoraError("SORA_CONFIGURATION_INVALID", `Cannot listen on ${bracketed(address)}:${port}: ${why}.`, {
          details: { address, port },
          fix: "Set Sora:Web:Port, or the option `web: { port }`, to a free port, or to 0 for any.",
          cause: error,
        }),
      );
    };
    server.once("error", refuse);
    server.listen(port, address, () => {
      server.removeListener("error", refuse);
      resolve();
    });
  });
}

function closeServer(server: Server, clock: Clock, limit: number): Promise<void> {
  return new Promise(resolve => {
    const force = clock.setTimer(() => server.closeAllConnections(), limit);
    server.close(() => {
      force.cancel();
      resolve();
    });
    server.closeIdleConnections();
  });
}
