import { readFileSync, rmSync } from "node:fs";
import { expect, test } from "vitest";
import { DataSyncService, SyncCompleted } from "./data-sync.service.ts";
import { FileProcessingService } from "./file-processing.service.ts";
import { TestStudio } from "./test-studio.ts";

const services = [FileProcessingService, DataSyncService];

test("DataSyncService synchronizes, validates and reports in one chain", async () => {
  await using studio = await TestStudio.start({ services, files: ["empty.txt", "market-morning.txt"] });
  const { host, folders } = studio;
  const [synced, validated, reported] = await host
    .services(DataSyncService)
    .do("sync-source", { since: "2025-12-31" })
    .do("validate-data")
    .do("generate-report", { title: "Daily" })
    .execute();
  expect(synced).toEqual({ recordCount: 2 });
  expect(validated).toEqual({ checked: 0, missing: [] });
  expect(readFileSync(reported.path, "utf8")).toMatch(/^# Daily\n\n2 files/);
  expect(reported.path).toBe(folders.made("report.md"));
  expect(await host.events.next(SyncCompleted)).toEqual({ source: "inbox", recordCount: 2 });
});

test("DataSyncService counts only what came in since the given time", async () => {
  await using studio = await TestStudio.start({ services, files: ["empty.txt"] });
  const { host } = studio;
  const result = await host
    .services(DataSyncService)
    .do("sync-source", { since: new Date(host.clock.now() + 1) })
    .execute();
  expect(result).toEqual({ recordCount: 0 });
});

test("DataSyncService names outputs that are gone", async () => {
  await using studio = await TestStudio.start({ services, files: ["empty.txt"] });
  const { host, folders, database } = studio;
  await host.services(DataSyncService).do("sync-source").execute();
  database.saveOutput({ fileId: "empty.txt", path: "thumbnails/gone.png", kind: "thumbnail", bytes: 1, madeAt: 1 });
  rmSync(folders.made("thumbnails"), { recursive: true });
  expect(await host.services(DataSyncService).do("validate-data").execute()).toEqual({ checked: 1, missing: ["thumbnails/gone.png"] });
});
