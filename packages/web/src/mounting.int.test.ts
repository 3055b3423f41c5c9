import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { defineService, serviceEvent, type } from "@sora/core";
import { createTestHost } from "@sora/core/testing";
import { serve } from "@hono/node-server";
import fastify from "fastify";
import type { FastifyInstance } from "fastify";
import { Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import { rawRequest, sendRaw } from "./fixtures/raw-client.ts";
import { mathService } from "./fixtures/web-stage.ts";
import { createSoraWeb } from "./sora-web.ts";
import type { TestHost } from "@sora/core/testing";
import type { SoraWeb } from "./sora-web.ts";
import type { WebOptions } from "./web-options.ts";

/** As much of Express as is used here; it brings no types of its own. */
type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
interface ExpressApp extends RequestListener {
  use(...handlers: (string | Handler)[]): void;
  post(path: string, handler: (request: unknown, response: { json(body: unknown): void }) => void): void;
}
interface Express {
  (): ExpressApp;
  json(): Handler;
  raw(options: { type: string }): Handler;
  text(options: { type: string }): Handler;
  Router(): Handler & { use(...handlers: (string | Handler)[]): void };
}
const express = createRequire(import.meta.url)("express") as Express;

const Tick = serviceEvent("Tick", type<number>());
const ticker = defineService("Ticker", { events: { Tick }, actions: { tick: async ({ emit }) => emit(Tick, 1) } });

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function mounted(options: WebOptions = {}): Promise<{ host: TestHost; web: SoraWeb; seen: { calls: number; aborted: number } }> {
  const { service, seen } = mathService();
  const host = await createTestHost({ services: [service, ticker] });
  closing.push(() => host.stop());
  return { host, web: createSoraWeb(host, options), seen };
}

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  closing.push(() => (server.closeAllConnections(), server.close()));
  await new Promise(resolve => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function honoServing(app: Hono): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<AddressInfo>();
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, resolve);
  closing.push(() => ("closeAllConnections" in server && server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${(await promise).port}`;
}

async function fastifyServing(register: (app: FastifyInstance) => unknown): Promise<string> {
  const app = fastify({ forceCloseConnections: true });
  await register(app);
  closing.push(() => app.close());
  return app.listen({ port: 0, host: "127.0.0.1" });
}

/** A scope of Fastify that reads no bodies and hands every request on. */
const fastifyScope = (web: SoraWeb) => async (scope: FastifyInstance) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
  scope.all("/*", (request, reply) => {
    reply.hijack();
    web.listener(request.raw, reply.raw);
  });
};

/** Every way to mount: where the control plane is found then. */
const ways: Readonly<Record<string, { readonly options?: WebOptions; mount(web: SoraWeb): Promise<string> }>> = {
  "node:http": { mount: web => listening(web.listener) },
  "node:http, beside other paths": { mount: web => listening((request, response) => web.listener(request, response, () => response.writeHead(418).end())) },
  "node:http, under a path": { options: { prefix: "/ops/sora" }, mount: async web => `${await listening(web.listener)}/ops/sora` },
  "Express, at its root": {
    mount: async web => {
      const app = express();
      app.use(web.listener);
      return listening(app);
    },
  },
  "Express, under a path": {
    mount: async web => {
      const app = express();
      app.use("/sora", web.listener);
      return `${await listening(app)}/sora`;
    },
  },
  "Express, two routers deep, after express.json()": {
    mount: async web => {
      const [app, outer] = [express(), express.Router()];
      app.use(express.json());
      outer.use("/sora", web.listener);
      app.use("/ops", outer);
      return `${await listening(app)}/ops/sora`;
    },
  },
  "Express, after express.raw()": {
    mount: async web => {
      const app = express();
      app.use(express.raw({ type: "*/*" }));
      app.use(web.listener);
      return listening(app);
    },
  },
  "Express, after express.text()": {
    mount: async web => {
      const app = express();
      app.use(express.text({ type: "*/*" }));
      app.use(web.listener);
      return listening(app);
    },
  },
  "Fastify, at its root": { mount: web => fastifyServing(app => app.register(fastifyScope(web))) },
  "Fastify, under a path": {
    options: { prefix: "/sora" },
    mount: async web => `${await fastifyServing(app => app.register(fastifyScope(web), { prefix: "/sora" }))}/sora`,
  },
  "Hono, at its root": { mount: web => honoServing(new Hono().all("*", c => web.fetch(c.req.raw, c.env))) },
  "Hono, under a path": {
    options: { prefix: "/sora" },
    mount: async web => `${await honoServing(new Hono().all("/sora/*", c => web.fetch(c.req.raw, c.env)))}/sora`,
  },
  "Hono, mounted": { mount: async web => `${await honoServing(new Hono().mount("/sora", web.fetch))}/sora` },
};

const json = { "content-type": "application/json" };

describe.each(Object.entries(ways))("mounted in %s", (name, { options, mount }) => {
  test("calls, asks, refuses and finds nothing as on a server of its own", async () => {
    const { web } = await mounted(options);
    const url = await mount(web);
    const add = await fetch(`${url}/api/services/math/actions/add`, { method: "POST", headers: json, body: '{"a":1,"b":2}' });
    expect([add.status, await add.json()]).toEqual([200, { result: { sum: 3 }, correlationId: expect.any(String) }]);
    expect(((await (await fetch(`${url}/api/services`)).json()) as unknown[]).length).toBe(2);
    const head = await fetch(`${url}/health/ready`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const wrong = await fetch(`${url}/api/services`, { method: "DELETE" });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const broken = await fetch(`${url}/api/services/math/actions/add`, { method: "POST", headers: json, body: '{"a":"x","__proto__":1}' });
    expect(broken.status).toBe(400);
    const empty = await fetch(`${url}/api/services/math/actions/nothing`, { method: "POST" });
    expect(empty.status).toBe(200);
    const foreign = await fetch(`${url}/api/services/math/stop`, { method: "POST", headers: { origin: "https://evil.example" } });
    expect(foreign.status).toBe(403);
    expect([404, 418]).toContain((await fetch(`${url}/nowhere`)).status);
  });

  test("gives a Location that leads back to it", async () => {
    const { web, host } = await mounted(options);
    const url = await mount(web);
    const accepted = await fetch(`${url}/api/services/math/actions/add`, {
      method: "POST",
      headers: { ...json, prefer: "respond-async" },
      body: '{"a":1,"b":2}',
    });
    expect(accepted.status).toBe(202);
    await host.clock.settle();
    const location = accepted.headers.get("location") as string;
    // Hono's mount takes the path away and says nothing of it
    const outcome = await fetch(name === "Hono, mounted" ? `${url}${location}` : new URL(location, url));
    expect(await outcome.json()).toMatchObject({ state: "completed", result: { sum: 3 } });
  });

  test("streams events, and sees the client go", async () => {
    const { web, host } = await mounted(options);
    const url = await mount(web);
    const client = new AbortController();
    const stream = await fetch(`${url}/api/services/ticker/events`, { signal: client.signal });
    expect(stream.headers.get("content-type")).toBe("text/event-stream");
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    const read = async (what: string): Promise<void> => {
      while (!text.includes(what)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`the stream ended before ${what}: ${text}`);
        text += Buffer.from(value).toString();
      }
    };
    await read("sora.open");
    await host.services(ticker).do("tick").execute();
    await read('"event":"Tick"');
    client.abort();
  });

  test("cancels the call of a client that goes away", async () => {
    const { web, seen } = await mounted(options);
    const url = await mount(web);
    const client = new AbortController();
    const call = fetch(`${url}/api/services/math/actions/wait`, { method: "POST", signal: client.signal }).catch(() => undefined);
    while (seen.calls === 0) await new Promise(resolve => setTimeout(resolve, 5));
    client.abort();
    await call;
    for (let turn = 0; seen.aborted === 0 && turn < 200; turn++) await new Promise(resolve => setTimeout(resolve, 5));
    expect(seen.aborted).toBe(1);
  });

  test("takes no header twice that must come once", async () => {
    const token = "0123456789abcdef";
    const { web } = await mounted({ ...options, tokens: [{ token, scope: "admin" }] });
    const { port, pathname } = new URL(await mount(web));
    const bearer = `Authorization: Bearer ${token}`;
    const ask = async (...headers: readonly string[]): Promise<number> => {
      const path = `${pathname === "/" ? "" : pathname}/api/services/math/stop`;
      return (await sendRaw(Number(port), rawRequest(`POST ${path} HTTP/1.1`, [...headers, "Connection: close"]))).status;
    };
    const here = "Host: localhost";
    expect(await ask(here, bearer, bearer)).toBe(401);
    expect(await ask(here, bearer, "authorization: Bearer x")).toBe(401);
    expect(await ask(here, here, bearer)).toBe(400);
    expect(await ask(here, "host: evil.example", bearer)).toBe(400);
    expect(await ask(here, "Origin: http://localhost", "origin: http://localhost", bearer)).toBe(403);
    expect(await ask("Host: evil.example", bearer)).toBe(421);
    expect(await ask(here, bearer)).toBe(200);
  });

  test("holds bodies to its limits", async () => {
    const { web } = await mounted(options);
    const url = await mount(web);
    const big = await fetch(`${url}/api/services/math/actions/echo`, { method: "POST", headers: json, body: JSON.stringify("x".repeat(1024 * 1024)) }).catch(
      () => undefined,
    );
    expect([413, undefined]).toContain(big?.status);
    const deep = await fetch(`${url}/api/services/math/actions/echo`, { method: "POST", headers: json, body: "[".repeat(65) + "]".repeat(65) });
    expect([deep.status, ((await deep.json()) as { code: string }).code]).toEqual([400, "SORA_BODY_INVALID"]);
  });
});

describe("createSoraWeb", () => {
  test("leaves an Express program its own routes, whose bodies it has not touched", async () => {
    const { web } = await mounted();
    const app = express();
    app.use(web.listener);
    app.use(express.json());
    app.post("/orders", (request, response) => response.json({ ordered: (request as { body: unknown }).body }));
    const url = await listening(app);
    const ordered = await fetch(`${url}/orders`, { method: "POST", headers: json, body: '{"n":1}' });
    expect(await ordered.json()).toEqual({ ordered: { n: 1 } });
    expect((await fetch(`${url}/nowhere`)).headers.get("content-type")).toContain("text/html");
    expect((await fetch(`${url}/api/services`)).status).toBe(200);
  });

  test("keeps no stream's place for a request that something before it has answered", async () => {
    const { web } = await mounted({ streams: 1 });
    const app = express();
    app.use((_request, response, next) => {
      queueMicrotask(() => response.end("mine"));
      next();
    });
    app.use("/first", web.listener);
    const url = await listening((request, response) => (request.url === "/api/events" ? web.listener(request, response) : app(request, response)));
    for (let i = 0; i < 3; i++) expect(await (await fetch(`${url}/first/api/events`)).text()).toBe("mine");
    const stream = await fetch(`${url}/api/events`);
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
  });

  test("says so where something has read the body and left nothing", async () => {
    const { web } = await mounted();
    const eater = await listening((request, response) => {
      request.resume();
      request.on("end", () => web.listener(request, response));
    });
    const answer = await fetch(`${eater}/api/services/math/actions/add`, { method: "POST", headers: json, body: '{"a":1,"b":2}' });
    expect([answer.status, await answer.json()]).toEqual([500, expect.objectContaining({ code: "SORA_INTERNAL", fix: expect.stringContaining("before") })]);
    const fetched = new Request("http://127.0.0.1/api/services/math/actions/add", { method: "POST", headers: json, body: '{"a":1,"b":2}' });
    await fetched.text();
    expect((await web.fetch(fetched)).status).toBe(500);
    const bodyless = await fetch(`${eater}/api/services/math/actions/nothing`, { method: "POST" });
    expect(bodyless.status).toBe(200);
  });

  test.each(["node:http", "fetch"])("guards routes of one's own in the same server as it guards its own: %s", async way => {
    const tokens = [
      { token: "reads-0123456789", scope: "read" },
      { token: "operates-0123456789", scope: "operate" },
    ] as const;
    const { web, host } = await mounted({ tokens });
    let reached = 0;
    const url =
      way === "node:http"
        ? await listening((request, response) => {
            if (request.url?.startsWith("/own") !== true) return web.listener(request, response);
            if (web.admits(request, response, request.method === "GET" ? "read" : undefined)) response.end(String(++reached));
          })
        : await honoServing(
            new Hono()
              .all("/own", c => web.refusal(c.req.raw, c.env, c.req.method === "GET" ? "read" : undefined) ?? c.text(String(++reached)))
              .all("*", c => web.fetch(c.req.raw, c.env)),
          );
    const ask = async (method: string, headers: Record<string, string> = {}): Promise<[number, string | undefined]> => {
      const answer = await fetch(`${url}/own`, { method, headers });
      const type = answer.headers.get("content-type");
      return [answer.status, type === "application/problem+json" ? ((await answer.json()) as { code: string }).code : undefined];
    };
    const bearer = (index: number) => ({ authorization: `Bearer ${tokens[index]?.token}` });
    expect(await ask("POST")).toEqual([401, "SORA_TOKEN_REQUIRED"]);
    expect(await ask("GET")).toEqual([401, "SORA_TOKEN_REQUIRED"]);
    expect(await ask("POST", bearer(0))).toEqual([403, "SORA_SCOPE_REQUIRED"]);
    expect(await ask("POST", { ...bearer(1), origin: "https://evil.example" })).toEqual([403, "SORA_ORIGIN_FOREIGN"]);
    expect(await ask("POST", { ...bearer(1), "sec-fetch-site": "cross-site" })).toEqual([403, "SORA_ORIGIN_FOREIGN"]);
    expect(reached).toBe(0);
    expect(await ask("POST", bearer(1))).toEqual([200, undefined]);
    expect(await ask("GET", bearer(0))).toEqual([200, undefined]);
    expect((await fetch(`${url}/own`, { method: "HEAD" })).status).toBe(401);
    const foreign = await sendRaw(
      Number(new URL(url).port),
      rawRequest("POST /own HTTP/1.1", ["Host: evil.example", `Authorization: Bearer ${tokens[1].token}`]),
    );
    expect(foreign.status).toBe(421);
    await host.stop();
    expect(await ask("POST", bearer(1))).toEqual([503, "SORA_HOST_UNREADY"]);
    expect(await ask("GET", bearer(1))).toEqual([200, undefined]);
    expect(reached).toBe(3);
  });

  test("without a token serves nobody who comes through another machine", async () => {
    const { web } = await mounted();
    const url = await listening(web.listener);
    const forwarded = await fetch(`${url}/api/services`, { headers: { "x-forwarded-for": "203.0.113.9" } });
    expect([forwarded.status, ((await forwarded.json()) as { detail: string }).detail]).toEqual([401, expect.stringContaining("this machine alone")]);
    const far = { incoming: { socket: { localAddress: "192.168.1.5", remoteAddress: "192.168.1.9" } } };
    expect((await web.fetch(new Request("http://127.0.0.1/api/services"), far)).status).toBe(401);
  });

  test("without a token warns once where it is not told where requests come from", async () => {
    const { service } = mathService();
    const host = await createTestHost({ services: [service], environment: "Development" });
    closing.push(() => host.stop());
    const warnings = () => host.logs.filter(({ level, message }) => level === "warn" && message.includes("not told where requests come from")).length;
    const [open, closed] = [createSoraWeb(host), createSoraWeb(host, { tokens: [{ token: "0123456789abcdef", scope: "read" }] })];
    await closed.fetch(new Request("http://localhost/health/live"));
    await open.fetch(new Request("http://localhost/health/live"), { incoming: { socket: { localAddress: "127.0.0.1", remoteAddress: "127.0.0.1" } } });
    expect(warnings()).toBe(0);
    for (let turn = 0; turn < 3; turn++) await open.fetch(new Request("http://localhost/health/live"));
    expect(warnings()).toBe(1);
  });

  test("works with its members taken out of it, and with whatever a framework hands over as the second argument", async () => {
    const { web } = await mounted();
    const { fetch: handle } = web;
    for (const env of [undefined, null, {}, "path", { incoming: undefined }, { incoming: { socket: undefined } }, 7])
      expect((await handle(new Request("http://localhost/api/services"), env)).status).toBe(200);
  });

  test("ends its streams with the host", async () => {
    const { web, host } = await mounted();
    const url = await listening(web.listener);
    const stream = await fetch(`${url}/api/events`);
    await host.stop();
    expect(await stream.text()).toContain("sora.close");
    expect((await fetch(`${url}/health/ready`)).status).toBe(503);
  });
});
