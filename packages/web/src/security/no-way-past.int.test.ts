import { createTestHost } from "@sora/core/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest, sendRaw } from "../fixtures/raw-client.ts";
import { mathService } from "../fixtures/web-stage.ts";
import { createSoraWeb } from "../sora-web.ts";
import { serveSora } from "../web-server.ts";
import type { TestHost } from "@sora/core/testing";
import type { SoraWebServer } from "../web-server.ts";

const token = "0123456789abcdef";
const runs = process.env["SORA_NIGHTLY"] === "1" ? 100_000 : 1_000;

let host: TestHost;
let web: SoraWebServer;
const { service, seen } = mathService();
beforeAll(async () => {
  host = await createTestHost({ services: [service] });
  web = await serveSora(host, { port: 0, tokens: [{ token, scope: "admin" }] });
});
afterAll(() => host.stop());

/** What paths are made of, by those who look for a way past a guard. */
const separators = [
  "/",
  "//",
  "\\",
  "%2f",
  "%5c",
  "%00",
  "%0d%0a",
  "%",
  "%zz",
  "%c0%af",
  "%ff",
  ".",
  "..",
  "%2e",
  "%2e%2e",
  ";",
  "?",
  "#",
  "*",
  "@",
  ":80",
  "\u00e9",
];
const words =
  "health live ready LIVE api services Math actions add trigger status events stop metrics openapi.json __proto__ constructor http: localhost 127.0.0.1";
const pieces = [...separators, ...words.split(" ")];
const path = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map(parts => `/${parts.join("")}`);
const usual = fc.constantFrom(
  "/health/live",
  "/health/ready",
  "/api/services",
  "/api/events",
  "/api/services/Math/actions/add",
  "/api/services/Math/stop",
  "/metrics",
  "/",
);
const credentials = ["Bearer", "Bearer x", `Basic ${token}`, token].map(value => `Authorization: ${value}`);
const others = `Host: evil.example|X-Forwarded-For: 127.0.0.1|X-Forwarded-Host: localhost|X-Original-URL: /health/live|Cookie: token=${token}|X-Token: ${token}|Authorization : Bearer ${token}|
Origin: null|Origin: http://localhost|Sec-Fetch-Site: cross-site|Content-Type: application/json|Content-Length: 2|Transfer-Encoding: chunked|Expect: 100-continue|Upgrade: websocket|
Connection: Upgrade|X-HTTP-Method-Override: GET`;
const header = fc.constantFrom(...credentials, ...others.split(/\|\n?/));
const request = fc.record({
  host: fc.constantFrom("localhost", "127.0.0.1:4310", "[::1]", "localhost", "localhost", "evil.example"),
  method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"),
  path: fc.oneof(path, usual),
  headers: fc.array(header, { maxLength: 4 }),
  body: fc.constantFrom("", "{}", "2\r\n{}\r\n0\r\n\r\n"),
});
const open = /^\/health\/(?:live|ready)(?:\?.*)?$/;

test("nobody without the token gets past the guards by any path, method or header, and the server lives", async () => {
  const refusals = new Set<number>();
  await fc.assert(
    fc.asyncProperty(request, async sent => {
      const text = rawRequest(`${sent.method} ${sent.path} HTTP/1.1`, [`Host: ${sent.host}`, ...sent.headers, "Connection: close"], sent.body);
      const { statuses } = await sendRaw(web.port, Buffer.from(text, "latin1"), { patience: 500 });
      for (const status of statuses) {
        if (status < 300) expect([sent.method, open.test(sent.path), status]).toEqual([expect.stringMatching(/^(?:GET|HEAD)$/), true, 200]);
        else refusals.add(status);
        expect([400, 401, 403, 404, 405, 408, 417, 421, 431, ...(status < 300 ? [status] : [])]).toContain(status);
      }
    }),
    { numRuns: runs },
  );
  expect([...refusals].toSorted()).toEqual(expect.arrayContaining([400, 401, 404, 405, 421]));
  expect(seen.calls).toBe(0);
  expect(host.list()[0]).toMatchObject({ state: "running", inFlight: 0 });
  expect((await fetch(`${web.url}/health/live`)).status).toBe(200);
});

test("nor by fetch, whose URLs are tidied before anybody sees them", async () => {
  const { fetch: ask } = createSoraWeb(host, { tokens: [{ token, scope: "admin" }] });
  await fc.assert(
    fc.asyncProperty(request, async sent => {
      const url = `http://${sent.host}${sent.path}`;
      if (!URL.canParse(url)) return;
      const headers = new Headers();
      for (const line of sent.headers) {
        const [name = "", value = ""] = line.split(/: ?/, 2);
        if (/^[\w-]+$/.test(name)) headers.append(name, value);
      }
      if (sent.method === "TRACE") return; // fetch refuses it
      const { status } = await ask(new Request(url, { method: sent.method, headers }));
      const { pathname } = new URL(url);
      if (status < 400) expect([sent.method, open.test(pathname)]).toEqual([expect.stringMatching(/^(?:GET|HEAD)$/), true]);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: runs },
  );
  expect(seen.calls).toBe(0);
});
