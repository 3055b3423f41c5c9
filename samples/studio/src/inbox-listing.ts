import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface InboxEntry {
  readonly name: string;
  readonly bytes: number;
  /** Changes whenever the file's content may have, or who may read it. */
  readonly stamp: string;
}

/** The files in `folder`, not those in folders below it, by name. Names that begin with a dot are left out: they are a system's or an editor's own. */
export async function listInbox(folder: string): Promise<readonly InboxEntry[]> {
  const names = (await readdir(folder)).filter(name => !name.startsWith("."));
  const entries = await Promise.all(names.sort().map(name => readEntry(folder, name)));
  return entries.filter(entry => entry !== undefined);
}

async function readEntry(folder: string, name: string): Promise<InboxEntry | undefined> {
  try {
    const file = await stat(join(folder, name));
    return file.isFile() ? { name, bytes: file.size, stamp: `${file.size} ${file.mtimeMs} ${file.ctimeMs}` } : undefined;
  } catch {
    return undefined; // gone since the folder was read, or a link to nothing
  }
}
