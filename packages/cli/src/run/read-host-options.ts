import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { SoraHostOptions } from "@sora/core";
import { CliError } from "../cli-error.ts";

const names = ["sora.config.ts", "sora.config.mts", "sora.config.js", "sora.config.mjs"];

/**
 * What a folder's host is to have beside its services, such as `provide`: the default export of `sora.config.ts` (or `.mts`, `.js`, `.mjs`) in the content root, an object of
 * host options or a function that makes one. Nothing where there is no such file.
 *
 * @throws CliError where the file has no such export; whatever the file throws.
 */
export async function readHostOptions(contentRoot: string): Promise<SoraHostOptions> {
  const file = names.map(name => join(contentRoot, name)).find(path => existsSync(path));
  if (file === undefined) return {};
  const { default: given } = (await import(pathToFileURL(file).href)) as { default?: unknown };
  const options: unknown = typeof given === "function" ? await (given as () => unknown)() : given;
  if (typeof options === "object" && options !== null) return options;
  throw new CliError("SORA_CLI_FAILED", `${file} does not have the host's options as its default export.`, {
    fix: "Write: export default { provide: [] } satisfies SoraHostOptions;",
  });
}
