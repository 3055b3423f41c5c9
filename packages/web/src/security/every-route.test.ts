import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tokens, webStage } from "../fixtures/web-stage.ts";
import { WebApp } from "../web-app.ts";
import type { Answer, WebStage } from "../fixtures/web-stage.ts";
import type { Route } from "../routing/route.ts";

const all = Object.entries(tokens).map(([scope, token]) => ({ name: scope, token, scope: scope as keyof typeof tokens }));
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];
const ranks = ["open", "read", "operate", "admin"];

/** Every way not to have a token. */
const strangers: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "no token": [],
  "an empty token": [["authorization", "Bearer "]],
  "a wrong token": [["authorization", "Bearer wrong-0123456789abcdef"]],
  "a token and one letter more": [["authorization", `Bearer ${tokens.admin}x`]],
  "the beginning of a token": [["authorization", `Bearer ${tokens.admin.slice(0, -1)}`]],
  "another case": [["authorization", `Bearer ${tokens.admin.toUpperCase()}`]],
  "a doubled token": [
    ["authorization", `Bearer ${tokens.admin}`],
    ["authorization", `Bearer ${tokens.admin}`],
  ],
  "1 MB of token": [["authorization", `Bearer ${"x".repeat(1_000_000)}`]],
  "another scheme": [["authorization", `Basic ${btoa(`admin:${tokens.admin}`)}`]],
  "no scheme": [["authorization", tokens.admin]],
  "a cookie": [["cookie", `token=${tokens.admin}; authorization=Bearer ${tokens.admin}`]],
  "a header of another name": [
    ["x-api-key", tokens.admin],
    ["x-authorization", `Bearer ${tokens.admin}`],
  ],
};

let stage: WebStage;
let routes: readonly Route[];
beforeAll(async () => {
  stage = await webStage({ tokens: all });
  routes = new WebApp(stage.host, { tokens: all }).routes;
});
afterAll(() => stage.host.stop());

const pathOf = (route: Route): string => route.path.replace(":service", "Math").replace(":action", "add").replace(":id", "none");
const ask = (route: Route, method: string, headers: readonly (readonly [string, string])[] = [], token?: string): Promise<Answer> =>
  stage.ask(pathOf(route), { method, headers, ...(token === undefined ? {} : { token }) });
const methodsOf = ({ method }: Route): string[] => (method === "GET" ? ["GET", "HEAD"] : [method]);
const allowedAt = (path: string): string[] => {
  const own = routes.filter(route => route.path === path).map(({ method }) => method as string);
  return own.includes("GET") ? [...own, "HEAD"] : own;
};

/** What an answer must be, whatever it says. */
function expectWell(answer: Answer, method: string): void {
  expect(answer.status).toBeLessThan(500 + (answer.status === 503 ? 4 : 0));
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("cache-control")).toMatch(/no-store|no-cache/);
  if (!/^application\/(?:problem\+)?json$/.test(answer.headers.get("content-type") ?? "")) {
    expect(answer.headers.get("x-frame-options")).toBe("DENY");
    expect(answer.headers.get("content-security-policy")).toMatch(/frame-ancestors 'none'/);
  }
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  expect(answer.headers.get("set-cookie")).toBeNull();
  expect(answer.headers.get("x-powered-by")).toBeNull();
  expect(answer.text).not.toMatch(/\bat .*\.(?:ts|js):\d+/);
  if (answer.status >= 400 && method !== "HEAD" && !answer.headers.get("content-type")?.startsWith("application/json")) {
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.json).toMatchObject({
      type: `urn:sora:error:${answer.json.code}`,
      title: expect.any(String),
      status: answer.status,
      detail: expect.any(String),
      code: expect.stringMatching(/^SORA_/),
      fix: expect.any(String),
      retryable: expect.any(Boolean),
    });
  }
}

test("the route table holds every route there is, each once and with a summary", () => {
  const known = routes.map(({ method, path, scope }) => `${method} ${path} ${scope}`);
  expect(known).toEqual(
    expect.arrayContaining([
      "POST /api/services/:service/trigger operate",
      "POST /api/services/:service/check-queue operate",
      "POST /api/services/:service/process-batch operate",
      "GET /api/services/:service/status read",
      "GET /api/services/:service/health read",
      "GET /api/services/:service/info read",
      "GET /api/services read",
      "POST /api/services/:service/actions/:action operate",
      "POST /api/services/:service/start admin",
      "POST /api/services/:service/stop admin",
      "POST /api/services/:service/restart admin",
      "GET /api/services/:service/events read",
      "GET /api/events read",
      "GET /api/calls/:id read",
      "GET /api/actions read",
      "GET /api/actions/:id read",
      "POST /api/actions/:id/cancel operate",
      "POST /api/actions/:id/retry operate",
      "GET /api/queues read",
      "POST /api/queues/:service/pause operate",
      "POST /api/queues/:service/resume operate",
      "POST /api/queues/:service/actions/:action/pause operate",
      "POST /api/queues/:service/actions/:action/resume operate",
      "GET /api/schedules read",
      "GET /api/schedules/:id read",
      "PUT /api/schedules/:id operate",
      "DELETE /api/schedules/:id operate",
      "POST /api/schedules/:id/pause operate",
      "POST /api/schedules/:id/resume operate",
      "GET /api/outbox read",
      "POST /api/outbox/retry operate",
      "GET /health read",
      "GET /health/live open",
      "GET /health/ready open",
    ]),
  );
  expect(new Set(known).size).toBe(known.length);
  expect(routes.filter(({ scope }) => scope === "open").map(({ path }) => path)).toEqual(["/health/live", "/health/ready"]);
  for (const { summary } of routes) expect(summary.length).toBeGreaterThan(10);
});

