import { relative } from "node:path";
import { inject, SoraBackgroundService, SoraFluentServiceBase, SoraServiceEvents } from "@sora/core";
import { StudioDatabase } from "../src/studio-database.ts";
import { StudioFolders } from "../src/studio-folders.ts";
import { formatSummaryTable } from "../src/summary-table.ts";
import { Terminal } from "../src/terminal.ts";
import { StudioServer } from "../web/studio-server.ts";
import { FileProcessingService, FileUploaded } from "./file-processing.service.ts";
import { ImageProcessingService, ProcessingProgress } from "./image-processing.service.ts";
import { TranslationService } from "./translation.service.ts";
import { WorkflowCompleted, WorkflowOrchestrator, WorkflowStepCompleted, WorkflowStepFailed } from "./workflow-orchestrator.service.ts";

/** Shows on the terminal what is going on, and a table of what was made when the first batch is done. */
@SoraBackgroundService({ priority: 200 })
export class ProgressReporter extends SoraFluentServiceBase {
  readonly #terminal = inject(Terminal);
  readonly #database = inject(StudioDatabase);
  readonly #folders = inject(StudioFolders);
  readonly #server = inject(StudioServer);

  #done = 0;
  #failed = 0;

  override async executeCore(signal: AbortSignal): Promise<void> {
    using _files = await this.services(FileProcessingService)
      .on(FileUploaded)
      .do(({ fileId }) => this.#terminal.status(`${fileId}: reading`))
      .subscribe();

    using _pictures = await this.services(ImageProcessingService)
      .on(ProcessingProgress)
      .do(({ imageId, step, completedSteps, totalSteps }) => this.#terminal.status(`${imageId}: ${step}, ${completedSteps} of ${totalSteps}`))
      .subscribe();

    using _translations = await this.services(TranslationService)
      .on(SoraServiceEvents.Translation.Started)
      .do(({ fileId, to }) => this.#terminal.status(`${fileId}: translating into ${to}`))
      .subscribe();

    using _workflow = await this.services(WorkflowOrchestrator)
      .on(WorkflowStepCompleted)
      .do(() => this.#showSteps(++this.#done, this.#failed))
      .on(WorkflowStepFailed)
      .do(() => this.#showSteps(this.#done, ++this.#failed))
      .on(WorkflowCompleted)
      .once()
      .do(({ processed }) => this.#showTable(processed))
      .subscribe();

    await super.executeCore(signal);
    this.#terminal.status("");
  }

  #showSteps(done: number, failed: number): void {
    this.#terminal.status(`Watching ${relative("", this.#folders.inbox)}: ${done} done, ${failed} failed`);
  }

  #showTable(processed: number): void {
    const files = this.#database.summarize();
    this.#terminal.print("");
    if (files.length > 0) this.#terminal.print(`${formatSummaryTable(files, this.#terminal.width)}\n`);
    if (processed === 0 && files.length > 0) this.#terminal.print("Nothing is new: all of this was made before.");
    this.#terminal.print(`What was made is in ${relative("", this.#folders.out)}; open report.md there to see all of it.`);
    const { url } = this.#server;
    if (url !== undefined) this.#terminal.print(`The status page is at ${url}/\nUpload a file: curl -F file=@picture.jpg ${url}/upload`);
    this.#terminal.print(`Watching ${relative("", this.#folders.inbox)}: drop a file there, or press Ctrl-C to end.\n`);
  }
}
