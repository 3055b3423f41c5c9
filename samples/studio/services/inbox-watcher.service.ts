import { watch } from "node:fs/promises";
import { inject, SoraBackgroundService, SoraFluentServiceBase } from "@sora/core";
import { StudioFolders } from "../src/studio-folders.ts";
import { FileProcessingService } from "./file-processing.service.ts";

/** Pokes FileProcessingService whenever something changes in the inbox, so that a file dropped there is processed at once. */
@SoraBackgroundService()
export class InboxWatcher extends SoraFluentServiceBase {
  readonly #folders = inject(StudioFolders);

  override async executeCore(signal: AbortSignal): Promise<void> {
    for await (const _ of watch(this.#folders.inbox, { signal })) this.#poke();
  }

  /** Does not wait for the look at the inbox: pokes that come meanwhile are answered by one more. */
  #poke(): void {
    const poked = this.services(FileProcessingService).do("trigger").execute();
    poked.catch((error: unknown) => this.logger.warn("The inbox could not be looked at", { error }));
  }
}
