import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { securityHeaders } from "../http/security-headers.ts";
import type { FinalReply, ReplySink } from "../routing/reply.ts";

/** Where a stream writes for whom somebody else has answered: at once it learns that nobody is there, and gives back what it holds. */
const nobody: ReplySink = { signal: AbortSignal.abort(), write: () => false, onDrain: () => {}, close: () => {}, destroy: () => {} };

/** Writes the reply to Node's response. A client that does not take it within `patience` milliseconds is cut off. Never throws. */
export function writeReply(response: ServerResponse, reply: FinalReply, method: string, patience: number): void {
  if (response.destroyed || response.headersSent) {
    if (reply.kind === "stream") reply.open(nobody);
    return;
  }
  try {
    if (reply.kind === "stream") openStream(response, reply, method);
    else writeText(response, reply, method, patience);
  } catch {
    response.destroy(); // a header that Node does not write; nothing of the answer has left
  }
}

function writeText(response: ServerResponse, reply: Extract<FinalReply, { kind: "text" }>, method: string, patience: number): void {
  const { status, body } = reply;
  const length = Buffer.byteLength(body);
  response.writeHead(status, headersOf(reply, length));
  if (method === "HEAD") response.end();
  else response.end(body, length === body.length ? "latin1" : "utf8"); // ASCII, which most answers are, is written faster as what it is
  const { socket } = response;
  if (socket === null) response.once("socket", given => cutOffAfter(response, given, patience)); // it waits for the answer to an earlier request on its connection
  else if (socket.writableLength > 0) cutOffAfter(response, socket, patience);
}

/** Names and values in turn, which is what Node takes fastest; what the reply says itself takes the place of what stands on every answer. */
function headersOf({ type, headers }: FinalReply, length: number | undefined): (string | number)[] {
  const standing = securityHeaders(type);
  const all: (string | number)[] = [];
  for (const name in standing) if (headers === undefined || headers[name] === undefined) all.push(name, standing[name] as string);
  if (type !== "" && headers?.["content-type"] === undefined) all.push("content-type", type);
  if (length !== undefined && type !== "") all.push("content-length", length);
  if (headers !== undefined) for (const name in headers) all.push(name, headers[name] as string);
  return all;
}

/** The socket's own timer: it begins anew with each part that the client takes. It is put back before Node sets it for what comes next on the connection. */
function cutOffAfter(response: ServerResponse, socket: Socket, patience: number): void {
  const cutOff = (): void => void socket.destroy();
  const before = socket.timeout ?? 0;
  socket.setTimeout(patience, cutOff);
  response.prependOnceListener("finish", () => {
    socket.removeListener("timeout", cutOff);
    socket.setTimeout(before);
  });
}

function openStream(response: ServerResponse, reply: Extract<FinalReply, { kind: "stream" }>, method: string): void {
  response.shouldKeepAlive = false; // so that a server that closes need not wait for the client once the stream has ended
  response.writeHead(reply.status, headersOf(reply, undefined));
  if (method === "HEAD") {
    response.end();
    return;
  }
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.on("error", () => {}); // its "close" follows, and says what there is to say
  response.flushHeaders();
  reply.open({
    signal: gone.signal,
    write: chunk => !gone.signal.aborted && !response.writableEnded && response.write(chunk),
    onDrain: callback => void response.on("drain", callback),
    close: () => void response.end(),
    destroy: () => void response.destroy(),
  });
}
