import { createServer } from "node:http";
import type { Server } from "node:http";
import { createSoraWeb } from "@sora/web";
import type { SoraHost } from "@sora/core";
import { removeAbandonedUploads } from "../src/receive-upload.ts";
import { StudioFolders } from "../src/studio-folders.ts";
import { listenNear } from "./listen-near.ts";
import { createRequestListener } from "./request-listener.ts";

/** The studio's server: its own routes, and at all other paths the control plane with the status page. */
export class StudioServer {
  #server: Server | undefined;
  #url: string | undefined;

  /** Where it listens, such as `http://127.0.0.1:4310`; `undefined` where it does not. */
  get url(): string | undefined {
    return this.#url;
  }

  /**
   * Begins to listen at `Sora:Web:Address` and `Sora:Web:Port`, or the variable `PORT`; at 127.0.0.1:4310 by default. Where the port is taken it takes another and says so. Where it cannot
   * listen at all it says that, and the studio works without it.
   *
   * @throws SoraError `SORA_CONFIGURATION_INVALID` where the control plane would stand open to others, or its settings are wrong.
   */
  async listen(host: SoraHost): Promise<void> {
    const server = createServer({ headersTimeout: 10_000, requestTimeout: 120_000 }, createRequestListener(host, createSoraWeb(host)));
    const { configuration, logger } = host;
    const address = configuration.get("Sora:Web:Address", "127.0.0.1");
    const wanted = configuration.get("Sora:Web:Port", Number(process.env["PORT"] || 4310));
    await removeAbandonedUploads(host.get(StudioFolders).inbox, Date.now());
    try {
      const port = await listenNear(server, wanted, address);
      this.#server = server;
      this.#url = `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
      const instead = port === wanted || wanted === 0 ? "" : `, since port ${wanted} is taken`;
      logger.info(`The status page is at ${this.#url}/${instead}`);
    } catch (error) {
      logger.warn(`The studio has no status page and takes no uploads: it cannot listen on ${address}:${wanted}`, { error });
    }
  }

  /** Takes no more connections, and ends within half a second, whoever is still being answered or has not sent all of a request. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = this.#url = undefined;
    const closed = new Promise(resolve => server.close(resolve));
    const limit = setTimeout(() => server.closeAllConnections(), 500);
    await closed;
    clearTimeout(limit);
  }
}
