import { createRequire } from "node:module";
import { SoraError } from "../errors/sora-error.ts";
import type { LoweringOptions } from "./lowering-options.ts";

/** The part of esbuild that Sora uses. */
export interface Esbuild {
  transform(source: string, options: LoweringOptions): Promise<EsbuildOutput>;
  transformSync(source: string, options: LoweringOptions): EsbuildOutput;
  readonly version: string;
}

export interface EsbuildOutput {
  readonly code: string;
  readonly map: string;
}

/**
 * esbuild, as installed beside this package or, where it is not, beside `file`, the module (a path or `file:` URL) that needs it.
 * It is an optional peer: whoever runs compiled code never needs it.
 *
 * @throws SoraError `SORA_COMPILER_MISSING` when neither place has it.
 */
export function requireEsbuild(file: string): Esbuild {
  return requireFor(file, "esbuild") as Esbuild;
}

/**
 * The version of {@link requireEsbuild}'s, which is not loaded for it unless its package keeps that to itself.
 *
 * @throws SoraError `SORA_COMPILER_MISSING` when neither place has it.
 */
export function esbuildVersion(file: string): string {
  try {
    return (requireFor(file, "esbuild/package.json") as { readonly version: string }).version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw error;
    return requireEsbuild(file).version;
  }
}

function requireFor(file: string, name: string): unknown {
  for (const from of [import.meta.url, file]) {
    try {
      return createRequire(from)(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw new SoraError("SORA_COMPILER_MISSING", `Cannot compile ${file}: Node does not run its syntax, and esbuild, which lowers it, is not installed.`, {
    details: { file },
  });
}
