import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { createTestHost } from "@sora/core/testing";
import type { TestHost, TestHostOptions } from "@sora/core/testing";
import { MachineLoad } from "../src/machine-load.ts";
import { StudioDatabase } from "../src/studio-database.ts";
import { StudioFolders } from "../src/studio-folders.ts";
import { createTemporaryFolder } from "../src/temporary-folder.ts";
import { Terminal } from "../src/terminal.ts";
import { StudioServer } from "../web/studio-server.ts";

export interface TestStudioOptions extends TestHostOptions {
  /** Files of the real inbox that lie in this one from the start. */
  readonly files?: readonly string[];
}

/** For tests: some of the studio's services on virtual time, with folders of their own that are gone afterwards, and a database in memory. */
export class TestStudio implements AsyncDisposable {
  readonly #temporary = createTemporaryFolder();
  readonly #output = new PassThrough();
  readonly folders: StudioFolders = new StudioFolders(join(this.#temporary.path, "inbox"), join(this.#temporary.path, "out"));
  readonly database: StudioDatabase = new StudioDatabase(":memory:");
  #host: TestHost | undefined;

  static async start({ files = [], provide = [], ...options }: TestStudioOptions): Promise<TestStudio> {
    const studio = new TestStudio();
    studio.database.migrate(0);
    for (const file of files) studio.drop(file);
    const own = [
      [StudioFolders, studio.folders],
      [StudioDatabase, studio.database],
      [Terminal, new Terminal(studio.#output)],
      MachineLoad,
      StudioServer,
    ] as const;
    studio.#host = await createTestHost({ ...options, provide: [...own, ...provide] });
    return studio;
  }

  get host(): TestHost {
    if (this.#host === undefined) throw new Error("The studio has not been started.");
    return this.#host;
  }

  /** Drops a file of the real inbox into this one. */
  drop(file: string): void {
    copyFileSync(join(import.meta.dirname, "..", "inbox", file), this.folders.received(file));
  }

  /** Stops the studio and returns what it wrote on its terminal. */
  async stop(): Promise<string> {
    await this.host.stop();
    this.#output.end();
    return text(this.#output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host?.stop();
    this.database.close();
    this.#temporary[Symbol.dispose]();
  }
}
