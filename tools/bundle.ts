import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";

/**
 * Puts what the entries of a built package load into few files, in place: the entry files stay where `exports` names them, what they share goes beside them, and what
 * is imported while the program runs stays a file of its own. Declarations are not touched, and dependencies stay outside.
 *
 * @param dist The folder that `tsc` wrote.
 * @param entries The entries' paths in it, without extension: `index`, `testing/index`.
 * @returns The paths of the files written, source maps included.
 */
export function bundleEntries(dist: string, entries: readonly string[]): readonly string[] {
  const { outputFiles } = buildSync({
    entryPoints: Object.fromEntries(entries.map(entry => [entry, join(dist, `${entry}.js`)])),
    outdir: dist,
    chunkNames: "shared/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    packages: "external",
    minifyWhitespace: true,
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    allowOverwrite: true,
    write: false,
    logLevel: "warning",
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path.endsWith(".js") ? keepClassNames(text) : text);
  }
  return outputFiles.map(({ path }) => path);
}

/**
 * A class that mentions itself comes out of esbuild as `var X=class _X{…}`, and calls itself `_X` in logs and messages. The inner name is made the outer one again, with a
 * space after it so that the source map's columns stay right.
 */
export function keepClassNames(code: string): string {
  const renamed = Array.from(code.matchAll(/\bvar (\w+)=class _\1\b/g), ([, name]) => name as string);
  return renamed.reduce((text, name) => text.replaceAll(new RegExp(`(?<![\\w$.])_${name}(?![\\w$])`, "g"), `${name} `), code);
}
