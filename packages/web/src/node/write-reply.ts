import type { ServerResponse } from "node:http";
import { securityHeaders } from "../http/security-headers.ts";
import type { FinalReply, ReplyHeaders } from "../routing/reply.ts";

/** Writes the reply to Node's response. A client that does not take it within `patience` milliseconds is cut off. Never throws. */
export function writeReply(response: ServerResponse, reply: FinalReply, method: string, patience: number): void {
  if (response.destroyed || response.headersSent) return;
  try {
    if (reply.kind === "stream") openStream(response, reply, method);
    else writeText(response, reply, method, patience);
  } catch {
    response.destroy(); // a header that Node does not write; nothing of the answer has left
  }
}

function writeText(response: ServerResponse, { status, type, body, headers }: Extract<FinalReply, { kind: "text" }>, method: string, patience: number): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, headersOf(type, length, headers));
  if (method === "HEAD") response.end();
  else response.end(body, length === body.length ? "latin1" : "utf8"); // ASCII, which most answers are, is written faster as what it is
  const { socket } = response;
  if (socket !== null && socket.writableLength > 0) cutOffAfter(response, socket, patience);
}

const ours = Object.entries(securityHeaders).flat();

/** Names and values in turn, which is what Node takes fastest. */
function headersOf(type: string, length: number, headers: ReplyHeaders | undefined): (string | number)[] | Record<string, string | number> {
  const typed = type === "" ? [] : ["content-type", type, "content-length", length];
  if (headers === undefined) return [...ours, ...typed];
  const own: string[] = [];
  for (const name in headers) {
    if (Object.hasOwn(securityHeaders, name) || name === "content-type") return { ...securityHeaders, ...(type === "" ? undefined : { "content-type": type, "content-length": length }), ...headers };
    own.push(name, headers[name] as string);
  }
  return [...ours, ...typed, ...own];
}

/** The socket's own timer: it begins anew with each part that the client takes. */
function cutOffAfter(response: ServerResponse, socket: NonNullable<ServerResponse["socket"]>, patience: number): void {
  const cutOff = (): void => void socket.destroy();
  const before = socket.timeout ?? 0;
  socket.setTimeout(patience, cutOff);
  response.once("finish", () => {
    socket.removeListener("timeout", cutOff);
    socket.setTimeout(before);
  });
}

function openStream(response: ServerResponse, reply: Extract<FinalReply, { kind: "stream" }>, method: string): void {
  response.shouldKeepAlive = false; // so that a server that closes need not wait for the client once the stream has ended
  response.writeHead(reply.status, { ...securityHeaders, "content-type": reply.type, ...reply.headers });
  if (method === "HEAD") {
    response.end();
    return;
  }
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.flushHeaders();
  reply.open({
    signal: gone.signal,
    write: chunk => !gone.signal.aborted && response.write(chunk),
    onDrain: callback => void response.on("drain", callback),
    close: () => void response.end(),
    destroy: () => void response.destroy(),
  });
}
