import { defineService } from "@sora/core";
import { createTestHost } from "@sora/core/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { rawRequest, sendRaw } from "../fixtures/raw-client.ts";
import { mathService } from "../fixtures/web-stage.ts";
import { serveSora } from "../web-server.ts";
import type { TestHost } from "@sora/core/testing";
import type { SoraWebServer } from "../web-server.ts";

/** Milliseconds: how soon it is to happen, by night; beside other tests it only has to happen well before any other limit would bring it about. */
const soon = (milliseconds: number): number => (process.env["SORA_NIGHTLY"] === "1" ? milliseconds : 10_000);

const token = "0123456789abcdef";
const bearer = `Authorization: Bearer ${token}`;
const here = "Host: 127.0.0.1";
const add = "POST /api/services/Math/actions/add HTTP/1.1";
const json = "Content-Type: application/json";

let host: TestHost;
let web: SoraWebServer;
const { service, seen } = mathService();
const bulk = defineService("Bulk", { actions: { give: async () => "x".repeat(2_000_000) } });
beforeAll(async () => {
  host = await createTestHost({ services: [service, bulk] });
  web = await serveSora(host, { port: 0, tokens: [{ token, scope: "admin" }], timeouts: { headers: 400, request: 800, reply: 400 } });
});
afterAll(async () => {
  await web.close();
  await host.stop();
});

const raw = (...sent: Parameters<typeof sendRaw> extends [unknown, ...infer R] ? R : never) => sendRaw(web.port, ...sent);
const get = (path: string, headers: readonly string[] = [here, bearer]) => raw(rawRequest(`GET ${path} HTTP/1.1`, headers));
/** The server still answers. */
const lives = async (): Promise<void> => expect((await get("/health/live", [here, "Connection: close"])).status).toBe(200);

describe("Host, as it was sent", () => {
  test.each<[string, readonly string[], number]>([
    ["is missing", [], 400],
    ["is doubled", [here, here], 400],
    ["is doubled, in other cases", [here, "hOsT: evil.example"], 400],
    ["is foreign and doubled", ["Host: evil.example", here], 400],
    ["is empty", ["Host:"], 400],
    ["is broken", ["Host: a b"], 400],
    ["has user info", ["Host: x@127.0.0.1"], 400],
    ["has a port that is none", ["Host: 127.0.0.1:99999"], 400],
    ["is foreign", ["Host: evil.example"], 421],
    ["is this machine's zero address", ["Host: 0.0.0.0"], 421],
    ["is ours", [here], 200],
    ["is ours in upper case and with a port", ["HOST: LOCALHOST:1"], 200],
    ["is IPv6", ["Host: [::1]:4310"], 200],
  ])("%s", async (_, headers, status) => {
    for (const path of ["/api/services", "/api/events", "/api/services/Math/events", "/health/live"]) {
      const answer = await raw(rawRequest(`GET ${path} HTTP/1.1`, [...headers, bearer, "Connection: close"]));
      expect([path, answer.status]).toEqual([path, status]);
    }
  });

  test("is not got around by a request line with another, nor by forwarding headers", async () => {
    expect((await get("http://evil.example/api/services")).status).toBe(404);
    expect((await get("http://127.0.0.1/api/services")).status).toBe(404);
    expect((await get("/api/services", ["Host: evil.example", "X-Forwarded-Host: 127.0.0.1", "Forwarded: host=127.0.0.1", bearer])).status).toBe(421);
  });
});

