import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The URL of an entry of Sora's packages, as the project around `folder` has it, else as this package does; so that a project runs on its own version. */
export function resolveNear(folder: string, specifier: string): string {
  try {
    return pathToFileURL(createRequire(join(folder, "anything.js")).resolve(specifier)).href;
  } catch {
    return import.meta.resolve(specifier);
  }
}
