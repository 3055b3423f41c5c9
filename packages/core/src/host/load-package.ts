import { join } from "node:path";
import { SoraError } from "../errors/sora-error.ts";

/**
 * Loads a package that this one does not depend on and that the user installs for `purpose`. It is looked for beside this package, then from the program's folder, where
 * package managers that keep packages apart put it.
 *
 * @throws SoraError `SORA_PACKAGE_MISSING`, with the command that installs it; whatever loading it throws.
 */
export async function loadPackage(name: string, purpose: string, folder: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ name);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    const { pathToFileURL } = process.getBuiltinModule("node:url");
    return await import(/* @vite-ignore */ pathToFileURL(find(name, purpose, folder, error)).href);
  }
}

function find(name: string, purpose: string, folder: string, cause: unknown): string {
  try {
    return process.getBuiltinModule("node:module").createRequire(join(folder, "package.json")).resolve(name);
  } catch {
    throw new SoraError("SORA_PACKAGE_MISSING", `Cannot ${purpose}: the package ${name} is not installed.`, {
      details: { package: name },
      fix: `npm install ${name}`,
      cause,
    });
  }
}

/** Whether it is the package itself that is not there, and not something that it loads. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  return (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND" && new RegExp(`package '?${name}'?(?![\\w/-])`).test(error.message);
}
