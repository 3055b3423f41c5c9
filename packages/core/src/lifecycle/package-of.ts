import { dirname, join } from "node:path";

/** Name and version of the nearest package.json at or above the folder of `file`; `undefined` where there is none. */
export async function packageOf(file: string | undefined): Promise<{ readonly name: string; readonly version: string } | undefined> {
  if (file === undefined) return undefined;
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  for (let folder = dirname(file), above = ""; folder !== above; above = folder, folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { name?: unknown; version?: unknown };
      if (typeof name === "string") return { name, version: typeof version === "string" ? version : "0.0.0" };
    } catch {
      // none here, or not readable: look further up
    }
  }
  return undefined;
}
