import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { receiveUpload, removeAbandonedUploads } from "./receive-upload.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";
import type { ReceivedUpload } from "./receive-upload.ts";

const limit = 100_000;
const type = "multipart/form-data; boundary=xx";
const part = (disposition: string, content: string): string => `--xx\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
const file = (content: string, name = "a.txt"): string => part(`name="file"; filename="${name}"`, content);
const end = "--xx--\r\n";

let folder: ReturnType<typeof createTemporaryFolder>;
let close: () => void;
let port: number;
/** What became of each request, in order. */
let outcomes: Promise<ReceivedUpload>[];

beforeEach(async () => {
  folder = createTemporaryFolder();
  outcomes = [];
  const receive = async (request: IncomingMessage): Promise<ReceivedUpload> => receiveUpload(request, { folder: folder.path, field: "file", limit });
  const server = createServer((request, response) => {
    const outcome = receive(request);
    outcomes.push(outcome);
    outcome.then(
      ({ name }) => response.end(name),
      (error: unknown) => {
        response.writeHead((error as { status?: number }).status ?? 500).end((error as Error).message);
        request.resume();
      },
    );
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  ({ port } = server.address() as AddressInfo);
  close = () => server.close().closeAllConnections();
});
afterEach(() => {
  close();
  folder[Symbol.dispose]();
});

async function send(body: string | Uint8Array<ArrayBuffer>, contentType: string = type): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers: { "content-type": contentType }, body });
  return { status: answer.status, text: await answer.text() };
}

/** Opens a request of `length` bytes and sends the beginning of its body. */
async function begin(length: number, body: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`);
  await expect.poll(() => outcomes.length).toBe(1);
  return socket;
}

describe("receiveUpload", () => {
  test("writes the file's bytes as they are, whatever else is in the form", async () => {
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, index) => index % 256));
    const body = Buffer.concat([
      Buffer.from(
        part('name="note"', "first") +
          part('name="other"; filename="b.txt"', "not this one") +
          '--xx\r\nContent-Disposition: form-data; name="file"; filename="ä.bin"\r\n\r\n',
      ),
      bytes,
      Buffer.from(`\r\n${file("nor this", "second.txt")}${end}`),
    ]);
    expect(await send(body)).toMatchObject({ status: 200 });
    const { path, name } = await (outcomes[0] as Promise<ReceivedUpload>);
    expect(name).toBe("ä.bin");
    expect(readFileSync(path)).toEqual(bytes);
    expect(readdirSync(folder.path)).toHaveLength(1);
  });

  test("has on the disk what has arrived, before the rest does", async () => {
    const content = "x".repeat(50_000);
    const body = file(content);
    const socket = await begin(body.length + end.length, body.slice(0, 40_000));
    const written = (): number => readdirSync(folder.path).reduce((sum, name) => sum + statSync(join(folder.path, name)).size, 0);
    await expect.poll(written).toBeGreaterThan(30_000);
    socket.end(body.slice(40_000) + end);
    expect(readFileSync((await (outcomes[0] as Promise<ReceivedUpload>)).path, "utf8")).toBe(content);
  });

  test("takes a file of the limit, and refuses one byte more, announced or not, leaving nothing", async () => {
    expect(await send(file("x".repeat(limit)) + end)).toMatchObject({ status: 200 });
    const left = readdirSync(folder.path).length;
    expect(await send(file("x".repeat(limit + 1)) + end)).toMatchObject({ status: 413, text: "The file is larger than 100000 bytes." });
    expect(await send(file("x".repeat(5_000_000)) + end)).toMatchObject({ status: 413 });
    const stream = new Blob([file("x".repeat(1_000_000)) + end]).stream();
    const chunked = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers: { "content-type": type }, body: stream, duplex: "half" });
    expect(chunked.status).toBe(413);
    expect(readdirSync(folder.path)).toHaveLength(left);
  });

  test("leaves nothing of an upload whose client goes away", async () => {
    const socket = await begin(90_000, file("x".repeat(50_000)).slice(0, 40_000));
    await expect.poll(() => readdirSync(folder.path)).toHaveLength(1);
    socket.destroy();
    await expect(outcomes[0]).rejects.toMatchObject({ status: 400, message: "The upload was cut off." });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test.each<[string, string, string, number]>([
    ["no file", part('name="note"', "x") + end, type, 400],
    ["a file in another field", part('name="other"; filename="a"', "x") + end, type, 400],
    ["text in the field", part('name="file"', "x") + end, type, 400],
    ["a form that ends in the middle", file("x"), type, 400],
    ["a file that ends in the middle", file("x").slice(0, -4), type, 400],
    ["nothing", "", type, 400],
    ["nonsense", "nonsense", type, 400],
    ["no boundary", file("x") + end, "multipart/form-data", 415],
    ["an empty boundary", file("x") + end, "multipart/form-data; boundary=", 400],
    ["another boundary", file("x") + end, "multipart/form-data; boundary=yy", 400],
    ["a form of another kind", "file=x", "application/x-www-form-urlencoded", 415],
    ["JSON", "{}", "application/json", 415],
    ["a hundred files", part('name="other"; filename="a"', "x").repeat(100) + file("x") + end, type, 400],
    ["a name with a line break", file("x", "a\rb") + end, type, 400],
  ])("refuses %s, and leaves nothing", async (_, body, contentType, status) => {
    expect((await send(body, contentType)).status).toBe(status);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("says so where it cannot write", async () => {
    folder[Symbol.dispose]();
    expect(await send(file("x".repeat(50_000)) + end)).toMatchObject({ status: 500, text: expect.stringContaining("ENOENT") as string });
  });
});

test("removeAbandonedUploads removes what a killed program has left, and nothing else", async () => {
  for (const name of [".upload-old.part", ".upload-new.part", "upload-old.part", ".other"]) writeFileSync(join(folder.path, name), "");
  for (const name of [".upload-old.part", "upload-old.part", ".other"]) utimesSync(join(folder.path, name), 0, 0);
  await removeAbandonedUploads(folder.path, Date.now());
  expect(readdirSync(folder.path).toSorted()).toEqual([".other", ".upload-new.part", "upload-old.part"]);
});
