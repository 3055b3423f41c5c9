/**
 * `node http-server.ts <contestant>`, started with an IPC channel: serves `POST /api/services/Math/actions/add`, which adds two numbers, until its parent lets go of the channel. It says
 * at which port, and what it has used of the processor whenever it is asked.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const path = "/api/services/Math/actions/add";
export const token = "a-token-of-32-characters-0123456";

/** What a server tells its parent. */
export type HttpServerMessage = { readonly port: number } | { readonly cpu: number };

interface Numbers {
  readonly a: number;
  readonly b: number;
}

const address = "127.0.0.1";
const add = async ({ a, b }: Numbers): Promise<{ sum: number }> => ({ sum: a + b });
const body = { type: "object", required: ["a", "b"], properties: { a: { type: "number" }, b: { type: "number" } } };
const answer = { type: "object", properties: { sum: { type: "number" } } };

/** Starts one, and gives the port it listens on. */
const contestants: Readonly<Record<string, () => Promise<number>>> = {
  "node:http": () =>
    new Promise(resolve => {
      const server = createServer((request, response) => {
        if (request.method !== "POST" || request.url !== path) {
          response.statusCode = 404;
          response.end();
          return;
        }
        const parts: Buffer[] = [];
        request.on("data", (part: Buffer) => parts.push(part));
        request.on("end", async () => {
          const text = JSON.stringify(await add(JSON.parse(String(parts.length === 1 ? parts[0] : Buffer.concat(parts))) as Numbers));
          response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
          response.end(text);
        });
      });
      server.listen(0, address, () => resolve((server.address() as AddressInfo).port));
    }),
  hono: async () => {
    const { Hono } = await import("hono");
    const { serve } = await import("@hono/node-server");
    const app = new Hono();
    app.post(path, async context => context.json(await add(await context.req.json())));
    return new Promise(resolve => serve({ fetch: app.fetch, port: 0, hostname: address }, ({ port }) => resolve(port)));
  },
  "fastify, schemas": async () => {
    const { fastify } = await import("fastify");
    const app = fastify();
    app.post(path, { schema: { body, response: { 200: answer } } }, async request => add(request.body as Numbers));
    await app.listen({ port: 0, host: address });
    return (app.server.address() as AddressInfo).port;
  },
  "moleculer-web": () => moleculer({}),
  "moleculer-web, log off": () => moleculer({ logger: false }),
  Sora: () => sora({ logger: false }),
  "Sora, token and audit lines": () => sora({ configuration: { Sora: { Logging: { Format: "json" }, Web: { Token: token } } } }),
};

async function moleculer(options: object): Promise<number> {
  const { ServiceBroker } = await import("moleculer");
  const { default: gateway } = await import("moleculer-web");
  const broker = new ServiceBroker(options);
  broker.createService({
    name: "math",
    actions: { add: { params: { a: "number", b: "number" }, handler: (context: { params: Numbers }) => add(context.params) } },
  } as never);
  const api = broker.createService({
    name: "api",
    mixins: [gateway],
    settings: { port: 0, ip: address, routes: [{ path: "/", aliases: { [`POST ${path.slice(1)}`]: "math.add" }, bodyParsers: { json: true } }] },
  } as never) as unknown as { server: { address(): AddressInfo } };
  await broker.start();
  return api.server.address().port;
}

async function sora(options: object): Promise<number> {
  const { defineService, SoraHost } = await import("@sora/core");
  const { z } = await import("zod");
  const math = defineService("Math", { actions: { add: { parameters: z.object({ a: z.number(), b: z.number() }), run: add } } });
  const host = await SoraHost.start({ services: [math], web: { port: 0 }, environment: "Development", ...options });
  return (host.web as { port: number }).port;
}

if (process.send !== undefined) {
  const start = contestants[process.argv[2] ?? ""];
  if (start === undefined) throw new Error(`No contestant is called ${process.argv[2]}.`);
  process.on("disconnect", () => process.exit());
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpu: user + system } satisfies HttpServerMessage);
  });
  process.send({ port: await start() } satisfies HttpServerMessage);
}
