import { existsSync } from "node:fs";
import { inject, ServiceEvent, serviceEvent, SoraBackgroundService, SoraFluentServiceBase, SoraServiceEvents } from "@sora/core";
import * as z from "zod";
import { StudioDatabase } from "../src/studio-database.ts";
import { StudioFolders, thumbnailPath, translationPath } from "../src/studio-folders.ts";
import { DataSyncService } from "./data-sync.service.ts";
import { FileProcessed, FileProcessingService, filesAtOnce, FileUploaded, InboxScanned } from "./file-processing.service.ts";
import { ImageProcessingService, ProcessingCompleted, ProcessingFailed } from "./image-processing.service.ts";
import { TranslationService } from "./translation.service.ts";

const StepArgs = z.object({ fileId: z.string(), step: z.string() });

export const WorkflowStepCompleted = serviceEvent("WorkflowStepCompleted", StepArgs);
export const WorkflowStepFailed = serviceEvent("WorkflowStepFailed", StepArgs.extend({ error: z.string() }));
/** Every step that was begun has ended, and the report is written. */
export const WorkflowCompleted = serviceEvent("WorkflowCompleted", z.object({ processed: z.number(), unchanged: z.number() }));

const WorkflowSettings = z.object({ targetLanguages: z.array(z.string()).default(["pt-BR"]) });

/**
 * Joins the services by their events: a text that comes in is translated, a picture that has been processed gets its thumbnail, and when
 * all of it is done, the report is written. It starts before the others, so that it misses nothing.
 */
@SoraBackgroundService({ priority: 200, settings: WorkflowSettings })
@ServiceEvent(WorkflowStepCompleted)
@ServiceEvent(WorkflowStepFailed)
@ServiceEvent(WorkflowCompleted)
export class WorkflowOrchestrator extends SoraFluentServiceBase<z.output<typeof WorkflowSettings>> {
  readonly #folders = inject(StudioFolders);
  readonly #database = inject(StudioDatabase);
  /** The last step begun for each file that is being worked on. */
  readonly #steps = new Map<string, Promise<void>>();
  readonly #begun = new Set<string>();
  #scans = 0;

  override async executeCore(signal: AbortSignal): Promise<void> {
    using _files = await this.services(FileProcessingService)
      .on(FileUploaded)
      .withFilter(({ kind }) => kind === "text")
      .do(({ fileId }) => this.#translate(fileId))
      .on(FileProcessed)
      .withFilter(({ kind }) => kind === "picture")
      .withConcurrency(filesAtOnce)
      .do(({ fileId }) => this.#makeThumbnail(fileId))
      .on(InboxScanned)
      .do(counts => void this.#finish(counts))
      .subscribe();

    using _translations = await this.services(TranslationService)
      .on(SoraServiceEvents.Translation.Completed)
      .do(({ fileId, to }) => this.emit(WorkflowStepCompleted, { fileId, step: `translate into ${to}` }))
      .on(SoraServiceEvents.Translation.Failed)
      .do(({ fileId, error }) => this.emit(WorkflowStepFailed, { fileId, step: "translate", error }))
      .subscribe();

    using _pictures = await this.services(ImageProcessingService)
      .on(ProcessingCompleted)
      .do(({ imageId }) => this.emit(WorkflowStepCompleted, { fileId: imageId, step: "thumbnail" }))
      .on(ProcessingFailed)
      .do(({ imageId, error }) => this.emit(WorkflowStepFailed, { fileId: imageId, step: "thumbnail", error }))
      .subscribe();

    await super.executeCore(signal);
  }

  /** Only begins the translations: a server may take minutes for one, and whoever emits an event waits for its handlers. */
  #translate(fileId: string, languages: readonly string[] = this.settings.targetLanguages): void {
    for (const to of languages) {
      void this.#step(fileId, () => this.services(TranslationService).do("translate", { fileId, to }).execute());
    }
  }

  /** A thumbnail is a matter of moments, and waited for: so a thousand pictures are a thousand files not looked at yet, and no heap of calls that a stop would have to drain. */
  #makeThumbnail(fileId: string): Promise<void> {
    return this.#step(fileId, () => this.services(ImageProcessingService).do("generate-thumbnail", { fileId, width: 200, height: 200 }).execute());
  }

  /** Resolves when the step has ended, well or not. Steps of one file follow each other, so that a file that changes meanwhile is not left with what was made from its former content. */
  #step(fileId: string, step: () => Promise<unknown>): Promise<void> {
    const before = this.#steps.get(fileId);
    const settled: Promise<void> = (before === undefined ? step() : before.then(step))
      .then(
        () => {},
        (error: unknown) => this.#noteFailure(fileId, error),
      )
      .finally(() => {
        if (this.#steps.get(fileId) === settled) this.#steps.delete(fileId);
      });
    this.#steps.set(fileId, settled);
    this.#begun.add(fileId);
    return settled;
  }

  /** What cannot be begun any more, because the studio stops, is taken up at the next start. */
  #noteFailure(fileId: string, error: unknown): void {
    if (!this.lifetime.stopping.aborted) this.logger.warn(fileId, { error });
  }

  /** After a look at the inbox: takes up what an earlier run of the program left undone, waits for every step, and has the report written. */
  async #finish({ processed, unchanged }: { readonly processed: number; readonly unchanged: number }): Promise<void> {
    const scan = ++this.#scans;
    try {
      if (scan === 1) this.#resume();
      while (this.#steps.size > 0) await Promise.all(this.#steps.values());
      if (scan !== this.#scans || this.lifetime.stopping.aborted) return; // a later look will finish, or the next start
      await this.services(DataSyncService).do("generate-report").execute();
      await this.emit(WorkflowCompleted, { processed, unchanged });
    } catch (error) {
      this.logger.warn("The report could not be written", { error });
    }
  }

  /** Tries again what failed, too: what was wrong may have been mended outside the file. */
  #resume(): void {
    const isMissing = (output: string): boolean => !existsSync(this.#folders.made(output));
    for (const { id, path, kind } of this.#database.summarize()) {
      if (this.#begun.has(id)) continue;
      if (kind === "picture" && isMissing(thumbnailPath(path))) void this.#makeThumbnail(id);
      const languages = this.settings.targetLanguages.filter(to => isMissing(translationPath(path, to)));
      if (kind === "text") this.#translate(id, languages);
    }
  }
}
