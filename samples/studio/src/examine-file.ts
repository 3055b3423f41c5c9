import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { bytesToDetect, detectFileType } from "./detect-file-type.ts";
import type { FileType } from "./detect-file-type.ts";

export interface ExaminedFile {
  readonly type: FileType;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/**
 * What a file is, how long, and its hash; of any length, since it is read piece by piece. All three are told from one reading: of a file that is still being written, a type from
 * before and a hash from after would stay together for good.
 */
export async function examineFile(path: string, signal?: AbortSignal): Promise<ExaminedFile> {
  const hash = createHash("sha256");
  const start = Buffer.alloc(bytesToDetect);
  let bytes = 0;
  const look = async (parts: AsyncIterable<Buffer>): Promise<void> => {
    for await (const part of parts) {
      if (bytes < bytesToDetect) part.copy(start, bytes);
      bytes += part.length;
      hash.update(part);
    }
  };
  await pipeline(createReadStream(path), look, signal === undefined ? {} : { signal });
  return { type: detectFileType(start.subarray(0, bytes)), bytes, sha256: hash.digest("hex") };
}
