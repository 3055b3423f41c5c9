import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** One thing the compiler says about a file. */
export interface CompileError {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/**
 * What the project's TypeScript says about `files`, under the project's own strict options. The program is described in `folder`, where modules are also looked for.
 *
 * @throws Error when the compiler itself could not do its work.
 */
export async function compileErrors(folder: string, files: readonly string[]): Promise<readonly CompileError[]> {
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { moduleDetection: "force", typeRoots: [join(root, "node_modules/@types")] },
    files,
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const child = spawn(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close") as Promise<[number | null]>]);
  const errors = Array.from(out.matchAll(/^(.+?)\((\d+),\d+\): error (.+(?:\n[ \t]+.+)*)/gm), ([, file, line, message]) => ({
    file: resolve(folder, file!),
    line: Number(line),
    message: message!,
  }));
  if (code !== 0 && errors.length === 0) throw new Error(`The TypeScript compiler failed (status ${code}):\n${out}${err}`);
  return errors;
}
