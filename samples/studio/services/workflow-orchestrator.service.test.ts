import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeThumbnail } from "../src/make-thumbnail.ts";
import { DataSyncService } from "./data-sync.service.ts";
import { FileProcessingService, FileUploaded } from "./file-processing.service.ts";
import { ImageProcessingService, ProcessingCompleted, ProcessingStarted } from "./image-processing.service.ts";
import { TestStudio } from "./test-studio.ts";
import { TranslationService } from "./translation.service.ts";
import { WorkflowCompleted, WorkflowOrchestrator, WorkflowStepCompleted, WorkflowStepFailed } from "./workflow-orchestrator.service.ts";

const services = [WorkflowOrchestrator, FileProcessingService, ImageProcessingService, TranslationService, DataSyncService];

describe("WorkflowOrchestrator", () => {
  test("has texts translated and pictures cut, and the report written when all is done", async () => {
    await using studio = await TestStudio.start({
      services,
      files: ["broken-holiday-photo.jpg", "empty.txt", "market-morning.txt", "postcard.jpg"],
      configuration: { Sora: { BackgroundServices: { Services: { WorkflowOrchestrator: { Settings: { TargetLanguages: ["pt-BR", "es"] } } } } } },
    });
    const { host, folders } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    expect(await host.events.next(WorkflowCompleted, 8_000)).toEqual({ processed: 4, unchanged: 0 });
    const steps = host.events.all(WorkflowStepCompleted).map(({ args }) => `${args.fileId}: ${args.step}`);
    expect(steps.sort()).toEqual(["market-morning.txt: translate into es", "market-morning.txt: translate into pt-BR", "postcard.jpg: thumbnail"]);
    expect(host.events.all(WorkflowStepFailed).map(({ args }) => args.fileId)).toEqual(["broken-holiday-photo.jpg"]);
    const report = readFileSync(folders.made("report.md"), "utf8");
    expect(report).toContain("4 files, 1 thumbnail, 2 translations, 1 problem.");
    expect(report).toContain("![](thumbnails/postcard.jpg.png)");
  });

  test("gives a picture that changes while it is worked on the thumbnail of its last content", async () => {
    const gate = Promise.withResolvers<void>();
    const hold = async (action: string, next: () => Promise<unknown>): Promise<unknown> => {
      const result = await next();
      if (action === "generate-thumbnail") await gate.promise;
      return result;
    };
    await using studio = await TestStudio.start({ services, files: ["postcard.jpg"], intercept: { call: ({ action }, next) => hold(action, next) } });
    const { host, folders } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    await host.events.next(ProcessingCompleted, 8_000);
    copyFileSync(join(import.meta.dirname, "../inbox/mountain-panorama.jpg"), folders.received("postcard.jpg"));
    await host.services(FileProcessingService).do("trigger").execute();
    expect(host.events.count(ProcessingStarted)).toBe(1);
    gate.resolve();
    await host.events.next(WorkflowCompleted, 8_000);
    const expected = folders.made("expected.png");
    await makeThumbnail({ source: folders.received("postcard.jpg"), target: expected });
    expect(readFileSync(folders.made("thumbnails/postcard.jpg.png"))).toEqual(readFileSync(expected));
    expect(host.events.count(WorkflowCompleted)).toBe(1);
  });

  test("takes up after a restart what is missing, tries again what failed, and does nothing twice", async () => {
    await using studio = await TestStudio.start({ services, files: ["broken-holiday-photo.jpg", "market-morning.txt", "postcard.jpg"] });
    const { host, folders } = studio;
    await host.services(FileProcessingService).do("trigger").execute();
    await host.events.next(WorkflowCompleted, 8_000);
    rmSync(folders.made("thumbnails/postcard.jpg.png"));

    await host.restartService(WorkflowOrchestrator);
    await host.restartService(FileProcessingService);
    host.events.clear();
    await host.services(FileProcessingService).do("trigger").execute();
    expect(await host.events.next(WorkflowCompleted, 8_000)).toEqual({ processed: 0, unchanged: 3 });
    expect(host.events.count(FileUploaded)).toBe(0);
    expect(host.events.all(WorkflowStepCompleted).map(({ args }) => args.fileId)).toEqual(["postcard.jpg"]);
    expect(host.events.all(WorkflowStepFailed).map(({ args }) => args.fileId)).toEqual(["broken-holiday-photo.jpg"]);
    expect(existsSync(folders.made("thumbnails/postcard.jpg.png"))).toBe(true);
  });
});
