import { expect, test } from "vitest";
import { DataCleanupService } from "./data-cleanup.service.ts";
import { TestStudio } from "./test-studio.ts";

const day = 24 * 60 * 60 * 1_000;

test("DataCleanupService deletes entries older than 30 days, batch by batch, and looks again every hour", async () => {
  await using studio = await TestStudio.start({
    services: [DataCleanupService],
    configuration: { Sora: { BackgroundServices: { Services: { DataCleanupService: { Settings: { BatchSize: 2 } } } } } },
  });
  const { host, database } = studio;
  const write = (age: number): void => database.addLogEntry({ createdAt: host.clock.now() - age, level: "info", service: "S", message: "m" });
  for (const days of [29, 31, 32, 33, 34, 35]) write(days * day);
  await host.services(DataCleanupService).do("trigger").execute();
  expect(database.countLogEntries()).toBe(1);
  expect(host.logs.at(-1)?.message).toBe("Deleted 5 log entries that were older than 30 days");

  await host.clock.advance("1d"); // 24 runs; the last of them finds the entry 30 days old, but not older
  expect(database.countLogEntries()).toBe(1);
  await host.clock.advance("1h");
  expect(database.countLogEntries()).toBe(0);
  expect((await host.services(DataCleanupService).query().getStatus()).runs).toBe(27);
});
