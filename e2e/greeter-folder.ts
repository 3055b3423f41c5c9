import { mkdir, mkdtemp, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { SoraProcess } from "./sora-process.ts";

/** The test's own folder; with a decorated service in it, and nothing installed beside it. */
export let folder: string;

/** Gives each test of the file its {@link folder}. */
export function useFolder(): void {
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "sora-cli-")));
    await write({ "services/greeter.service.ts": greeter("Hello") });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
}

/** The source of that service. */
export const greeter = (greeting: string): string => `
import { ServiceAction, serviceEvent, ServiceEvent, SoraBackgroundService, SoraFluentServiceBase, type } from "@sora/core";
const Greeted = serviceEvent("Greeted", type<{ name: string }>());
@SoraBackgroundService({ description: "Greets" })
@ServiceEvent(Greeted)
export class Greeter extends SoraFluentServiceBase {
  @ServiceAction("greet", { parameters: type<{ name: string }>() })
  async greet({ name }: { name: string }): Promise<string> {
    await this.emit(Greeted, { name });
    return \`${greeting}, \${name}.\`;
  }
  @ServiceAction("slow") async slow({ signal }: { signal: AbortSignal }): Promise<string> {
    this.logger.info("slow has begun");
    signal.addEventListener("abort", () => this.logger.info("slow was aborted"));
    await this.delay("500ms", signal);
    return "finished";
  }
}
`;

/**
 * Writes files of the folder, those that are there in place. None is ever seen empty or half written, since whoever watches may look in between, for long on a busy machine: what is there is written over
 * at once, with empty lines at the end where it was longer, and what is new takes its name when it is whole.
 */
export async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    const before = await stat(file).catch(() => undefined);
    if (before !== undefined) {
      const missing = before.size - Buffer.byteLength(text);
      await writeFile(file, text + "\n".repeat(Math.max(0, missing)), { flag: "r+" });
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    const unnamed = join(folder, ".unnamed");
    await writeFile(unnamed, text);
    await rename(unnamed, file);
  }
}

/** `sora <args>` in the folder. */
export const start = (...args: readonly string[]): SoraProcess => new SoraProcess(args, { cwd: folder });
