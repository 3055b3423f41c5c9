import { watch } from "node:fs/promises";
import { inject, SoraBackgroundService, SoraFluentServiceBase } from "@sora/core";
import { StudioFolders } from "../src/studio-folders.ts";
import { FileProcessingService } from "./file-processing.service.ts";

/** Pokes FileProcessingService when something has changed in the inbox, so that a file dropped there is processed at once. */
@SoraBackgroundService()
export class InboxWatcher extends SoraFluentServiceBase {
  readonly #folders = inject(StudioFolders);
  #changes = 0;

  override async executeCore(signal: AbortSignal): Promise<void> {
    for await (const _ of watch(this.#folders.inbox, { signal })) void this.#pokeOnceQuiet(signal);
  }

  /** While a large file is copied its folder changes all the time: the look waits until it has not changed for a moment. */
  async #pokeOnceQuiet(signal: AbortSignal): Promise<void> {
    const change = ++this.#changes;
    try {
      await this.delay("200ms", signal);
      if (change === this.#changes) await this.services(FileProcessingService).do("trigger").execute();
    } catch (error) {
      if (!signal.aborted) this.logger.warn("The inbox could not be looked at", { error });
    }
  }
}
