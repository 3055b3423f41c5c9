import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { defineService, SoraHost } from "../index.ts";
import { createMemoryLogger } from "../testing/index.ts";
import type { MemoryLogger } from "../testing/index.ts";

let contentRoot: string;
let logger: MemoryLogger;

beforeEach(async () => {
  contentRoot = await mkdtemp(join(tmpdir(), "sora-settings-"));
  logger = createMemoryLogger();
});
afterEach(() => rm(contentRoot, { recursive: true, force: true }));

const ticker = defineService("Ticker", { every: "1h", runInTesting: true, settings: z.object({ limit: z.number().default(5) }), execute: () => {}, actions: { limit: context => context.settings.limit } });
const worker = defineService("Worker", { runInTesting: true, actions: { work: () => "done" } });

async function write(services: object): Promise<void> {
  await writeFile(join(contentRoot, "appsettings.json"), JSON.stringify({ Sora: { BackgroundServices: { Services: services } } }));
}

/** Resolves once a line with `text` has been logged; the test's own time limit ends it otherwise. */
async function logged(text: string): Promise<void> {
  while (!logger.lines.some(line => line.message.includes(text))) await new Promise(resolve => setImmediate(resolve));
}

function start(): Promise<SoraHost> {
  return SoraHost.start({ services: [ticker, worker], contentRoot, environment: "Testing", logger });
}

test("an IntervalSeconds edited in appsettings.json takes effect without a restart", async () => {
  await write({ Ticker: { IntervalSeconds: 3_600 } });
  await using host = await start();
  const before = await host.services(ticker).query().getStatus();
  await write({ Ticker: { IntervalSeconds: 60 } });
  await logged("The interval has changed");
  const after = await host.services(ticker).query().getStatus();
  expect((before.nextRun ?? 0) - (after.nextRun ?? 0)).toBeGreaterThan(3_000_000);
  expect((await host.services(ticker).query().getInfo()).configuration["IntervalSeconds"]).toMatchObject({ value: 60, source: expect.stringContaining("appsettings.json:1") });
});

test("a service is stopped and started as its Enabled is edited", async () => {
  await write({});
  await using host = await start();
  await write({ Worker: { Enabled: false } });
  await logged("The configuration has changed");
  while ((await host.services(worker).query().getStatus()).state !== "disabled") await new Promise(resolve => setImmediate(resolve));
  await expect(host.services(worker).do("work").execute()).rejects.toMatchObject({ code: "SORA_SERVICE_DISABLED", message: expect.stringContaining("appsettings.json") });
  await write({ Worker: { Enabled: true } });
  while ((await host.services(worker).query().getStatus()).state !== "running") await new Promise(resolve => setImmediate(resolve));
  expect(await host.services(worker).do("work").execute()).toBe("done");
});

test("settings that the schema refuses are refused with the file and the last good ones kept", async () => {
  await write({ Ticker: { Settings: { Limit: 7 } } });
  await using host = await start();
  expect(await host.services(ticker).do("limit").execute()).toBe(7);
  await write({ Ticker: { Settings: { Limit: "many" } } });
  await logged("Kept the last good configuration");
  expect(await host.services(ticker).do("limit").execute()).toBe(7);
  await write({ Ticker: { Settings: { Limit: 9 } } });
  await logged("The configuration has changed");
  expect(await host.services(ticker).do("limit").execute()).toBe(9);
});
