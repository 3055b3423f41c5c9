import { createServer } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { writeReply } from "./write-reply.ts";

test("writeReply leaves Node's own time limit to a connection whose client took its answer slowly", async () => {
  const body = "x".repeat(20_000_000); // more than the two ends' buffers hold
  const server = createServer({ keepAliveTimeout: 100, keepAliveTimeoutBuffer: 0 }, (_request, response) =>
    writeReply(response, { kind: "text", status: 200, type: "text/plain", body }, "GET", 60_000),
  );
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  try {
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    let taken = 0;
    socket.on("data", part => (taken += part.length));
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await new Promise(resolve => socket.once("close", resolve)); // idle, it is closed by the server
    expect(taken).toBeGreaterThan(body.length);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
