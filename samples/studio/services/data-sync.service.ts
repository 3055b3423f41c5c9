import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Clock, inject, ServiceAction, ServiceEvent, serviceEvent, SoraBackgroundService, SoraFluentServiceBase } from "@sora/core";
import type { ActionContext, Parsed } from "@sora/core";
import * as z from "zod";
import { formatReport } from "../src/format-report.ts";
import { StudioDatabase } from "../src/studio-database.ts";
import { StudioFolders } from "../src/studio-folders.ts";
import { FileProcessingService } from "./file-processing.service.ts";

export const SyncOptions = z.object({ source: z.literal("inbox").default("inbox"), since: z.coerce.date().optional() }).prefault({});
export const ReportOptions = z.object({ title: z.string().default("What the studio made") }).prefault({});

export const SyncCompleted = serviceEvent("SyncCompleted", z.object({ source: z.string(), recordCount: z.number() }));
export const SyncFailed = serviceEvent("SyncFailed", z.object({ source: z.string(), error: z.string() }));

/** Keeps the database in step with the inbox on request, checks what was made, and writes it down for people. */
@SoraBackgroundService()
@ServiceEvent(SyncCompleted)
@ServiceEvent(SyncFailed)
export class DataSyncService extends SoraFluentServiceBase {
  readonly #folders = inject(StudioFolders);
  readonly #database = inject(StudioDatabase);
  readonly #clock = inject(Clock);

  /** Looks at the inbox now, and tells how many files came in since a date. One at a time; who waits does so by priority. */
  @ServiceAction("sync-source", { parameters: SyncOptions, concurrency: 1 })
  async syncSource({ source, since }: Parsed<typeof SyncOptions>): Promise<{ recordCount: number }> {
    try {
      await this.services(FileProcessingService).do("trigger").execute();
    } catch (error) {
      await this.emit(SyncFailed, { source, error: String(error) });
      throw error;
    }
    const recordCount = this.#database.summarize().filter(file => since === undefined || file.seenAt >= since.getTime()).length;
    await this.emit(SyncCompleted, { source, recordCount });
    return { recordCount };
  }

  /** Whether everything that the database says was made is still there. */
  @ServiceAction("validate-data")
  async validateData(): Promise<{ checked: number; missing: readonly string[] }> {
    const outputs = this.#database.summarize().flatMap(file => file.outputs);
    const missing = outputs.map(({ path }) => path).filter(path => !existsSync(this.#folders.made(path)));
    return { checked: outputs.length, missing };
  }

  /** Writes `out/report.md`. */
  @ServiceAction("generate-report", { parameters: ReportOptions })
  async generateReport({ title }: Parsed<typeof ReportOptions>, { signal }: ActionContext): Promise<{ path: string }> {
    const path = this.#folders.made("report.md");
    await writeFile(path, formatReport(title, new Date(this.#clock.now()), this.#database.summarize()), { signal });
    return { path };
  }
}
