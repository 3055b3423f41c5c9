import { expect, test } from "vitest";
import { defineService } from "../index.ts";
import { createTestHost, createVirtualClock } from "../testing/index.ts";
import type { ExplainedRun } from "../index.ts";

const shown = (runs: readonly ExplainedRun[]): string[] => runs.map(({ at, reason }) => `${new Date(at).toISOString().slice(5, 16)} ${reason}`);

test("explainNext tells when a periodic service runs next, and why then", async () => {
  const nightly = defineService("Nightly", { cron: "30 2 * * *", timeZone: "Europe/Berlin", execute: () => {} });
  const hourly = defineService("Hourly", { every: "1h", initialDelaySeconds: 600, runOnStartup: true, execute: () => {} });
  await using host = await createTestHost({ services: [nightly, hourly], clock: createVirtualClock({ start: "2026-03-27T11:00:00Z" }) });
  await host.clock.advance("1h");
  expect(shown(await host.services(nightly).query().explainNext(3))).toEqual([
    '03-28T01:30 cron "30 2 * * *" in Europe/Berlin',
    expect.stringMatching(/^03-29T01:00 .*02:30 does not exist on 2026-03-29/),
    '03-30T00:30 cron "30 2 * * *" in Europe/Berlin',
  ]);
  expect(shown(await host.services(hourly).query().explainNext(2))).toEqual(["03-27T12:10 every 1h", "03-27T13:10 every 1h"]);
  expect(await host.services(hourly).query().explainNext()).toHaveLength(5);

  await host.stopService(nightly);
  expect(await host.services(nightly).query().explainNext(3)).toEqual([]);
});

test("explainNext knows the run on start-up and what jitter adds", async () => {
  const job = defineService("Job", { every: "1h", initialDelaySeconds: 600, runOnStartup: true, jitter: "5m", execute: () => {} });
  await using host = await createTestHost({ services: [job] });
  expect(shown(await host.services(job).query().explainNext(2))).toEqual([
    "01-01T00:10 on start-up, up to 5m later by jitter",
    "01-01T01:10 every 1h, up to 5m later by jitter",
  ]);
});

test("explainNext refuses services without a schedule, and counts that are none", async () => {
  const plain = defineService("Plain");
  const job = defineService("Job", { every: "1h", execute: () => {} });
  await using host = await createTestHost({ services: [plain, job] });
  await expect(host.services(plain).query().explainNext(1)).rejects.toMatchObject({
    code: "SORA_OPTION_INVALID",
    message: expect.stringContaining("background service") as string,
  });
  for (const count of [0, -1, 1.5, 1_001, Number.NaN, Infinity])
    await expect(host.services(job).query().explainNext(count)).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
});
