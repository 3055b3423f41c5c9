/**
 * The program behind `sora run <folder>`: a host of every service of the folder, its control plane beside it, until a signal stops it. It is started by {@link nodeArguments}
 * with the hook that lowers decorators; its one argument is a {@link ServeOptions} as JSON.
 */
import type { SoraHostOptions } from "@sora/core";
import { CliError } from "../cli-error.ts";
import { jsonText } from "../output/json-text.ts";
import { paintFor } from "../output/paint.ts";
import { lendSora } from "./lend-sora.ts";
import { printStartError, startErrorDocument } from "./start-error.ts";
import { readHostOptions } from "./read-host-options.ts";
import { resolveNear } from "./resolve-near.ts";

export interface ServeOptions {
  readonly folder: string;
  readonly contentRoot: string;
  readonly web: boolean;
  readonly port?: number;
  readonly debug?: boolean;
  /** Standard output is for programs: the log in JSON lines, and why a host did not start as the last of them. */
  readonly json?: boolean;
}

type Core = typeof import("@sora/core");

const { folder, contentRoot, web, port, debug, json } = JSON.parse(process.argv[2]!) as ServeOptions;

async function serve(): Promise<void> {
  lendSora();
  const { SoraHost, healthProbeScheduler } = (await import(resolveNear(folder, "@sora/core"))) as Core;
  const options = await readHostOptions(contentRoot);
  const host = await SoraHost.start({ contentRoot, signals: true, ...options, discover: [folder, ...discovered(options)], web: web && webOf(options) });
  void host.stopped.then(({ exitCode }) => (process.exitCode ??= exitCode));
  if (host.list().some(({ name }) => name !== healthProbeScheduler.name)) return;
  await host.stop("there is nothing to run");
  throw new CliError("SORA_CLI_FAILED", `There are no services in ${folder}.`, {
    fix: "Services are exported by files named *.service.ts or *.service.js; `sora new service <Name>` writes one.",
  });
}

/** What is no folder, or no options, passes as it is, so that the host says what is wrong with it. */
function discovered({ discover = [] }: SoraHostOptions): readonly (URL | string)[] {
  return Array.isArray(discover) ? (discover as readonly (URL | string)[]) : [discover as URL | string];
}

function webOf({ web: given = true }: SoraHostOptions): NonNullable<SoraHostOptions["web"]> {
  if (given !== true && (typeof given !== "object" || given === null)) return given;
  return { ...(given === true ? undefined : given), ...(port === undefined ? undefined : { port }) };
}

if (json === true) process.env["Sora__Logging__Format"] = "json";
try {
  await serve();
} catch (error) {
  if (json === true) process.stdout.write(jsonText(startErrorDocument(error), process.stdout));
  if (json !== true || debug === true) process.stderr.write(printStartError(error, paintFor(process.stderr, process.env), debug === true));
  process.exitCode = 1;
}
