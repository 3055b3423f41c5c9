import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { SoraServiceEvents } from "@sora/core";
import type { TestHostOptions } from "@sora/core/testing";
import { afterEach, describe, expect, test } from "vitest";
import { DataSyncService, SyncCompleted } from "../services/data-sync.service.ts";
import { FileProcessingService } from "../services/file-processing.service.ts";
import { ImageProcessingService, ProcessingCompleted } from "../services/image-processing.service.ts";
import { TestStudio } from "../services/test-studio.ts";
import { TranslationService } from "../services/translation.service.ts";
import { WorkflowOrchestrator } from "../services/workflow-orchestrator.service.ts";
import { StudioServer } from "./studio-server.ts";

const services = [WorkflowOrchestrator, FileProcessingService, ImageProcessingService, TranslationService, DataSyncService];
const { Completed } = SoraServiceEvents.Translation;
const text = "The bus was late again, and nobody was surprised that it was.";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(configuration: object = {}, port = 0, options: TestHostOptions = {}): Promise<{ studio: TestStudio; server: StudioServer; url: string }> {
  const studio = await TestStudio.start({ services, configuration: { Sora: { Web: { Port: port } }, ...configuration }, ...options });
  closing.push(() => studio[Symbol.asyncDispose]());
  const server = new StudioServer();
  await server.listen(studio.host);
  closing.push(() => server.close());
  return { studio, server, url: server.url ?? "" };
}

async function ask(url: string, init: RequestInit): Promise<{ status: number; body: any }> {
  const answer = await fetch(url, { method: "POST", ...init });
  return { status: answer.status, body: await answer.json() };
}

function form(content: string | Uint8Array<ArrayBuffer>, name: string): FormData {
  const body = new FormData();
  body.append("file", new Blob([content]), name);
  return body;
}

const json = (body: unknown): RequestInit => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

async function listenOn(port: number): Promise<Server> {
  const server = createServer();
  closing.push(() => server.close());
  await new Promise<void>(resolve => server.listen(port, "127.0.0.1", resolve));
  return server;
}