describe("Authorization, as it was sent", () => {
  test.each<[string, readonly string[], number]>([
    ["twice", [bearer, bearer], 401],
    ["twice, the right one first", [bearer, "Authorization: Bearer x"], 401],
    ["twice, the right one last", ["authorization: Bearer x", bearer], 401],
    ["folded", ["Authorization: Bearer", ` ${token}`], 400],
    ["in another case", [`AUTHORIZATION: bearer ${token}`], 200],
    ["with 20 KB", [`Authorization: Bearer ${"x".repeat(20_000)}`], 431],
    ["with 1 MB", [`Authorization: Bearer ${"x".repeat(1_000_000)}`], 431],
  ])("%s", async (_, headers, status) => {
    const answer = await get("/api/services", [here, ...headers]);
    // a server that has read enough ends the connection; whether its answer arrives before the reset is up to the client
    expect([status, ...(status === 431 ? [0] : [])]).toContain(answer.status);
    await lives();
  });
});

describe("request lines", () => {
  test.each<[string, number]>([
    ["GET /health/live/../api HTTP/1.1", 404],
    ["GET /health/live/../../api/services HTTP/1.1", 404],
    ["GET /health/live%2f HTTP/1.1", 404],
    ["GET /api%2fservices HTTP/1.1", 404],
    ["GET /api/services%5c HTTP/1.1", 404],
    ["GET /api/services\\ HTTP/1.1", 404],
    ["GET \\api\\services HTTP/1.1", 400],
    ["GET /api/services%00 HTTP/1.1", 404],
    ["GET /api/services/Math%00/status HTTP/1.1", 404],
    ["GET /api/services/Math%2f..%2fMath/status HTTP/1.1", 404],
    ["GET /api/services/%2e%2e/status HTTP/1.1", 404],
    ["GET /api/services/../services HTTP/1.1", 404],
    ["GET /health\\live HTTP/1.1", 404],
    ["GET //health/live HTTP/1.1", 404],
    ["GET /health/live?x=/../api HTTP/1.1", 200],
    ["GET * HTTP/1.1", 404],
    ["OPTIONS * HTTP/1.1", 404],
    ["GET api/services HTTP/1.1", 400],
    ["GET  HTTP/1.1", 400],
    ["GET /api/services", 401],
    ["GET /api/services HTTP/2.0", 401],
    ["GET /api/services HTTP/9.9", 400],
    ["GET /api/ser vices HTTP/1.1", 400],
    ["get /health/live HTTP/1.1", 400],
    ["BREW /health/live HTTP/1.1", 400],
    ["TRACE /health/live HTTP/1.1", 405],
    ["DELETE /api/services HTTP/1.1", 405],
    [`GET /${"x".repeat(10_000)} HTTP/1.1`, 404],
    [`GET /${"x".repeat(20_000)} HTTP/1.1`, 431],
    ["\0\0\0\0", 400],
    ["\x16\x03\x01\x02\0\x01\0\x01", 400],
  ])("%j gives %d", async (line, status) => {
    const answer = await raw(rawRequest(line, [here]));
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/\.ts:\d|node_modules/);
    await lives();
  });

  test("CONNECT is refused without an answer, and an upgrade is an ordinary request", async () => {
    expect((await raw(rawRequest("CONNECT 127.0.0.1:22 HTTP/1.1", [here]))).closed).toBe(true);
    expect((await raw(rawRequest("GET /api/services HTTP/1.1", [here, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x"]))).status).toBe(401);
    expect((await raw(rawRequest("GET /api/services HTTP/1.1", ["Host: evil.example", "Connection: Upgrade", "Upgrade: websocket"]))).status).toBe(421);
    await lives();
  });

  test("nothing is smuggled behind a body", async () => {
    const inner = rawRequest("GET /api/services HTTP/1.1", [here]);
    const cases = [
      rawRequest(add, [here, bearer, json, `Content-Length: 5`, "Transfer-Encoding: chunked"], `0\r\n\r\n${inner}`),
      rawRequest(add, [here, bearer, json, "Content-Length: 0", `Content-Length: ${inner.length}`], inner),
      rawRequest(add, [here, bearer, json, "Transfer-Encoding: chunked, identity"], `0\r\n\r\n${inner}`),
      rawRequest(add, [here, bearer, json, "Transfer-Encoding : chunked"], `0\r\n\r\n${inner}`),
      rawRequest(add, [here, bearer, json, "Content-Length: +5"], "{}   "),
      rawRequest(add, [here, bearer, json, "Content-Length: -1"], "{}"),
    ];
    for (const text of cases) expect((await raw(text, { until: "closed" })).statuses).toEqual([400]);
  });

  test("a name in a header or a line break in a value is refused by the parser", async () => {
    expect((await get("/api/services", [here, "X Y: 1"])).status).toBe(400);
    expect((await get("/api/services", [here, "X: a\0b"])).status).toBe(400);
  });
});

describe("two requests on one connection", () => {
  test("are answered in order, each by its own token", async () => {
    const answer = await raw(
      rawRequest("GET /api/services HTTP/1.1", [here, bearer]) +
        rawRequest("GET /api/services HTTP/1.1", [here]) +
        rawRequest("GET /health/live HTTP/1.1", [here, "Connection: close"]),
      { until: "closed" },
    );
    expect(answer.statuses).toEqual([200, 401, 200]);
  });

  test("the second is not lost where the body of the first is refused", async () => {
    const big = "x".repeat(2_000_000);
    const answer = await raw(
      [rawRequest(add, [here, bearer, json, `Content-Length: ${big.length}`], big), rawRequest("GET /health/live HTTP/1.1", [here, "Connection: close"])],
      { until: "closed" },
    );
    expect(answer.statuses).toEqual([413, 200]);
  });
});

describe("a client that waits with its body (Expect: 100-continue)", () => {
  const waiting = (headers: readonly string[], then = "") => raw(rawRequest(add, [here, json, "Expect: 100-continue", ...headers], then), { until: "closed" });

  test("is told to go on once the guards have let it through, and is answered, and so is what it asks next", async () => {
    const next = rawRequest("GET /health/ready HTTP/1.1", [here, "Connection: close"]);
    const answer = await waiting([bearer, "Content-Length: 13"], `{"a":1,"b":2}${next}`);
    expect(answer.statuses).toEqual([100, 200, 200]);
  });

  test.each<[string, readonly string[], number]>([
    ["has no token", ["Content-Length: 13"], 401],
    ["announces too much", [bearer, "Content-Length: 2000000"], 413],
    ["sends what is not taken", [bearer, "Content-Length: 13", "Content-Encoding: gzip"], 415],
  ])("is refused before it has sent anything where it %s, and the connection ends", async (_, headers, status) => {
    const answer = await waiting(headers);
    expect([answer.statuses, answer.closed]).toEqual([[status], true]);
  });

  test("that expects something else gets 417", async () => {
    expect((await raw(rawRequest(add, [here, bearer, json, "Expect: a miracle"]))).status).toBe(417);
  });
});

describe("slow clients", () => {
  test("that do not send their headers in time are cut off", async () => {
    const dripping = await raw([`GET /health/live HTTP/1.1\r\n${here}\r\n`, ...Array.from({ length: 200 }, (_, index) => `X-${index}: 1\r\n`)], {
      gap: 50,
      until: "closed",
    });
    expect([dripping.status, dripping.closed, dripping.took < soon(1_500)]).toEqual([408, true, true]);
    const silent = await raw("", { until: "closed" });
    expect([silent.closed, silent.took < soon(1_500)]).toEqual([true, true]);
    await lives();
  });

  test("that do not send their body in time are cut off, and no action has run", async () => {
    const before = seen.calls;
    const dripping = await raw([rawRequest(add, [here, bearer, json, "Content-Length: 100"]), ...Array.from({ length: 200 }, () => " ")], {
      gap: 50,
      until: "closed",
    });
    expect([dripping.status, dripping.closed, dripping.took < soon(2_000)]).toEqual([408, true, true]);
    expect(seen.calls).toBe(before);
    await lives();
  });

  test("that go away within their body are forgotten", async () => {
    const errors = host.logs.filter(({ level }) => level === "error").length;
    await raw(rawRequest(add, [here, bearer, json, "Content-Length: 100"], '{"a":'), { patience: 50 });
    await lives();
    const audited = () => host.logs.findLast(({ message }) => message === "audit")?.fields;
    await vi.waitFor(() => expect(audited()).toMatchObject({ status: 499, code: "SORA_REQUEST_ABORTED" }), { timeout: 10_000 });
    expect(host.logs.filter(({ level }) => level === "error")).toHaveLength(errors);
  });

  test("that announce far too much are told so, and cut off", async () => {
    const answer = await raw(rawRequest(add, [here, bearer, json, "Content-Length: 100000000"], "{"), { until: "closed" });
    expect([answer.status, answer.closed, answer.took < soon(1_500)]).toEqual([413, true, true]);
    const chunked = await raw([
      rawRequest(add, [here, bearer, json, "Transfer-Encoding: chunked"]),
      ...Array.from({ length: 20 }, () => `10000\r\n${"x".repeat(65_536)}\r\n`),
    ]);
    expect(chunked.status).toBe(413);
    await lives();
  });

  const body = JSON.stringify("x".repeat(1_000_000));
  test.each([
    ["do not take their answer", rawRequest("POST /api/services/Math/actions/echo HTTP/1.1", [here, bearer, json, `Content-Length: ${body.length}`], body)],
    [
      "do not take answers that wait for earlier ones on their connection",
      rawRequest("GET /health/live HTTP/1.1", [here]) + rawRequest("POST /api/services/Bulk/actions/give HTTP/1.1", [here, bearer]),
    ],
  ])("that %s are cut off", async (_, request) => {
    const { connect } = await import("node:net");
    const socket = connect(web.port, "127.0.0.1");
    const began = performance.now();
    const closed = new Promise<number>(resolve => {
      socket.on("error", () => {});
      socket.on("close", () => resolve(performance.now() - began));
    });
    socket.pause();
    for (let index = 0; index < 12; index++) socket.write(request); // more answers than the two ends' buffers hold
    // Whoever does not read learns that he is cut off by writing; nor has he nothing more to ask, which would be another reason.
    const asking = setInterval(() => socket.write(rawRequest("GET /health/live HTTP/1.1", [here])), 50);
    const took = await closed.finally(() => clearInterval(asking));
    expect(took).toBeLessThan(soon(5_000));
    await lives();
  });
});

test("a client that goes away cancels its call", async () => {
  const before = { ...seen };
  const counted = () => [seen.calls - before.calls, seen.aborted - before.aborted];
  const underWay = vi.waitFor(() => expect(counted()).toEqual([1, 0]), { timeout: 10_000 });
  await raw(rawRequest("POST /api/services/Math/actions/wait HTTP/1.1", [here, bearer, json]), { leave: underWay });
  await underWay;
  await vi.waitFor(() => expect(counted()).toEqual([1, 1]), { timeout: 10_000 });
  await lives();
});

test("thousands of calls leave no call under way behind", async () => {
  const agentless = await import("node:http");
  const agent = new agentless.Agent({ keepAlive: true, maxSockets: 20 });
  const call = () =>
    new Promise<void>((resolve, reject) => {
      const request = agentless.request(
        {
          agent,
          port: web.port,
          host: "127.0.0.1",
          method: "POST",
          path: "/api/services/Math/actions/add",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        },
        response => {
          response.resume();
          response.on("end", () => (response.statusCode === 200 ? resolve() : reject(new Error(String(response.statusCode)))));
        },
      );
      request.on("error", reject);
      request.end('{"a":1,"b":2}');
    });
  const count = process.env["SORA_NIGHTLY"] === "1" ? 100_000 : 2_000;
  for (let done = 0; done < count; done += 200) await Promise.all(Array.from({ length: 200 }, call));
  agent.destroy();
  expect(host.list()[0]).toMatchObject({ inFlight: 0, waiting: 0 });
  expect(process.listenerCount("unhandledRejection")).toBeLessThan(5);
});
