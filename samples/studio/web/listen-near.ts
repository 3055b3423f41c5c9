import type { Server } from "node:net";
import type { AddressInfo } from "node:net";

/** How many ports after the one that is wanted are tried before any will do. */
const neighbours = 9;

/** Listens on `port`, or where that is taken on one of those after it, or on any; returns which. Rejects where none can be listened on for another reason. */
export async function listenNear(server: Server, port: number, address: string): Promise<number> {
  const near = Array.from({ length: neighbours + 1 }, (_, index) => port + index).filter(each => each < 65_536);
  for (const candidate of port === 0 ? [] : near) {
    try {
      return await listenOn(server, candidate, address);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
  return listenOn(server, 0, address);
}

function listenOn(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