describe("POST /upload", () => {
  test("puts a text into the inbox and answers with its id when it is translated, once", async () => {
    const { studio, url } = await serve();
    expect(await ask(`${url}/upload?targetLanguage=pt-BR`, { body: form(text, "bus.txt") })).toEqual({ status: 200, body: { fileId: "bus.txt" } });
    expect(readFileSync(studio.folders.received("bus.txt"), "utf8")).toBe(text);
    expect(readFileSync(studio.folders.made("translations/bus.pt-BR.txt"), "utf8")).toContain("⟦");
    expect(studio.database.translationsOf("bus.txt")).toMatchObject([{ from: "en", to: "pt-BR" }]);
    expect(studio.host.events.count(Completed)).toBe(1); // the workflow has asked for the same
  });

  test("translates into pt-BR where no language is asked for, and into the one that is beside it", async () => {
    const { studio, url } = await serve();
    await ask(`${url}/upload`, { body: form(text, "a.txt") });
    await ask(`${url}/upload?targetLanguage=fr`, { body: form(text, "b.txt") });
    await expect.poll(() => readdirSync(studio.folders.made("translations")).toSorted()).toEqual(["a.pt-BR.txt", "b.fr.txt", "b.pt-BR.txt"]);
  });

  test("has a picture's thumbnail made", async () => {
    const { studio, url } = await serve();
    const picture = readFileSync(new URL("../inbox/postcard.jpg", import.meta.url));
    expect(await ask(`${url}/upload`, { body: form(picture, "mine.jpg") })).toEqual({ status: 200, body: { fileId: "mine.jpg" } });
    expect(await studio.host.events.next(ProcessingCompleted, 8_000)).toEqual({ imageId: "mine.jpg", path: "thumbnails/mine.jpg.png" });
    expect(existsSync(studio.folders.made("thumbnails/mine.jpg.png"))).toBe(true);
  });

  test("takes no name for more than a name, and replaces nothing", async () => {
    const { studio, url } = await serve();
    const ids: string[] = [];
    for (const name of ["../../outside.txt", "..\\..\\outside.txt", "/etc/passwd", ".hidden", "a\u202Eb.txt", "a.txt", "a.txt", ".."]) {
      const { status, body } = await ask(`${url}/upload`, { body: form(text, name) });
      expect([name, status]).toEqual([name, 200]);
      ids.push(body.fileId as string);
    }
    expect(ids).toEqual(["outside.txt", "outside-2.txt", "passwd", "hidden", "ab.txt", "a.txt", "a-2.txt", "unnamed"]);
    expect(readdirSync(studio.folders.inbox).toSorted()).toEqual(ids.toSorted());
    expect((await ask(`${url}/upload`, { body: form("", "") })).status).toBe(400); // what a browser sends where no file was chosen
  });

  test("keeps a file from which nothing can be made, and says why", async () => {
    const { studio, url } = await serve();
    const { status, body } = await ask(`${url}/upload`, { body: form("word ".repeat(200_001), "long.txt") });
    expect({ status, body }).toEqual({ status: 200, body: { fileId: "long.txt", problem: expect.stringContaining("1,000,005 bytes") as string } });
    expect(existsSync(studio.folders.received("long.txt"))).toBe(true);
    await studio.host.stopService(FileProcessingService);
    expect((await ask(`${url}/upload`, { body: form(text, "later.txt") })).body).toEqual({
      fileId: "later.txt",
      problem: expect.stringContaining("FileProcessingService") as string,
    });
  });

  test.each([
    ["xx", "xx"],
    ["a path", "../pt-BR"],
    ["another case", "PT-br"],
    ["an empty one", ""],
    ["a member of every object", "constructor"],
    ["a very long one", "x".repeat(5_000)],
  ])("refuses a language that is %s before it takes anything", async (_, language) => {
    const { studio, url } = await serve();
    const { status, body } = await ask(`${url}/upload?targetLanguage=${language}`, { body: form(text, "a.txt") });
    expect({ status, body }).toMatchObject({ status: 400, body: { detail: expect.stringContaining("en, pt-BR, es, fr") as string } });
    expect(body.detail.length).toBeLessThan(200);
    expect(readdirSync(studio.folders.inbox)).toEqual([]);
  });

  test("holds a file to the size that is configured", async () => {
    const { studio, url } = await serve({ Studio: { UploadMegabytes: 0.001 } });
    expect((await ask(`${url}/upload`, { body: form("x".repeat(1_000), "a.bin") })).status).toBe(200);
    expect(await ask(`${url}/upload`, { body: form("x".repeat(1_001), "b.bin") })).toMatchObject({
      status: 413,
      body: { detail: "The file is larger than 1000 bytes." },
    });
    expect(readdirSync(studio.folders.inbox)).toEqual(["a.bin"]);
  });
});

describe("POST /api/webhooks/data-changed", () => {
  test("has the source synchronised, and tells how many records it has", async () => {
    const { studio, url } = await serve();
    studio.drop("empty.txt");
    expect(await ask(`${url}/api/webhooks/data-changed`, json({ source: "inbox", since: "2020-01-01" }))).toEqual({ status: 200, body: { recordCount: 1 } });
    expect(await studio.host.events.next(SyncCompleted)).toEqual({ source: "inbox", recordCount: 1 });
    expect((await ask(`${url}/api/webhooks/data-changed`, json({ since: "2999-01-01" }))).body).toEqual({ recordCount: 0 });
  });

  test.each<[string, RequestInit, number]>([
    ["another source", json({ source: "elsewhere" }), 400],
    ["a date that is none", json({ source: "inbox", since: "yesterday" }), 400],
    ["a list", json([]), 400],
    ["what is no JSON", { headers: { "content-type": "application/json" }, body: "{" }, 400],
    ["nothing", { headers: { "content-type": "application/json" } }, 400],
    ["text", { headers: { "content-type": "text/plain" }, body: "{}" }, 415],
    ["too much", json({ source: "x".repeat(100_000) }), 413],
  ])("refuses %s", async (_, init, status) => {
    const { studio, url } = await serve();
    expect((await ask(`${url}/api/webhooks/data-changed`, init)).status).toBe(status);
    expect(studio.host.events.count(SyncCompleted)).toBe(0);
  });

  test("tells that a service is away, and of its own failures no more than that", async () => {
    const { studio, url } = await serve();
    await studio.host.stopService(DataSyncService);
    expect(await ask(`${url}/api/webhooks/data-changed`, json({}))).toMatchObject({ status: 503, body: { code: "SORA_SERVICE_UNAVAILABLE" } });
    await studio.host.startService(DataSyncService);
    studio.database.close();
    const { status, body } = await ask(`${url}/api/webhooks/data-changed`, json({}));
    expect({ status, body }).toEqual({ status: 500, body: { status: 500, detail: "The studio could not do it; its log has more." } });
    expect(studio.host.logs.some(({ message }) => message === "A request failed")).toBe(true);
  });
});

