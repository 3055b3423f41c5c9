import { readFile, stat } from "node:fs/promises";
import { decodeText } from "./decode-text.ts";
import type { TextEncoding } from "./detect-file-type.ts";

/** Longer texts would keep the studio from everything else while it counts their words. */
export const longestText = 1_000_000;

/** The text in a file. Rejects where it is longer than {@link longestText} bytes. */
export async function readText(path: string, encoding: TextEncoding, signal?: AbortSignal): Promise<string> {
  const { size } = await stat(path);
  if (size > longestText) throw new Error(`The text is ${grouped(size)} bytes long; the studio reads texts of up to ${grouped(longestText)}.`);
  return decodeText(await readFile(path, { signal }), encoding);
}

function grouped(count: number): string {
  return count.toLocaleString("en");
}
