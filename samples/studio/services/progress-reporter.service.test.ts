import { expect, test } from "vitest";
import { DataSyncService } from "./data-sync.service.ts";
import { FileProcessingService } from "./file-processing.service.ts";
import { ImageProcessingService } from "./image-processing.service.ts";
import { ProgressReporter } from "./progress-reporter.service.ts";
import { TestStudio } from "./test-studio.ts";
import { TranslationService } from "./translation.service.ts";
import { WorkflowCompleted, WorkflowOrchestrator } from "./workflow-orchestrator.service.ts";

test("ProgressReporter shows one table, when the first batch is done", async () => {
  const services = [ProgressReporter, WorkflowOrchestrator, FileProcessingService, ImageProcessingService, TranslationService, DataSyncService];
  await using studio = await TestStudio.start({ services, files: ["postcard.jpg"] });
  const { host } = studio;
  for (const file of ["market-morning.txt", "empty.txt"]) {
    studio.drop(file);
    await host.services(FileProcessingService).do("trigger").execute();
    await host.events.next(WorkflowCompleted, 8_000);
  }
  const output = await studio.stop();
  expect(output).toContain("market-morning.txt  English text, 306 words  translations/market-morning.pt-BR.txt");
  expect(output.match(/Made from it/g)).toHaveLength(1);
  expect(output).not.toContain("Nothing is new");
});
