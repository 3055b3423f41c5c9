import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
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

export async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** `sora <args>` in the folder. */
export const start = (...args: readonly string[]): SoraProcess => new SoraProcess(args, { cwd: folder });
