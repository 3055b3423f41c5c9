import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "../cli-error.ts";
import { resolveNear } from "./resolve-near.ts";
import type { RunFlags, RunTarget } from "./run-target.ts";
import type { ServeOptions } from "./serve-services.ts";

/** The URL of a module of this package, as it stands here: a source in the repository, what was built of it elsewhere. */
export function ownModule(path: string): string {
  const built = import.meta.url.endsWith(".js");
  return new URL(built ? path.replace(/\.ts$/, ".js") : path, import.meta.url).href;
}

/**
 * What Node is called with to run `target`: the hook that lowers decorators, as the project has it, and whatever else is to be loaded before; then the program, which for a
 * folder is this package's own.
 *
 * @throws CliError of usage for an option that a program does not take, and for arguments, which a folder does not.
 */
export function nodeArguments(target: RunTarget, args: readonly string[], { port, web, debug, json }: RunFlags, preload: readonly string[] = []): string[] {
  const near = target.kind === "folder" ? target.folder : dirname(target.file);
  const imports = [resolveNear(near, "@sora/core/register"), ...preload].flatMap(url => ["--import", url]);
  if (target.kind === "program") {
    if (port === undefined && web) return [...imports, target.file, ...args];
    throw new CliError("SORA_CLI_USAGE", `${web ? "--port" : "--no-web"} is for a folder.`, {
      fix: "A program says itself what it serves; the variable PORT tells it a port, and what stands after -- is its own.",
    });
  }
  if (args.length > 0)
    throw new CliError("SORA_CLI_USAGE", `A folder takes no arguments, and was given ${args.map(arg => JSON.stringify(arg)).join(" ")}.`, {
      fix: "Give what its services need in appsettings.json or in variables; a program has arguments of its own.",
    });
  const options: ServeOptions = {
    folder: target.folder,
    contentRoot: target.contentRoot,
    web,
    ...(port === undefined ? undefined : { port }),
    ...(debug === true ? { debug } : undefined),
    ...(json === true ? { json } : undefined),
  };
  return [...imports, fileURLToPath(ownModule("./serve-services.ts")), JSON.stringify(options)];
}
