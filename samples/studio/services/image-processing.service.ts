import { existsSync } from "node:fs";
import { Clock, inject, ServiceAction, ServiceEvent, serviceEvent, SoraBackgroundService, SoraFluentServiceBase } from "@sora/core";
import type { ActionContext, Parsed } from "@sora/core";
import * as z from "zod";
import { makeThumbnail } from "../src/make-thumbnail.ts";
import { StudioDatabase } from "../src/studio-database.ts";
import { StudioFolders, thumbnailPath } from "../src/studio-folders.ts";
import { formatBytes } from "../src/summary-table.ts";

const pixels = z.int().min(1).max(4_000);

export const ThumbnailOptions = z.object({ fileId: z.string(), width: pixels.default(200), height: pixels.default(200) });

export const ProcessingStarted = serviceEvent("ProcessingStarted", z.object({ imageId: z.string() }));
export const ProcessingProgress = serviceEvent(
  "ProcessingProgress",
  z.object({ imageId: z.string(), step: z.string(), completedSteps: z.number(), totalSteps: z.number() }),
);
export const ProcessingCompleted = serviceEvent("ProcessingCompleted", z.object({ imageId: z.string(), path: z.string() }));
export const ProcessingFailed = serviceEvent("ProcessingFailed", z.object({ imageId: z.string(), error: z.string() }));

/** Makes thumbnails, two at once at the most. */
@SoraBackgroundService()
@ServiceEvent(ProcessingStarted)
@ServiceEvent(ProcessingProgress)
@ServiceEvent(ProcessingCompleted)
@ServiceEvent(ProcessingFailed)
export class ImageProcessingService extends SoraFluentServiceBase {
  readonly #folders = inject(StudioFolders);
  readonly #database = inject(StudioDatabase);
  readonly #clock = inject(Clock);

  /** Cuts one out, unless this very picture has its thumbnail already. It is tried again where its process died: a picture that cannot be read will not be readable a second later. */
  @ServiceAction("generate-thumbnail", { parameters: ThumbnailOptions, concurrency: 2, retry: { attempts: 5, retryIf: () => false } })
  async generateThumbnail(options: Parsed<typeof ThumbnailOptions>, { signal, progress }: ActionContext): Promise<{ path: string }> {
    const imageId = options.fileId;
    const made = thumbnailPath(imageId);
    if (this.#database.hasOutput(imageId, made) && existsSync(this.#folders.made(made))) return { path: made };
    await this.emit(ProcessingStarted, { imageId });
    try {
      const path = await this.#generate(options, signal, progress);
      await this.emit(ProcessingCompleted, { imageId, path });
      return { path };
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      this.#database.saveProblem(imageId, reason);
      await this.emit(ProcessingFailed, { imageId, error: reason });
      throw error;
    }
  }

  async #generate({ fileId, width, height }: Parsed<typeof ThumbnailOptions>, signal: AbortSignal, progress: ActionContext["progress"]): Promise<string> {
    const file = this.#database.findFile(fileId);
    if (file === undefined) throw new Error(`There is no file ${fileId} in the inbox.`);
    const path = thumbnailPath(file.path);
    const thumbnail = await makeThumbnail({
      source: this.#folders.received(file.path),
      target: this.#folders.made(path),
      width,
      height,
      signal,
      onStep: async step => {
        progress(step);
        await this.emit(ProcessingProgress, { imageId: fileId, ...step });
      },
    });
    this.#database.saveProblem(fileId, undefined);
    this.#database.saveOutput({ fileId, path, kind: "thumbnail", bytes: thumbnail.bytes, madeAt: this.#clock.now() });
    const { source } = thumbnail;
    this.logger.info(`${fileId}: ${source.width} × ${source.height} cut to ${width} × ${height}, ${formatBytes(thumbnail.bytes)}`);
    return path;
  }
}
