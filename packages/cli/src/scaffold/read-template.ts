import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const templates = fileURLToPath(new URL("../../templates", import.meta.url));

/** The files of a template: text by path, with "/" between its parts. */
export async function readTemplate(name: string): Promise<ReadonlyMap<string, string>> {
  const folder = join(templates, name);
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).split(sep).join("/"), await readFile(path, "utf8"));
  }
  return files;
}
