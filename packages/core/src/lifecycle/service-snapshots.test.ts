import { expect, test } from "vitest";
import * as z from "zod";
import { defineService, serviceEvent } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

const Synced = serviceEvent("Synced", z.object({ source: z.string() }), { description: "A source was read" });
const Settings = z.object({ url: z.string(), apiKey: z.string(), retries: z.number().default(3) });

const sync = defineService("Sync", {
  description: "Keeps sources in step",
  settings: Settings,
  priority: 7,
  concurrency: 1,
  events: { synced: Synced },
  actions: {
    syncSource: {
      parameters: z.object({ source: z.string(), since: z.number().optional() }),
      description: "Reads a source",
      concurrency: 2,
      timeout: "5s",
      idempotent: true,
      run: async ({ source }, context) => context.delay(100).then(() => source),
    },
    fail: () => {
      throw new Error("no");
    },
  },
});
const configuration = {
  Sora: { BackgroundServices: { Services: { Sync: { Priority: 9, Settings: { Url: "postgres://me:hunter2@db/sync", ApiKey: "canary-secret" } } } } },
};

test("getStatus tells what is under way, what waits and what has been, and changes as it does", async () => {
  await using host = await createTestHost({ services: [sync], configuration });
  const services = host.services(sync);
  expect(await services.query().getStatus()).toEqual({
    name: "Sync",
    kind: "background",
    state: "running",
    since: host.clock.now(),
    runs: 1,
    restarts: 0,
    inFlight: 0,
    waiting: 0,
    node: "test",
  });
  const calls = ["a", "b", "c"].map(source => services.do("sync-source", { source }).execute());
  await host.clock.settle();
  expect(await services.query().getStatus()).toMatchObject({ inFlight: 1, waiting: 2 });
  await host.clock.advance(100);
  expect(await services.query().getStatus()).toMatchObject({ inFlight: 1, waiting: 1, lastActivity: host.clock.now() });
  await host.clock.advance(200);
  expect(await Promise.all(calls)).toEqual(["a", "b", "c"]);
  await expect(services.do("fail").execute()).rejects.toThrow("no");
  expect(await services.query().getStatus()).toMatchObject({ inFlight: 0, waiting: 0, lastError: { message: "Error: no", at: host.clock.now() } });
});

test("getInfo describes actions, events and commands with their schemas", async () => {
  await using host = await createTestHost({ services: [sync], configuration });
  await host
    .services(sync)
    .do("fail")
    .execute()
    .catch(() => {});
  const info = await host.services(sync).query().getInfo();
  expect(info).toMatchObject({
    name: "Sync",
    kind: "background",
    description: "Keeps sources in step",
    commands: ["HealthCheckCommand", "StatusCommand"],
    actions: [
      {
        name: "sync-source",
        description: "Reads a source",
        concurrency: 2,
        timeout: 5_000,
        idempotent: true,
        version: 1,
        calls: 0,
        failures: 0,
        parameters: { type: "object", required: ["source"] },
      },
      { name: "fail", requiresParameters: false, calls: 1, failures: 1 },
    ],
    events: [{ name: "Synced", description: "A source was read", version: 1, durable: false, args: { type: "object" } }],
  });
});

test("getInfo shows values in force with where they come from, and no secret", async () => {
  await using host = await createTestHost({ services: [sync], configuration, env: { Sora__BackgroundServices__Services__Sync__Settings__Retries: "4" } });
  const info = await host.services(sync).query().getInfo();
  expect(info.configuration).toEqual({ Enabled: { value: true, source: "default" }, Priority: { value: 9, source: "host options" } });
  expect(info.settings).toMatchObject({
    Url: { value: "postgres://***@db/sync", source: "host options" },
    ApiKey: { value: "***", source: "host options" },
    Retries: { value: 4, source: "environment variable Sora__BackgroundServices__Services__Sync__Settings__Retries" },
  });
  expect(JSON.stringify(info)).not.toMatch(/hunter2|canary-secret/);
});

test("getStatus tells when a periodic service runs next", async () => {
  const hourly = defineService("Hourly", { every: "1h", execute: () => {} });
  await using host = await createTestHost({ services: [hourly] });
  const { nextRun } = await host.services(hourly).query().getStatus();
  expect(nextRun).toBe(host.clock.now() + 3_600_000);
  await host.clock.advance("90m");
  expect((await host.services(hourly).query().getStatus()).nextRun).toBe((nextRun ?? 0) + 3_600_000);
});

test("lastError is what the service's own work threw last, not a caller's mistake or impatience", async () => {
  await using host = await createTestHost({ services: [sync], configuration });
  const services = host.services(sync);
  await services
    .do("fail")
    .execute()
    .catch(() => {});
  await services
    .do("sync-source", {} as never)
    .execute()
    .catch(() => {});
  const impatient = services
    .do("sync-source", { source: "a" })
    .withTimeout(10)
    .execute()
    .catch(() => {});
  await host.clock.advance(200);
  await impatient;
  expect((await services.query().getStatus()).lastError?.message).toBe("Error: no");
});
