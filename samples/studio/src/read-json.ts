import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./http-refusal.ts";

/** The JSON value of a request's body, of up to `limit` bytes. @throws HttpRefusal 400, 413 or 415 */
export async function readJson(request: IncomingMessage, limit: number): Promise<unknown> {
  if (!/^application\/json(?:;|$)/i.test(request.headers["content-type"] ?? "")) throw new HttpRefusal(415, "The body must be application/json.");
  const parts: Buffer[] = [];
  let size = 0;
  // without the option a body that is refused in the middle would take the connection, and the answer, with it
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) throw new HttpRefusal(413, `The body is larger than ${limit} bytes.`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8")) as unknown;
  } catch {
    throw new HttpRefusal(400, "The body is not JSON.");
  }
}
