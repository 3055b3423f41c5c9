import { join, resolve } from "node:path";
import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { isServiceClass } from "../definition/definition-of.ts";
import { isServiceDefinition } from "../definition/service-definition.ts";
import type { ServiceSource } from "./host-options.ts";

/**
 * Loads every `*.service.ts` and `*.service.js` (and `.mts`, `.mjs`) below `folder`, in the order of their paths, and returns each definition they export:
 * definitions, and classes with a service decorator of their own that is not `abstract`. `node_modules` is left out.
 *
 * @throws SoraError `SORA_DISCOVERY_FAILED` with every file that could not be loaded.
 */
export async function discoverServices(folder: URL | string): Promise<ServiceSource[]> {
  const { fileURLToPath, pathToFileURL } = process.getBuiltinModule("node:url");
  const root = folder instanceof URL ? fileURLToPath(folder) : resolve(folder);
  if (!(await isFolder(root)))
    throw new SoraError("SORA_DISCOVERY_FAILED", `Cannot discover services in ${root}: there is no such folder.`, {
      details: { folder: root },
      fix: 'Give `discover` the folder of your *.service.ts files: new URL("./services/", import.meta.url).',
    });
  const files: string[] = [];
  for await (const file of process
    .getBuiltinModule("node:fs/promises")
    .glob("**/*.service.{ts,mts,js,mjs}", { cwd: root, exclude: name => name === "node_modules" }))
    files.push(join(root, file));
  const found: ServiceSource[] = [];
  const failures: string[] = [];
  for (const file of files.sort()) {
    try {
      const exports = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
      for (const value of Object.values(exports))
        if ((isServiceDefinition(value) || isServiceClass(value)) && !found.includes(value as ServiceSource)) found.push(value as ServiceSource);
    } catch (error) {
      const place = placeOf(error);
      failures.push(`${file}: ${describeError(error)}${place === undefined ? "" : ` at ${place.at}`}${await hint(place?.file ?? file, error)}`);
    }
  }
  if (failures.length > 0)
    throw new SoraError(
      "SORA_DISCOVERY_FAILED",
      `Cannot load ${failures.length} of ${files.length} service files:\n${failures.map(failure => `  - ${failure}`).join("\n")}`,
      { details: { folder: root, failures } },
    );
  return found;
}

/** Where Node has stopped reading, which may be in a file that the service imports: it says so on top of the stack alone. */
function placeOf(error: unknown): { readonly at: string; readonly file: string } | undefined {
  if (!(error instanceof SyntaxError)) return undefined;
  const [at, file] = /^(?:file:\/\/)?(\S.*):\d+(?=\r?\n)/.exec(error.stack ?? "") ?? [];
  return at === undefined || file === undefined ? undefined : { at, file };
}

/** Node strips types and does no more: its parser stumbles over a decorator's `@`, and it refuses enums and the like by name. */
async function hint(file: string, error: unknown): Promise<string> {
  if (!(error instanceof SyntaxError)) return "";
  const text = await process
    .getBuiltinModule("node:fs/promises")
    .readFile(file, "utf8")
    .catch(() => "");
  if (!/^[ \t]*@[\w$]/m.test(text) && !error.message.includes("strip-only")) return "";
  return " (Node alone compiles no decorators, enums or the like; run the program with `node --import @sora/core/register`)";
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await process.getBuiltinModule("node:fs/promises").stat(path)).isDirectory();
  } catch {
    return false;
  }
}
