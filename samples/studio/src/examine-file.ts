import { open } from "node:fs/promises";
import { bytesToDetect, detectFileType } from "./detect-file-type.ts";
import type { FileType } from "./detect-file-type.ts";
import { hashFile } from "./hash-file.ts";

export interface ExaminedFile {
  readonly type: FileType;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a file is, how long, and its hash; of any length, since it is not read into memory. */
export async function examineFile(path: string, signal?: AbortSignal): Promise<ExaminedFile> {
  await using file = await open(path);
  const { size } = await file.stat();
  const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, bytesToDetect)), 0);
  return { type: detectFileType(buffer.subarray(0, bytesRead)), bytes: size, sha256: await hashFile(path, signal) };
}
