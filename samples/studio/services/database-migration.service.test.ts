import { createTestHost } from "@sora/core/testing";
import { expect, test } from "vitest";
import { StudioDatabase } from "../src/studio-database.ts";
import { DatabaseMigrationService } from "./database-migration.service.ts";

test("DatabaseMigrationService has migrated the database when the host has started", async () => {
  await using host = await createTestHost({
    services: [DatabaseMigrationService],
    provide: [[StudioDatabase, () => new StudioDatabase(":memory:")]],
  });
  expect(host.get(StudioDatabase).isReady).toBe(true);
  expect(await host.services(DatabaseMigrationService).query().getStatus()).toMatchObject({ kind: "startup", state: "completed" });
  expect(await host.ready()).toMatchObject({ ready: true });
});

test("DatabaseMigrationService keeps the host from starting with a database that cannot be migrated", async () => {
  const closed = new StudioDatabase(":memory:");
  closed.close();
  const start = createTestHost({ services: [DatabaseMigrationService], provide: [[StudioDatabase, closed]] });
  await expect(start).rejects.toMatchObject({ code: "SORA_STARTUP_FAILED", message: expect.stringContaining("DatabaseMigrationService") });
});
