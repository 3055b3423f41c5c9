// What the reference does with its services, example by example.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ProcessBatchCommand, ServiceCommandBus, SoraServiceEvents, SoraServices, TriggerNowCommand } from "@sora/core";
import { createTestHost, createVirtualClock } from "@sora/core/testing";
import type { TestHost } from "@sora/core/testing";
import * as services from "./reference-services.ts";
import type { LogEntry, ProcessingProgressArgs } from "./reference-services.ts";

const { DataSyncService, ImageProcessingService, MyFluentService, QueueService, TranslationService, WorkflowOrchestrator } = services;

const clock = createVirtualClock({ start: "2026-01-01T00:00:00Z" });
const log: LogEntry[] = [{ created: 0 }, { created: clock.now() }];
const queue: string[] = [];
let migrated = false;
let host: TestHost;

function isService(value: unknown): value is new () => object {
  return typeof value === "function" && value !== services.FlowOrchestratorBase;
}

before(async () => {
  host = await createTestHost({
    clock,
    services: Object.values(services).filter(isService),
    provide: [
      [services.LogEntries, log],
      [services.DataContext, { migrate: async () => void (migrated = true), canConnect: async () => migrated }],
      [services.OutboxStore, { dequeue: async (count: number) => queue.splice(0, count) }],
      [services.MessagingService, { start: async () => {}, restart: async () => {} }],
    ],
  });
});
after(() => host.stop());

test("startup, periodic and long-running services do their work", async () => {
  assert.equal(migrated, true);
  await host.clock.advance("11m");
  assert.equal(log.length, 1);
  assert.equal(await SoraServices.of(services.SystemHealthMonitor).do("count").execute(), 2);
  assert.deepEqual(
    host.list().filter(({ state }) => state !== "running" && state !== "completed"),
    [],
  );
});

test("actions are executed alone and in sequence", async () => {
  await SoraServices.of(TranslationService).do("translate", { fileId: "file.txt", from: "auto", to: "pt-BR" }).withPriority(10).withTimeout("30m").execute();
  const results: [number, boolean, string] = await SoraServices.of(DataSyncService)
    .do("sync-source", { source: "users", since: new Date() })
    .do("validate-data")
    .do("generate-report", { kind: "daily" })
    .execute();
  assert.deepEqual(results, [3, true, "daily report"]);
});

test("events are subscribed to in one chain, until its end", async () => {
  const seen: string[] = [];
  {
    using _ = await SoraServices.of(TranslationService)
      .on(SoraServiceEvents.Translation.Completed)
      .do(async ({ fileId }) => void seen.push(`completed ${fileId}`))
      .on(SoraServiceEvents.Translation.Failed)
      .do(async ({ fileId, error }) => void seen.push(`failed ${fileId}: ${error}`))
      .subscribe();
    await SoraServices.of(TranslationService).do("translate", { fileId: "a", from: "en", to: "de" }).execute();
    await assert.rejects(SoraServices.of(TranslationService).do("translate", { fileId: "b", from: "en", to: "xx" }).execute(), /no such language/);
  }
  await SoraServices.of(TranslationService).do("translate", { fileId: "c", from: "en", to: "de" }).execute();
  assert.deepEqual(seen, ["completed a", "failed b: no such language"]);
});

test("events by name have filters and once", async () => {
  const seen: unknown[] = [];
  const subscription = await SoraServices.of(ImageProcessingService)
    .on("ProcessingStarted")
    .do(() => void seen.push("started"))
    .on("ProcessingProgress")
    .withFilter(args => (args as ProcessingProgressArgs).completedSteps % 10 === 0)
    .do(args => void seen.push((args as ProcessingProgressArgs).completedSteps))
    .on("ProcessingCompleted")
    .do(() => void seen.push("completed"))
    .on("ProcessingFailed")
    .once()
    .do(args => void seen.push((args as { readonly error: string }).error))
    .subscribe();
  await SoraServices.of(ImageProcessingService).do("generate-thumbnail", "image").execute();
  subscription.dispose();
  assert.deepEqual(seen, ["started", 10, 20, "completed", "first"]);
});

test("a mixed chain subscribes before it acts", async () => {
  const seen: unknown[] = [];
  using _ = await SoraServices.of(DataSyncService)
    .do("sync-source", { source: "users", since: new Date() })
    .on("SyncCompleted")
    .do(args => void seen.push(args))
    .on("SyncFailed")
    .do(args => void seen.push(args))
    .subscribe();
  assert.deepEqual(seen, [{ source: "users", recordCount: 3 }]);
});

test("a workflow leads from one service to the next", async () => {
  const seen: unknown[] = [];
  using _ = await SoraServices.of(WorkflowOrchestrator)
    .on("WorkflowStepCompleted")
    .do(args => void seen.push(args))
    .subscribe();
  await SoraServices.of(services.FileProcessingService).do("upload", "uploaded").execute();
  assert.deepEqual(seen, [{ fileId: "uploaded", from: "auto", to: "en" }]);
  assert.equal(await SoraServices.of(services.OrderOrchestrator).do("trigger-processing").execute(), "OrderOrchestrator");
});

test("constants name the actions and events of the framework's own kinds", async () => {
  const seen: unknown[] = [];
  using outbox = await SoraServices.of(services.OutboxProcessor)
    .on(SoraServiceEvents.Outbox.Processed)
    .do(({ processedCount }) => void seen.push(processedCount))
    .subscribe();
  queue.push("a", "b");
  await host.clock.advance("1s");
  outbox.dispose();
  queue.push("c");
  assert.equal(await SoraServices.of(services.OutboxProcessor).do("process-batch", { batchSize: 5 }).execute(), 1);
  using _ = await SoraServices.of(services.MessagingLifecycleService)
    .on(SoraServiceEvents.Messaging.Ready)
    .do(({ startedAt }) => void seen.push(startedAt))
    .subscribe();
  await SoraServices.of(services.MessagingLifecycleService).do("restart-messaging").execute();
  assert.deepEqual(seen, [2, host.clock.now()]);
});

test("periodic services are poked through every door", async () => {
  const bus = host.get(ServiceCommandBus);
  await SoraServices.of(QueueService).do("trigger").execute();
  await bus.send("QueueService", new TriggerNowCommand());
  await SoraServices.of(QueueService).do("process-batch", { batchSize: 50, filter: "high-priority" }).execute();
  await bus.send("queueservice", new ProcessBatchCommand({ batchSize: 2 }));
  const history = await SoraServices.of(QueueService).do("history").execute();
  assert.deepEqual(history.slice(-4), ["poke", "poke", "batch of 50 high-priority", "batch of 2 undefined"]);
});

test("queries answer with what is, and time is the host's", async () => {
  const [status, health, info] = await Promise.all([
    SoraServices.of(QueueService).query().getStatus(),
    SoraServices.of(services.CustomBackgroundService).query().getHealth(),
    SoraServices.of(TranslationService).query().getInfo(),
  ]);
  assert.deepEqual([status.name, status.kind, status.state], ["QueueService", "periodic", "running"]);
  assert.deepEqual([health.status, health.description], ["degraded", "Service is experiencing issues"]);
  assert.deepEqual(
    info.actions.map(({ name }) => name),
    ["translate", "check-queue"],
  );
  const working = SoraServices.of(MyFluentService).do("do-work").execute();
  await host.clock.advance("1s");
  await working;
});