test("what comes over HTTP goes before what the studio does of itself: an upload's translation at 10, a notification's sync at 8", async () => {
  const priorities: [string, number][] = [];
  const { url } = await serve({}, 0, {
    intercept: {
      call: ({ action, priority }, next) => {
        priorities.push([action, priority]);
        return next();
      },
    },
  });
  await ask(`${url}/upload?targetLanguage=fr`, { body: form(text, "bus.txt") });
  await ask(`${url}/api/webhooks/data-changed`, json({ source: "inbox" }));
  expect(priorities).toEqual(
    expect.arrayContaining([
      ["translate", 0],
      ["translate", 10],
      ["sync-source", 8],
    ]),
  );
});

describe("StudioServer", () => {
  test("serves the control plane and the status page at every other path", async () => {
    const { url } = await serve();
    const page = await fetch(`${url}/`);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("TranslationService")]);
    const { body } = await ask(`${url}/api/services/TranslationService/actions/list-languages`, {});
    expect(body).toMatchObject({ result: ["en", "pt-BR", "es", "fr"] });
    for (const path of ["/upload/", "/uploads", "/UPLOAD", "//upload", "/upload%2f", "//", "/%"])
      expect([path, (await fetch(url + path, { method: "POST" })).status]).toEqual([path, 404]);
    const wrong = await fetch(`${url}/upload`);
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("guards the studio's own routes as the control plane guards its own", async () => {
    const open = await serve();
    for (const path of ["/upload", "/api/webhooks/data-changed"]) {
      for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }] as Record<string, string>[])
        expect((await ask(open.url + path, { headers, body: form(text, "a.txt") })).status).toBe(403);
    }
    const token = "0123456789abcdef";
    const { studio, url } = await serve({
      Sora: { Web: { Port: 0, Tokens: { reader: { Token: `reader-${token}`, Scope: "read" }, uploader: { Token: token, Scope: "operate" } } } },
    });
    const upload = (headers: Record<string, string>) => ask(`${url}/upload`, { headers, body: form(text, "a.txt") });
    expect((await upload({})).status).toBe(401);
    expect((await upload({ authorization: `Bearer reader-${token}` })).status).toBe(403);
    expect(readdirSync(studio.folders.inbox)).toEqual([]);
    expect((await upload({ authorization: `Bearer ${token}` })).status).toBe(200);
  });

  test("takes another port where the one it wants is taken, and says so", async () => {
    const other = await listenOn(0);
    const { port } = other.address() as AddressInfo;
    const { studio, server, url } = await serve({}, port);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(url).not.toBe(`http://127.0.0.1:${port}`);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect(studio.host.logs.map(({ message }) => message)).toContain(`The status page is at ${url}/, since port ${port} is taken`);
    await server.close();
    expect(server.url).toBeUndefined();
  });

  test("says so where it cannot listen, and lets the studio work without it", async () => {
    const token = { Token: "0123456789abcdef" };
    const { studio, server } = await serve({ Sora: { Web: { Address: "203.0.113.1", Port: 4310, ...token } } });
    expect(server.url).toBeUndefined();
    expect(studio.host.logs.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
      expect.stringContaining("cannot listen on 203.0.113.1:4310"),
    ]);
    await server.close();
  });

  test("refuses to stand open to others", async () => {
    await expect(serve({ Sora: { Web: { Address: "0.0.0.0", Port: 0 } } })).rejects.toMatchObject({ code: "SORA_CONFIGURATION_INVALID" });
  });

  test("closes at once though an upload never ends, and leaves nothing of it", async () => {
    const { studio, server, url } = await serve();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => {});
    const head = "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000\r\n\r\n";
    socket.write(`${head}--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc`);
    await expect.poll(() => readdirSync(studio.folders.inbox)).toHaveLength(1);
    const began = performance.now();
    await server.close();
    expect(performance.now() - began).toBeLessThan(2_000);
    await expect.poll(() => readdirSync(studio.folders.inbox)).toEqual([]);
  });

  test("takes no upload from a host that stops", async () => {
    const { studio, url } = await serve();
    await studio.host.stop();
    expect(await ask(`${url}/upload`, { body: form(text, "a.txt") })).toMatchObject({ status: 503, body: { code: "SORA_HOST_UNREADY" } });
  });
});
