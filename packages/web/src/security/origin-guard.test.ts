import { describe, expect, test } from "vitest";
import { OriginGuard } from "./origin-guard.ts";
import { webStage } from "../fixtures/web-stage.ts";
import type { Exchange } from "../routing/exchange.ts";

const guard = new OriginGuard(["https://Ops.example.com"]);
type Sent = readonly (readonly [string, string])[];

function passes(sent: Sent, method = "POST"): boolean {
  const headers = (name: string): string[] => sent.filter(([key]) => key === name).map(([, value]) => value);
  try {
    guard.check({ method, header: (name: string) => headers(name)[0], headers } as unknown as Exchange);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ status: 403, code: "SORA_ORIGIN_FOREIGN" });
    return false;
  }
}

const here = ["host", "localhost:4310"] as const;

describe("OriginGuard", () => {
  test.each<[string, Sent]>([
    ["a program, which sends neither", [here]],
    ["a page of ours", [here, ["origin", "http://localhost:4310"], ["sec-fetch-site", "same-origin"]]],
    ["a page of ours without Sec-Fetch", [here, ["origin", "http://localhost:4310"]]],
    [
      "a page of ours at the scheme's own port",
      [
        ["host", "localhost"],
        ["origin", "http://localhost"],
      ],
    ],
    [
      "a page of ours whose proxy names the port",
      [
        ["host", "localhost:443"],
        ["origin", "https://localhost"],
      ],
    ],
    ["an address typed in", [here, ["sec-fetch-site", "none"]]],
    ["an allowed page", [here, ["origin", "https://ops.example.com"], ["sec-fetch-site", "cross-site"]]],
    [
      "our page at an IPv6 address",
      [
        ["host", "[::1]:4310"],
        ["origin", "http://[::1]:4310"],
      ],
    ],
  ])("lets %s through", (_, sent) => {
    expect(passes(sent)).toBe(true);
    expect(passes(sent, "GET")).toBe(true);
  });

  test.each<[string, Sent]>([
    ["a foreign page", [here, ["origin", "https://evil.example"]]],
    ["a page without an origin", [here, ["origin", "null"]]],
    ["a file", [here, ["origin", "file://"]]],
    ["an extension", [here, ["origin", "chrome-extension://localhost:4310"]]],
    ["another port", [here, ["origin", "http://localhost:4311"]]],
    ["another name of this machine", [here, ["origin", "http://127.0.0.1:4310"]]],
    ["a longer name", [here, ["origin", "http://localhost:4310.evil.example"]]],
    ["a path", [here, ["origin", "http://localhost:4310/x"]]],
    ["user info", [here, ["origin", "http://localhost:4310@evil.example"]]],
    ["nothing", [here, ["origin", ""]]],
    ["two origins", [here, ["origin", "http://localhost:4310"], ["origin", "http://localhost:4310"]]],
    ["an allowed one and another", [here, ["origin", "https://ops.example.com"], ["origin", "https://evil.example"]]],
    ["an allowed name by http", [here, ["origin", "http://ops.example.com"]]],
    ["a cross-site fetch without an origin", [here, ["sec-fetch-site", "cross-site"]]],
    ["a same-site fetch", [here, ["sec-fetch-site", "same-site"], ["sec-fetch-mode", "no-cors"]]],
    ["a cross-site fetch that calls itself ours", [here, ["origin", "http://localhost:4310"], ["sec-fetch-site", "cross-site"]]],
    ["a value nobody knows", [here, ["sec-fetch-site", "x"]]],
    ["no Host to compare with", [["origin", "http://localhost:4310"]]],
  ])("refuses %s", (_, sent) => {
    expect(passes(sent)).toBe(false);
    expect(passes(sent, "GET")).toBe(false);
  });

  test("lets a followed link through, and no form, frame or picture", () => {
    const link: Sent = [here, ["sec-fetch-site", "cross-site"], ["sec-fetch-mode", "navigate"], ["sec-fetch-dest", "document"]];
    expect([passes(link, "GET"), passes(link, "POST")]).toEqual([true, false]);
    for (const dest of ["iframe", "image", "empty"])
      expect(passes([here, ["sec-fetch-site", "cross-site"], ["sec-fetch-mode", "navigate"], ["sec-fetch-dest", dest]], "GET")).toBe(false);
  });
});

describe("CORS", () => {
  const allowedOrigins = ["https://ops.example.com"];
  const preflight = { "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" };

  test("is not there unless configured", async () => {
    await using stage = await webStage();
    for (const headers of [{ origin: "http://127.0.0.1:4310" }, { origin: "https://ops.example.com" }]) {
      const answer = await stage.ask("/api/services", { headers });
      expect([...answer.headers.keys()].filter(name => name.startsWith("access-control") || name === "vary")).toEqual([]);
    }
    expect((await stage.ask("/api/services", { method: "OPTIONS", headers: { origin: "https://ops.example.com", ...preflight } })).status).toBe(405);
  });

  test("answers what a browser asks for a page of an allowed origin, without a token, and no other", async () => {
    await using stage = await webStage({ allowedOrigins, tokens: [{ token: "0123456789abcdef", scope: "admin" }] });
    const asked = await stage.ask("/api/services/Math/actions/add", { method: "OPTIONS", headers: { origin: "https://ops.example.com", ...preflight } });
    expect([
      asked.status,
      asked.text,
      asked.headers.get("access-control-allow-origin"),
      asked.headers.get("access-control-allow-methods"),
      asked.headers.get("access-control-allow-credentials"),
    ]).toEqual([204, "", "https://ops.example.com", "POST", null]);
    expect(asked.headers.get("access-control-allow-headers")).toContain("Authorization");
    const refused = await stage.ask("/api/services/Math/actions/add", { method: "OPTIONS", headers: { origin: "https://evil.example", ...preflight } });
    expect([refused.status, refused.headers.get("access-control-allow-origin"), refused.headers.get("vary")]).toEqual([405, null, "Origin"]);
  });

  test("lets pages of allowed origins read answers and refusals", async () => {
    await using stage = await webStage({ allowedOrigins });
    for (const [path, status] of [
      ["/api/services", 200],
      ["/api/services/Nope/status", 404],
    ] as const) {
      const answer = await stage.ask(path, { headers: { origin: "https://ops.example.com", "sec-fetch-site": "cross-site" } });
      expect([answer.status, answer.headers.get("access-control-allow-origin"), answer.headers.get("vary")]).toEqual([
        status,
        "https://ops.example.com",
        "Origin",
      ]);
    }
  });
});
