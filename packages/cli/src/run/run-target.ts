import { stat } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { CliError } from "../cli-error.ts";

export interface RunFlags {
  readonly port?: number;
  /** False with `--no-web`. */
  readonly web: boolean;
  readonly debug?: boolean;
  readonly json?: boolean;
}

/** What `sora run` and `sora dev` are to run. */
export type RunTarget =
  | { readonly kind: "program"; readonly file: string }
  | { readonly kind: "folder"; readonly folder: string; /** Where `appsettings.json` is looked for. */ readonly contentRoot: string };

const usualFolders = ["services", join("src", "services"), "."];

/** Finds what to run. @throws CliError of usage where it is not there. */
export async function runTarget(entry: string | undefined, cwd: string): Promise<RunTarget> {
  if (entry === undefined) {
    for (const name of usualFolders) if ((await kindOf(join(cwd, name))) === "folder") return folderTarget(join(cwd, name), cwd);
  }
  const path = resolve(cwd, entry ?? ".");
  const kind = await kindOf(path);
  if (kind === "folder") return folderTarget(path, cwd);
  if (kind === "file") return { kind: "program", file: path };
  throw new CliError("SORA_CLI_USAGE", `There is nothing at ${relative(cwd, path) || path} to run.`, {
    fix: "Name a program, or a folder with *.service.ts files in it.",
  });
}

async function folderTarget(folder: string, cwd: string): Promise<RunTarget> {
  return { kind: "folder", folder, contentRoot: await contentRootOf(folder, cwd) };
}

/** The nearest folder, from `folder` upwards, that holds settings or a package; no further than the working directory, which it is where there is none. */
async function contentRootOf(folder: string, cwd: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (at === cwd) return cwd;
    for (const name of ["appsettings.json", "package.json"]) if ((await kindOf(join(at, name))) === "file") return at;
    if (dirname(at) === at) return cwd;
  }
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? "folder" : "file";
  } catch {
    return undefined;
  }
}
