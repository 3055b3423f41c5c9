import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as z from "zod";
import { defineService, SoraHost, SoraServices } from "../index.ts";
import { createMemoryLogger, createTestHost } from "../testing/index.ts";
import type { ConfigurationRoot } from "../configuration/configuration-root.ts";
import type { MemoryLogger } from "../testing/index.ts";

let contentRoot: string;
let logger: MemoryLogger;

beforeEach(async () => {
  contentRoot = await mkdtemp(join(tmpdir(), "sora-settings-"));
  logger = createMemoryLogger();
});
afterEach(() => rm(contentRoot, { recursive: true, force: true }));

const ticker = defineService("Ticker", {
  every: "1h",
  runInTesting: true,
  settings: z.object({ limit: z.number().default(5) }),
  execute: () => {},
  actions: { limit: context => context.settings.limit },
});
const worker = defineService("Worker", { runInTesting: true, actions: { work: () => "done" } });

async function write(services: object): Promise<void> {
  await writeFile(join(contentRoot, "appsettings.json"), JSON.stringify({ Sora: { BackgroundServices: { Services: services } } }));
}

/** Resolves once it is so. Files are the system's to tell of, which no virtual clock can hurry, so it is looked for now and then. */
async function until(happened: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => expect(await happened()).toBe(true), { timeout: 9_000, interval: 5 });
}

/** Resolves once a line with `text` has been logged. */
function logged(text: string): Promise<void> {
  return until(() => logger.lines.some(line => line.message.includes(text)));
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
  expect((await host.services(ticker).query().getInfo()).configuration["IntervalSeconds"]).toMatchObject({
    value: 60,
    source: expect.stringContaining("appsettings.json:1"),
  });
});

