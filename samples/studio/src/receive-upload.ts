import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { Busboy } from "@fastify/busboy";
import type { BusboyInstance } from "@fastify/busboy";
import { HttpRefusal } from "./http-refusal.ts";

export interface UploadOptions {
  /** Where the file is written; the inbox passes over hidden files, so it may be that. */
  readonly folder: string;
  /** The field of the form that the file is in. */
  readonly field: string;
  /** Bytes that the file may have. */
  readonly limit: number;
}

/** A file that is on the disk, under a name of ours. */
export interface ReceivedUpload {
  readonly path: string;
  /** The name it came with, as it came. */
  readonly name: string;
}

/** What a form has beside its file: boundaries, headers, other fields. */
const framing = 64 * 1024;
const temporary = /^\.upload-.+\.part$/;

/**
 * Writes the file of a `multipart/form-data` request to the disk as it arrives, so that its size does not matter to memory. Where anything goes wrong (the client goes away, the
 * file is too large, the disk is full), nothing of it is left.
 *
 * @throws HttpRefusal 400, 413 or 415; the error of the file system.
 */
export async function receiveUpload(request: IncomingMessage, { folder, field, limit }: UploadOptions): Promise<ReceivedUpload> {
  if (Number(request.headers["content-length"] ?? 0) > limit + framing) throw tooLarge(limit);
  const parser = createParser(request, limit);
  const path = join(folder, `.upload-${randomUUID()}.part`);
  const failed = Promise.withResolvers<never>();
  let name: string | undefined;
  let saved: Promise<void> | undefined;
  parser.on("file", (from, file, given) => {
    if (from !== field || saved !== undefined) {
      discard(file);
      return;
    }
    name = given;
    file.once("limit", () => failed.reject(tooLarge(limit)));
    saved = save(file, path, failed.promise);
    saved.catch(failed.reject);
  });
  finished(request, { writable: false }).catch(() => failed.reject(new HttpRefusal(400, "The upload was cut off.")));
  parser.on("error", (error: unknown) =>
    failed.reject(new HttpRefusal(400, `The body is not a form: ${error instanceof Error ? error.message : String(error)}.`)),
  );
  request.pipe(parser);
  try {
    await Promise.race([finished(parser), failed.promise]);
    if (saved === undefined || name === undefined) throw new HttpRefusal(400, `The form has no file in its field "${field}".`);
    await Promise.race([saved, failed.promise]);
    return { path, name };
  } catch (error) {
    request.unpipe(parser);
    failed.reject(error);
    await saved?.catch(() => {});
    await rm(path, { force: true });
    throw error;
  }
}

/** Removes what a program that was killed in the middle of an upload has left in the folder; what is younger than an hour may still be growing. */
export async function removeAbandonedUploads(folder: string, now: number): Promise<void> {
  for (const name of (await readdir(folder)).filter(each => temporary.test(each))) {
    const { mtimeMs } = await stat(join(folder, name));
    if (now - mtimeMs > 3_600_000) await rm(join(folder, name), { force: true });
  }
}

function createParser(request: IncomingMessage, limit: number): BusboyInstance {
  const type = request.headers["content-type"] ?? "";
  if (!/^multipart\/form-data;/i.test(type)) throw new HttpRefusal(415, "The body must be multipart/form-data.", { accept: "multipart/form-data" });
  try {
    return new Busboy({
      headers: { "content-type": type },
      isPartAFile: (_field, _type, fileName) => fileName !== undefined,
      limits: { fileSize: limit, parts: 20, fieldSize: 1_024, headerPairs: 20, headerSize: 8_192 },
    });
  } catch {
    throw new HttpRefusal(400, "The Content-Type has no boundary.");
  }
}

/** Writes all of `file`, or stops where `failed` rejects. */
async function save(file: Readable, path: string, failed: Promise<never>): Promise<void> {
  failed.catch(error => file.destroy(error as Error));
  await pipeline(file, createWriteStream(path, { flags: "wx" }));
}

function discard(file: Readable): void {
  file.on("error", () => {});
  file.resume();
}

function tooLarge(limit: number): HttpRefusal {
  return new HttpRefusal(413, `The file is larger than ${limit} bytes.`);
}
