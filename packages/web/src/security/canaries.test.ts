import { tmpdir } from "node:os";
import { createMemoryStore, createPinoLogger, defineService, HealthReport, serviceEvent, SoraHost } from "@sora/core";
import type { ActionContext } from "@sora/core";
import { type as arktype } from "arktype";
import { expect, test } from "vitest";
import { z } from "zod";
import { readAnswer, requestOf } from "../fixtures/web-stage.ts";
import { createSoraWeb } from "../sora-web.ts";
import { WebApp } from "../web-app.ts";
import type { Answer, Asking } from "../fixtures/web-stage.ts";

/** A value that must come out nowhere; each place has its own, so that a leak says where from. */
const canary = (place: string): string => `canary${place}x7`;
const token = `${canary("Token")}0123456789`;
const wrongToken = `${canary("WrongToken")}0123456789`;

const Logged = serviceEvent("Logged", z.object({ user: z.string(), password: z.string() }));

const leaky = defineService("Leaky", {
  settings: z.object({
    apiKey: z.string(),
    database: z.string(),
    size: z.number().default(1),
    nested: z.object({ clientSecret: z.string() }).default({ clientSecret: canary("SettingsDefault") }),
  }),
  events: { Logged },
  actions: {
    login: { parameters: z.object({ user: z.string(), password: z.string().min(100) }), run: async () => 1 },
    quoting: { parameters: arktype({ password: "'never'" }), run: async () => 1 },
    url: async () => {
      throw new Error(`connect ECONNREFUSED postgres://app:${canary("ErrorUrl")}@db:5432/app`);
    },
    pair: async () => {
      throw new Error("login failed", { cause: new Error(`password=${canary("ErrorCause")}`) });
    },
    details: async () => {
      throw Object.assign(new Error(`token=${canary("ErrorPair")}`), {
        token: canary("ErrorMember"),
        config: { headers: { authorization: `Bearer ${canary("ErrorHeader")}` } },
      });
    },
    tell: async ({ emit }: ActionContext) => emit(Logged, { user: "ada", password: canary("Event") }),
  },
  check: async () =>
    HealthReport.degraded(`amqp://guest:${canary("HealthText")}@mq is slow`, { secret: canary("HealthData"), url: `redis://:${canary("HealthUrl")}@cache` }),
} as never);

const failing = defineService("Failing", {
  restart: { budget: 0 },
  actions: {},
  execute: async () => {
    throw new Error(`mongodb://root:${canary("State")}@mongo`);
  },
});

test("no secret comes out of any route, in any answer, log line or audit line", async () => {
  const lines: string[] = [];
  const logger = createPinoLogger({ level: "debug", destination: { write: line => lines.push(line) } });
  const configuration = {
    Sora: {
      Web: { Token: token },
      BackgroundServices: { Services: { Leaky: { Settings: { ApiKey: canary("Settings"), Database: `postgres://u:${canary("SettingsUrl")}@h/d` } } } },
    },
  };
  await using host = await SoraHost.start({
    services: [leaky, failing],
    configuration,
    logger,
    environment: "Development",
    contentRoot: tmpdir(),
    watchConfiguration: false,
    store: createMemoryStore(),
  });
  const web = createSoraWeb(host);
  const { routes } = new WebApp(host);
  const answers: Answer[] = [];
  const ask = async (path: string, asking: Asking): Promise<void> =>
    void answers.push(await readAnswer(await web.fetch(requestOf(`http://127.0.0.1${path}`, asking))));
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve));
  };

  const call = (action: string) => `/api/services/Leaky/actions/${action}`;
  const bodies = [{ user: "ada", password: canary("Input") }, { password: canary("InputQuoted") }, `{"password":"${canary("InputBroken")}"`, { password: 7 }];
  for (const action of ["login", "quoting", "url", "pair", "details", "tell"]) {
    for (const headers of [{}, { prefer: "respond-async" }, { "idempotency-key": "k" }] as Record<string, string>[]) {
      for (const body of bodies) await ask(call(action), { method: "POST", body, token, headers });
    }
  }
  await settle();
  const stored = answers.filter(({ status }) => status === 202).map(({ headers }) => headers.get("location") as string);
  expect(stored.length).toBeGreaterThan(10);
  for (const location of stored) await ask(location, { token });
  await ask("/api/actions", { token });
  for (const { method, path } of routes) {
    const concrete = path.replace(":service", "Leaky").replace(":action", "login").replace(":id", "none");
    for (const credentials of [token, wrongToken])
      await ask(`${concrete}?access_token=${canary("Query")}`, {
        method,
        token: credentials,
        headers: { "x-api-key": canary("Header"), cookie: `session=${canary("Cookie")}` },
      });
  }
  await ask("/api/services/Failing/status", { token });
  await ask("/health", { token });
  await ask("/api/services", { token });
  await settle();

  expect(answers.length).toBeGreaterThan(100);
  const said = answers.map(({ text, headers }) => text + JSON.stringify([...headers])).join("\n");
  expect(said.match(/canary\w+/g) ?? []).toEqual([]);
  expect(lines.filter(line => line.includes('"audit":true')).length).toBeGreaterThan(70);
  expect(lines.filter(line => line.includes("A request failed")).length).toBeGreaterThan(10);
  expect(lines.join("").match(/canary\w+/g) ?? []).toEqual([]);
});
