import type { ServerResponse } from "node:http";
import { securityHeaders } from "../http/security-headers.ts";
import type { Reply } from "../routing/reply.ts";

/** Writes the reply to Node's response. */
export function writeReply(response: ServerResponse, reply: Reply, method: string): void {
  if (response.destroyed || response.headersSent) return;
  if (reply.kind === "stream") return openStream(response, reply, method);
  const text = reply.kind === "json" ? JSON.stringify(reply.body) : reply.body;
  const type = reply.kind === "json" ? (reply.type ?? "application/json") : reply.type;
  response.writeHead(reply.status, { ...securityHeaders, "content-type": type, "content-length": Buffer.byteLength(text), ...reply.headers });
  response.end(method === "HEAD" ? undefined : text);
}

function openStream(response: ServerResponse, reply: Extract<Reply, { kind: "stream" }>, method: string): void {
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
