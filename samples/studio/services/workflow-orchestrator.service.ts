import { existsSync } from "node:fs";
import { inject, ServiceEvent, serviceEvent, SoraBackgroundService, SoraFluentServiceBase, SoraServiceEvents, StoredActions } from "@sora/core";
import type { ActionReceipt, ActionState } from "@sora/core";
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

const unfinished = ["waiting", "delayed", "running", "failed"] as const;

const WorkflowSettings = z.object({ targetLanguages: z.array(z.string()).default(["pt-BR"]) });

/**
 * Joins the services by their events: a text that comes in is translated, a picture that has been processed gets its thumbnail, and when
 * all of it is done, the report is written. Each step is stored before it is begun, and steps of one file follow each other, so that neither a crash nor a file that changes meanwhile leaves it with
 * what was made from its former content. It starts before the others, so that it misses nothing.
 */
@SoraBackgroundService({ priority: 200, settings: WorkflowSettings })
@ServiceEvent(WorkflowStepCompleted)
@ServiceEvent(WorkflowStepFailed)
@ServiceEvent(WorkflowCompleted)
export class WorkflowOrchestrator extends SoraFluentServiceBase<z.output<typeof WorkflowSettings>> {
  readonly #folders = inject(StudioFolders);
  readonly #database = inject(StudioDatabase);
  readonly #actions = inject(StoredActions);
  /** Steps whose end is awaited, for the report. */
  readonly #awaited = new Set<Promise<void>>();
  readonly #begun = new Set<string>();
  #scans = 0;

  override async executeCore(signal: AbortSignal): Promise<void> {
    using _files = await this.services(FileProcessingService)
      .on(FileUploaded)
      .withFilter(({ kind }) => kind === "text")
      .withConcurrency(filesAtOnce)
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

  async #translate(fileId: string, languages: readonly string[] = this.settings.targetLanguages): Promise<void> {
    const translations = this.services(TranslationService);
    for (const to of languages) this.#await(fileId, await translations.do("translate", { fileId, to }).withKey(fileId).enqueue());
  }

  async #makeThumbnail(fileId: string): Promise<void> {
    const pictures = this.services(ImageProcessingService);
    this.#await(fileId, await pictures.do("generate-thumbnail", { fileId, width: 200, height: 200 }).withKey(fileId).enqueue());
  }

  /** Once it is stored it happens, whatever becomes of this process; only the report waits for it. */
  #await(fileId: string, receipt: ActionReceipt): void {
    this.#begun.add(fileId);
    const ended = receipt
      .result({ signal: this.lifetime.stopping })
      .then(
        () => {},
        (error: unknown) => this.#noteFailure(fileId, error),
      )
      .finally(() => this.#awaited.delete(ended));
    this.#awaited.add(ended);
  }

  /** At a stop nobody is waited for: what is stored goes on at the next start. */
  #noteFailure(fileId: string, error: unknown): void {
    if (!this.lifetime.stopping.aborted) this.logger.warn(fileId, { error });
  }

  /** After a look at the inbox: takes up what an earlier run of the program left undone, waits for every step, and has the report written. */
  async #finish({ processed, unchanged }: { readonly processed: number; readonly unchanged: number }): Promise<void> {
    const scan = ++this.#scans;
    try {
      if (scan === 1) await this.#resume();
      while (this.#awaited.size > 0) await Promise.all(this.#awaited);
      if (scan !== this.#scans || this.lifetime.stopping.aborted) return; // a later look will finish, or the next start
      await this.services(DataSyncService).do("generate-report").execute();
      await this.emit(WorkflowCompleted, { processed, unchanged });
    } catch (error) {
      this.logger.warn("The report could not be written", { error });
    }
  }

  /** Waits for what an earlier run has left in the store, and asks for what is missing besides: what was wrong may have been mended outside the file. */
  async #resume(): Promise<void> {
    const [stored, dead] = [await this.#stored(unfinished), await this.#stored(["dead"], "ImageProcessingService")];
    const isMissing = (output: string): boolean => !existsSync(this.#folders.made(output));
    for (const { id, path, kind } of this.#database.summarize()) {
      const receipts = stored.get(id) ?? [];
      for (const receipt of receipts) this.#await(id, receipt);
      if (receipts.length > 0 || this.#begun.has(id)) continue;
      if (kind === "picture" && isMissing(thumbnailPath(path))) await (dead.has(id) ? this.#retry(id, dead.get(id)![0]!) : this.#makeThumbnail(id));
      const languages = this.settings.targetLanguages.filter(to => isMissing(translationPath(path, to)));
      if (kind === "text") await this.#translate(id, languages);
    }
  }

  /** The dead letter itself, so that it stays one however often the program starts. */
  async #retry(fileId: string, receipt: ActionReceipt): Promise<void> {
    await this.#actions.retry(receipt.id);
    this.#await(fileId, receipt);
  }

  /** What the store has in these states, by the file it is about, which is its key; the newest first. */
  async #stored(states: readonly ActionState[], service?: string): Promise<ReadonlyMap<string, readonly ActionReceipt[]>> {
    const filter = { limit: 1_000, ...(service !== undefined && { service }) };
    const pages = await Promise.all(states.map(state => this.#actions.list({ ...filter, state })));
    const found = pages.flatMap(({ actions }) => actions).map(({ id, key = "" }) => ({ file: key, receipt: this.#actions.receipt(id) }));
    return new Map([...Map.groupBy(found, ({ file }) => file)].map(([file, all]) => [file, all.map(({ receipt }) => receipt)]));
  }
}
