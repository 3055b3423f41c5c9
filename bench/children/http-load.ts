/**
 * `node http-load.ts <port> <connections> <seconds> <token>`: presses a server with one POST after the other on each of some connections, and writes what came of it as one line of JSON, a {@link LoadReport}.
 * It speaks raw TCP and looks at no more of an answer than its length and status, since it shares the machine with what it measures. Where `wrk` is installed, that is used instead.
 */
import { connect } from "node:net";
import { path } from "./http-server.ts";

/** What was measured; times are in milliseconds. */
export interface LoadReport {
  readonly requests: number;
  /** Answers that were not 200. */
  readonly refused: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const [port = 0, connections = 0, seconds = 0] = process.argv.slice(2, 5).map(Number);
const body = '{"a":5,"b":7}';
const request = Buffer.from(
  `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nAuthorization: Bearer ${process.argv[5]}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
const latencies: number[] = [];
let refused = 0;
const began = performance.now();
const end = began + seconds * 1_000;

await Promise.all(Array.from({ length: connections }, press));
latencies.sort((a, b) => a - b);
const at = (part: number): number => latencies[Math.floor(latencies.length * part)] ?? Number.NaN;
const report: LoadReport = {
  requests: latencies.length,
  refused,
  perSecond: (latencies.length / (performance.now() - began)) * 1_000,
  p50: at(0.5),
  p99: at(0.99),
};
console.log(JSON.stringify(report));

/** One connection, asking until the time is over. */
function press(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let sentAt = 0;
    let text = "";
    const ask = (): void => {
      sentAt = performance.now();
      socket.write(request);
    };
    socket.once("connect", ask);
    socket.once("error", reject);
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const head = text.indexOf("\r\n\r\n");
      if (head < 0 || text.length < head + 4 + lengthOf(text)) return;
      const now = performance.now();
      latencies.push(now - sentAt);
      if (!text.startsWith("HTTP/1.1 200 ")) refused++;
      text = "";
      if (now < end) ask();
      else socket.end(resolve);
    });
  });
}

function lengthOf(text: string): number {
  return Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
}