test("a service is stopped and started as its Enabled is edited", async () => {
  await write({});
  await using host = await start();
  await write({ Worker: { Enabled: false } });
  await logged("The configuration has changed");
  await until(async () => (await host.services(worker).query().getStatus()).state === "disabled");
  await expect(host.services(worker).do("work").execute()).rejects.toMatchObject({
    code: "SORA_SERVICE_DISABLED",
    message: expect.stringContaining("appsettings.json"),
  });
  await write({ Worker: { Enabled: true } });
  await until(async () => (await host.services(worker).query().getStatus()).state === "running");
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

/** Writes what configuration says of all services and of each, and has the host read it now. */
async function rewrite(host: SoraHost, all: object, services: object = {}): Promise<void> {
  await writeFile(join(contentRoot, "appsettings.json"), JSON.stringify({ Sora: { BackgroundServices: { ...all, Services: services } } }));
  await (host.configuration as ConfigurationRoot).reload();
}

const life: string[] = [];
const living = (name: string, options: object = {}): ReturnType<typeof defineService> =>
  defineService(name, {
    runInTesting: true,
    ...options,
    execute: async ({ signal }: { readonly signal: AbortSignal }) => {
      life.push(`+${name}`);
      await new Promise<void>(resolve => signal.addEventListener("abort", () => resolve()));
      life.push(`-${name}`);
    },
  });

test("Enabled of all services stops them in reverse and starts them in order", async () => {
  life.length = 0;
  const low = living("Low", { priority: 1 });
  const high = living("High", { priority: 200, dependsOn: low });
  const host = await createTestHost({ services: [high, living("Usual"), low], contentRoot, watchConfiguration: true });
  expect(life.splice(0)).toEqual(["+Low", "+High", "+Usual"]);
  await rewrite(host, { Enabled: false });
  await until(() => host.list().every(one => one.state === "disabled"));
  expect(life.splice(0)).toEqual(["-Usual", "-High", "-Low"]);
  expect((await host.ready()).ready).toBe(true);
  await rewrite(host, { Enabled: true });
  await until(() => host.list().every(one => one.state === "running"));
  expect(life.splice(0)).toEqual(["+Low", "+High", "+Usual"]);
  await host.stop();
  expect(life).toEqual(["-Usual", "-High", "-Low"]);
});

test("a service that configuration turns on while the host runs is stopped with the host", async () => {
  life.length = 0;
  const host = await createTestHost({ services: [living("Late", { enabled: false })], contentRoot, watchConfiguration: true });
  expect(host.list()).toMatchObject([{ state: "disabled" }]);
  await rewrite(host, {}, { Late: { Enabled: true } });
  await until(() => host.list()[0]?.state === "running");
  await host.stop();
  expect(life).toEqual(["+Late", "-Late"]);
  expect(host.list()).toMatchObject([{ state: "stopped" }]);
});

test("changes that come quickly are applied one after the other, and the last one holds", async () => {
  life.length = 0;
  await using host = await createTestHost({ services: [living("Service")], contentRoot, watchConfiguration: true });
  for (let i = 0; i < 6; i++) await rewrite(host, {}, { Service: { Enabled: i % 2 === 1 } });
  await rewrite(host, {}, { Service: { Enabled: false } });
  await until(() => host.list()[0]?.state === "disabled");
  await host.clock.settle();
  expect(host.list()).toMatchObject([{ state: "disabled" }]);
  expect(life.filter(line => line === "+Service").length).toBe(life.filter(line => line === "-Service").length);
  expect(host.logs.filter(line => line.level === "error")).toEqual([]);
});

test("a service that was stopped by hand stays so until configuration turns it off and on", async () => {
  life.length = 0;
  await using host = await createTestHost({ services: [living("Service")], contentRoot, watchConfiguration: true });
  await host.stopService("Service");
  await rewrite(host, {}, { Service: { IntervalSeconds: 5 } });
  expect(host.list()).toMatchObject([{ state: "stopped" }]);
  await rewrite(host, {}, { Service: { Enabled: false } });
  await until(() => host.list()[0]?.state === "disabled");
  await expect(host.startService("Service")).rejects.toMatchObject({ code: "SORA_SERVICE_DISABLED" });
  await rewrite(host, {}, {});
  await until(() => host.list()[0]?.state === "running");
});

test("an interval re-plans from the last due time, is refused whole where it makes no sense, and is kept from then on", async () => {
  const begun: number[] = [];
  const job = defineService("Job", { every: "60s", runInTesting: true, execute: ({ clock }) => void begun.push(clock.monotonic() / 1_000) });
  await using host = await createTestHost({ services: [job, living("Other")], contentRoot, watchConfiguration: true });
  await host.clock.advance("90s");
  expect(begun.splice(0)).toEqual([60]);
  await rewrite(host, {}, { Job: { IntervalSeconds: 40 } }); // due at 60 + 40
  await host.clock.advance("60s");
  expect(begun.splice(0)).toEqual([100, 140]);
  await rewrite(host, {}, { Job: { IntervalSeconds: 10 } }); // due at 150, which is now
  await host.clock.advance("10s");
  expect(begun.splice(0)).toEqual([150, 160]);
  for (const bad of [0, -5, "often"]) await rewrite(host, {}, { Job: { IntervalSeconds: bad }, Other: { Enabled: false } });
  await host.clock.advance("10s");
  expect(begun.splice(0)).toEqual([170]);
  expect(host.list()[1]).toMatchObject({ state: "running" }); // nothing of a refused change is taken up
  expect(host.logs.filter(line => line.level === "error" && line.message.includes("IntervalSeconds"))).toHaveLength(3);
  await rewrite(host, {}, {});
  await host.clock.advance("60s");
  expect(begun).toEqual([230]);
});

test("a change that comes while the host stops is left aside", async () => {
  life.length = 0;
  const host = await createTestHost({
    services: [living("Service", { enabled: false }), defineService("Slow", { actions: { work: context => context.delay("5s") } })],
    contentRoot,
    watchConfiguration: true,
  });
  const call = SoraServices.named("Slow").do("work").execute();
  const stopped = host.stop();
  await host.clock.settle();
  await rewrite(host, {}, { Service: { Enabled: true } });
  await host.clock.advance("6s");
  await Promise.all([call, stopped]);
  expect(life).toEqual([]);
});

test("a service that is turned off and does not end in time is disabled once it has ended, or started again where it is turned on by then", async () => {
  for (const turnedOn of [false, true]) {
    await write({});
    const ends: (() => void)[] = [];
    const stubborn = defineService("Stubborn", { execute: () => new Promise<void>(resolve => ends.push(resolve)) });
    const host = await createTestHost({ services: [stubborn], contentRoot, watchConfiguration: true, shutdownTimeout: "1s" });
    await rewrite(host, {}, { Stubborn: { Enabled: false } });
    await until(() => host.list()[0]?.state === "stopping");
    await host.clock.advance("2s");
    await until(() => host.logs.some(line => line.message.includes("not everything of it has ended in time: Stubborn: execute has not returned")));
    if (turnedOn) {
      await rewrite(host, {}, { Stubborn: { Enabled: true } });
      await host.clock.settle();
    }
    expect([host.list()[0]?.state, ends.length]).toEqual(["stopping", 1]);
    ends[0]?.();
    await until(() => host.list()[0]?.state === (turnedOn ? "running" : "disabled"));
    expect(ends).toHaveLength(turnedOn ? 2 : 1);
    const stopped = host.stop();
    await host.clock.settle();
    ends[1]?.();
    expect(await stopped).toMatchObject({ exitCode: 0 });
  }
});
