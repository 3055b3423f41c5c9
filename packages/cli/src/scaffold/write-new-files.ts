import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { CliError } from "../cli-error.ts";

/** Writes files by their paths, and folders around them. @throws CliError where one is there already; then none is written. */
export async function writeNewFiles(files: ReadonlyMap<string, string>, cwd: string): Promise<void> {
  for (const file of files.keys())
    if (existsSync(file))
      throw new CliError("SORA_CLI_EXISTS", `${relative(cwd, file)} is there already, and nothing was written.`, {
        fix: "Give another name, or move it away.",
      });
  for (const [file, text] of files) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: "wx" });
  }
}
