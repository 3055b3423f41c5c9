import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SoraServiceEvents } from "@sora/core";
import { describe, expect, test } from "vitest";
import { createTextTranslator } from "../src/text-translator.ts";
import { DataSyncService } from "./data-sync.service.ts";
import { FileProcessingService, FileUploaded } from "./file-processing.service.ts";
import { ImageProcessingService } from "./image-processing.service.ts";
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

  test("gives a text that changes while it is translated the translation of its last content", async () => {
    const gate = Promise.withResolvers<void>();
    const hold = async (action: string, next: () => Promise<unknown>): Promise<unknown> => {
      const result = await next();
      if (action === "translate") await gate.promise;
      return result;
    };
    await using studio = await TestStudio.start({ services, files: ["market-morning.txt"], intercept: { call: ({ action }, next) => hold(action, next) } });
    const { host, folders } = studio;
    const { Started, Completed } = SoraServiceEvents.Translation;
    await host.services(FileProcessingService).do("trigger").execute();
    await host.events.next(Completed, 8_000);
    copyFileSync(join(import.meta.dirname, "../inbox/release-notes.md"), folders.received("market-morning.txt"));
    await host.services(FileProcessingService).do("trigger").execute();
    expect(host.events.count(Started)).toBe(1);
    gate.resolve();
    await host.events.next(WorkflowCompleted, 8_000);
    const { text } = await createTextTranslator(undefined, undefined).translate(
      { text: readFileSync(folders.received("market-morning.txt"), "utf8"), from: "auto", to: "pt-BR" },
      new AbortController().signal,
    );
    expect(readFileSync(folders.made("translations/market-morning.pt-BR.txt"), "utf8")).toBe(text);
    expect(host.events.count(WorkflowCompleted)).toBe(1);
  });

  test("has two pictures cut at a time, however many are asked for, and begins no more at a stop: the others are stored", async () => {
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    const hold = async ({ action, parameters }: { readonly action: string; readonly parameters: unknown }, next: () => Promise<unknown>): Promise<unknown> => {
      if (action !== "generate-thumbnail") return next();
      begun.push((parameters as { fileId: string }).fileId);
      await gate.promise;
      return next();
    };
    await using studio = await TestStudio.start({ services, intercept: { call: hold } });
    const { host, folders } = studio;
    const pictures = ["a", "b", "c", "d", "e", "f"].map(name => `${name}.jpg`);
    for (const name of pictures) copyFileSync(join(import.meta.dirname, "../inbox/postcard.jpg"), folders.received(name));
    void host.services(FileProcessingService).do("trigger").execute();
    await expect.poll(() => begun.length).toBe(2);
    await host.clock.settle();
    await expect.poll(async () => (await host.actions.list({ state: "waiting" })).actions.length).toBe(4);
    const first = begun.toSorted();
    expect(first).toHaveLength(2);
    const stopped = host.stop();
    gate.resolve();
    expect(await stopped).toMatchObject({ culprits: [] });
    expect(readdirSync(folders.made("thumbnails")).toSorted()).toEqual(first.map(name => `${name}.png`));
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
    const dead = await host.actions.list({ state: "dead" });
    expect(dead.actions.map(({ key }) => key)).toEqual(["broken-holiday-photo.jpg"]); // the same one, not another
  });
});
