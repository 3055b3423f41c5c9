import { relative, resolve } from "node:path";
import { Configuration, SoraHost } from "@sora/core";
import { createSqliteStore } from "@sora/core/sqlite";
import { MachineLoad } from "./src/machine-load.ts";
import { StudioDatabase } from "./src/studio-database.ts";
import { StudioFolders } from "./src/studio-folders.ts";
import { StudioLog } from "./src/studio-log.ts";
import { Terminal } from "./src/terminal.ts";
import { StudioServer } from "./web/studio-server.ts";

const here = import.meta.dirname;
const terminal = new Terminal(process.stdout);
const log = new StudioLog(terminal);
const server = new StudioServer();

function openFolders(configuration: Configuration): StudioFolders {
  const folder = (key: string, fallback: string): string => resolve(here, configuration.get(key, fallback));
  return new StudioFolders(folder("Studio:Inbox", "inbox"), folder("Studio:Out", "out"));
}

const host = await SoraHost.start({
  discover: new URL("./services/", import.meta.url),
  contentRoot: here, // where appsettings.json is
  provide: [
    MachineLoad,
    [Terminal, terminal],
    [StudioServer, server],
    [StudioFolders, scope => openFolders(scope.get(Configuration))],
    [StudioDatabase, scope => new StudioDatabase(scope.get(StudioFolders).database)],
  ],
  // what has been asked for is kept here until it is done, so that even kill -9 loses nothing; others take it over when the lease is over
  store: configuration => createSqliteStore({ file: openFolders(configuration).work, lease: "4s" }),
  logger: log,
  signals: true, // Ctrl-C stops the host in order
});
log.keepIn(host.get(StudioDatabase));
const { out } = host.get(StudioFolders); // what the host made is gone once it has stopped

try {
  await server.listen(host);
} catch (error) {
  await host.stop("its server cannot be set up");
  throw error;
}

const { culprits } = await host.stopped;
await server.close();
const end = culprits.length === 0 ? "What was under way is finished." : "Not everything under way could be finished; the next start does the rest.";
terminal.print(`${end} What was made is in ${relative("", out)}.`);
