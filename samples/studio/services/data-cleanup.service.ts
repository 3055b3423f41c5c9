import { setImmediate } from "node:timers/promises";
import { Clock, inject, SoraPeriodicService, SoraPeriodicServiceBase } from "@sora/core";
import * as z from "zod";
import { StudioDatabase } from "../src/studio-database.ts";

const CleanupSettings = z.object({
  retentionDays: z.number().min(1).default(30),
  /** How many entries one statement deletes, so that it does not hold the database for long. */
  batchSize: z.int().min(1).default(1_000),
});

const day = 24 * 60 * 60 * 1_000;

/** Deletes old log entries, once an hour unless `IntervalSeconds` says otherwise. */
@SoraPeriodicService({ intervalSeconds: 3_600, runOnStartup: true, settings: CleanupSettings })
export class DataCleanupService extends SoraPeriodicServiceBase<z.output<typeof CleanupSettings>> {
  readonly #database = inject(StudioDatabase);
  readonly #clock = inject(Clock);

  override async executePeriodic(signal: AbortSignal): Promise<void> {
    const { retentionDays, batchSize } = this.settings;
    const cutoff = this.#clock.now() - retentionDays * day;
    let deleted = 0;
    for (let batch = batchSize; batch === batchSize; deleted += batch) {
      batch = this.#database.deleteLogEntriesBefore(cutoff, batchSize);
      await setImmediate(undefined, { signal }); // lets others have their turn
    }
    this.logger.info(`Deleted ${deleted} log entries that were older than ${retentionDays} days`);
  }
}