describe("every route", () => {
  test("with every method it does not take gives 405 with Allow, whoever asks", async () => {
    for (const route of routes) {
      const allowed = allowedAt(route.path);
      for (const method of methods.filter(each => !allowed.includes(each))) {
        for (const token of [undefined, tokens.admin]) {
          const answer = await ask(route, method, [], token);
          expect([route.path, method, answer.status, answer.headers.get("allow")]).toEqual([route.path, method, 405, allowed.join(", ")]);
          expectWell(answer, method);
        }
      }
    }
  });

  test("with a parameter in the query that it does not take gives 400 and does nothing, but for the two probes, which pass it over", async () => {
    const before = stage.seen.calls;
    for (const route of routes) {
      const answer = await stage.ask(`${pathOf(route)}?dealy=1s`, { method: route.method, token: tokens.admin });
      if (route.scope === "open") expect([route.path, answer.status]).toEqual([route.path, 200]);
      else {
        expect([route.method, route.path, answer.status, answer.json.code]).toEqual([route.method, route.path, 400, "SORA_REQUEST_INVALID"]);
        expect(answer.json.detail).toContain('"dealy"');
        expectWell(answer, route.method);
      }
    }
    expect(stage.seen.calls).toBe(before);
  });

  test.each(Object.entries(strangers))("with %s gives 401 and does nothing, but for the two probes", async (_, headers) => {
    const before = stage.seen.calls;
    for (const route of routes) {
      for (const method of methodsOf(route)) {
        const answer = await ask(route, method, headers);
        const expected = route.scope === "open" ? [200] : [401];
        expect([route.path, method, answer.status]).toEqual([route.path, method, expect.toBeOneOf(expected)]);
        expect(answer.headers.get("www-authenticate")).toBe(route.scope === "open" ? null : 'Bearer realm="sora"');
        expectWell(answer, method);
        if (answer.status === 401) expect(answer.text).not.toContain("Math");
      }
    }
    expect(stage.seen.calls).toBe(before);
    expect(stage.host.list().every(({ state }) => state === "running")).toBe(true);
  });

  test.each(Object.keys(tokens) as (keyof typeof tokens)[])("with a token of scope %s does what that scope may and gives 403 for the rest", async scope => {
    for (const route of routes) {
      for (const method of methodsOf(route)) {
        const answer = await ask(route, method, [], tokens[scope]);
        const may = ranks.indexOf(scope) >= ranks.indexOf(route.scope);
        expect([route.path, method, answer.status === 403, answer.status === 401, answer.status === 405]).toEqual([route.path, method, !may, false, false]);
        if (!may) {
          expect(answer.json ?? { code: "SORA_SCOPE_REQUIRED" }).toMatchObject({ code: "SORA_SCOPE_REQUIRED" });
          expect(answer.headers.get("www-authenticate")).toContain("insufficient_scope");
        }
        expectWell(answer, method);
      }
      if (route.path.endsWith("/stop")) await stage.host.startService("Math");
    }
  });

  test("answers HEAD as it answers GET, without the body", async () => {
    for (const route of routes.filter(({ method }) => method === "GET")) {
      const [get, head] = [await ask(route, "GET", [], tokens.admin), await ask(route, "HEAD", [], tokens.admin)];
      expect([route.path, head.status, head.text, head.headers.get("content-type")]).toEqual([route.path, get.status, "", get.headers.get("content-type")]);
    }
  });

  test("refuses a foreign page whatever the token, and a stranger's Host before anything else", async () => {
    for (const route of routes) {
      const page = await ask(route, route.method, [["origin", "https://evil.example"]], tokens.admin);
      expect([route.path, page.status]).toEqual([route.path, route.scope === "open" ? 200 : 403]);
      const host = await ask(route, route.method, [["host", "evil.example"]], tokens.admin);
      expect([route.path, host.status, host.json.code]).toEqual([route.path, 421, "SORA_HOST_FOREIGN"]);
    }
  });
});

test("the probes tell strangers no names, and those who may read the reasons", async () => {
  await stage.host.stopService("Math");
  for (const path of ["/health/live", "/health/ready"]) {
    const stranger = await stage.ask(path);
    expect(Object.keys(stranger.json).toSorted()).toEqual(["entries", "status"]);
    expect(stranger.json.entries).toEqual({});
    const reader = await stage.ask(path, { token: tokens.read });
    expect(reader.json).toHaveProperty("reasons");
  }
  await stage.host.startService("Math");
});

test.each([
  "/health/live/",
  "/health/live/../api",
  "/health/live/x",
  "/health/LIVE",
  "/health//live",
  "//health/live",
  "/health/live;x",
  "/health/live%2f",
  "/health/live%00",
  "/health%2flive",
])("%s is no way past the token", async path => {
  const answer = await stage.ask(path);
  expect(answer.status).toBe(404);
});

test.each(["/health/live/../../api/services", "/health/live/%2e%2e/%2e%2e/api/services", "/api/services?path=/health/live", "/api/services#/health/live"])(
  "%s is what it comes to, and asks for a token",
  async path => {
    expect((await stage.ask(path)).status).toBe(401);
  },
);
