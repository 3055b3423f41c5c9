import { Clock, inject, SoraFluentServiceBase, SoraStartupService } from "@sora/core";
import { StudioDatabase } from "../src/studio-database.ts";

/** Brings the database up to date. A startup service: the others begin when it has finished, and not at all where it fails. */
@SoraStartupService({ startupOrder: 1, timeoutSeconds: 60 })
export class DatabaseMigrationService extends SoraFluentServiceBase {
  readonly #database = inject(StudioDatabase);
  readonly #clock = inject(Clock);

  override executeCore(): void {
    const migrations = this.#database.migrate(this.#clock.now());
    for (const { version, name } of migrations) this.logger.info(`Migrated to version ${version}: ${name}`);
    if (migrations.length === 0) this.logger.info(`The database is up to date, at version ${this.#database.version}`);
  }

  override isReady(): boolean {
    return this.#database.isReady;
  }
}
