import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { buildSync } from "esbuild";
import type { BuildOptions, Metafile, OutputFile } from "esbuild";

/** What both steps have in common. Dependencies stay outside, and names stay as they are. */
const common = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  minifyWhitespace: true,
  lineLimit: 200, // Node prints the whole line that an uncaught error comes from
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  write: false,
  logLevel: "error",
} as const satisfies BuildOptions;

/**
 * Puts what the entries of a built package load into few files, in place: the entry files stay where `exports` names them, what they share goes beside them, and what
 * is imported while the program runs stays a file of its own. What the first entry loads at once is in two files: itself, and all the rest. Declarations are not touched,
 * and dependencies stay outside.
 *
 * @param dist The folder that `tsc` wrote.
 * @param entries The entries' paths in it, without extension, that of most programs first: `index`, `testing/index`.
 * @returns The paths of the files written, source maps included.
 */
export function bundleEntries(dist: string, entries: readonly string[]): readonly string[] {
  const { outputFiles, metafile } = buildSync({
    ...common,
    entryPoints: Object.fromEntries(entries.map(entry => [entry, join(dist, `${entry}.js`)])),
    outdir: dist,
    chunkNames: "shared/[name]-[hash]",
    splitting: true,
    packages: "external",
    allowOverwrite: true,
    metafile: true,
  });
  const files = mergeEager(dist, `${entries[0]}.js`, outputFiles, metafile);
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path.endsWith(".js") ? keepClassNames(text) : text);
  }
  return [...files.keys()];
}

/**
 * Makes one file of the shared ones that `entry` loads at once: code splitting makes one for every set of entries that have something in common, and each file that is opened
 * costs about a millisecond. The name of the new file is as long as those it stands for, so that no column of the importing files moves.
 */
function mergeEager(dist: string, entry: string, outputFiles: readonly OutputFile[], metafile: Metafile): ReadonlyMap<string, string> {
  const files = new Map(outputFiles.map(({ path, text }) => [path, text]));
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [resolve(path), output]));
  const eager = new Set<string>();
  const visit = (path: string): void => {
    for (const { path: imported, kind, external } of outputs.get(path)?.imports ?? []) {
      const target = resolve(imported);
      if (kind !== "import-statement" || external === true || eager.has(target)) continue;
      visit(target);
      if (outputs.get(target)?.entryPoint === undefined) eager.add(target); // after what it loads itself
    }
  };
  visit(join(dist, entry));
  const names = [...eager].flatMap(path => outputs.get(path)?.exports ?? []);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (eager.size < 2) return files;
  if (twice.length > 0)
    throw new Error(`Cannot make one file of what ${entry} loads: ${twice.join(", ")} stands for more than one thing. Give one of them another name.`);

  const folder = dirname([...eager][0] as string);
  const merged = join(
    folder,
    basename([...eager][0] as string).replace(/-\w+\.js$/, hash => `-${"CORE".padEnd(hash.length - 4, "0").slice(0, hash.length - 4)}.js`),
  );
  const others = [...outputs.keys()].filter(path => path.endsWith(".js") && !eager.has(path));
  for (const [path, text] of bundleAsOne([...eager], merged, others, files)) files.set(path, text);
  for (const path of eager) for (const gone of [path, `${path}.map`]) files.delete(gone);
  for (const path of others)
    files.set(
      path,
      [...eager].reduce((text, chunk) => text.replaceAll(`/${basename(chunk)}"`, `/${basename(merged)}"`), files.get(path) as string),
    );
  return files;
}

/** `chunks` as one file at `target`, with all they export. They are read from a folder of their own, and refer to `others` as before. */
function bundleAsOne(chunks: readonly string[], target: string, others: readonly string[], files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const folder = mkdtempSync(join(dirname(dirname(target)), "merge-")); // as deep as they are going to be, so that source maps lead where they did
  try {
    for (const chunk of chunks) for (const path of [chunk, `${chunk}.map`]) writeFileSync(join(folder, basename(path)), files.get(path) as string);
    const { outputFiles } = buildSync({
      ...common,
      stdin: { contents: chunks.map(chunk => `export * from "./${basename(chunk)}";`).join("\n"), resolveDir: folder, sourcefile: "shared.js" },
      external: ["node:*", ...others.map(path => `./${relative(dirname(target), path)}`)],
      packages: "external",
      outfile: join(folder, basename(target)),
    });
    return new Map(outputFiles.map(({ path, text }) => [join(dirname(target), basename(path)), text]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * A class that mentions itself comes out of esbuild as `var X=class _X{…}`, and calls itself `_X` in logs and messages. The inner name is made the outer one again, with a
 * space after it so that the source map's columns stay right.
 */
export function keepClassNames(code: string): string {
  const renamed = Array.from(code.matchAll(/\bvar (\w+)=\s?class\s_\1\b/g), ([, name]) => name as string);
  return renamed.reduce((text, name) => text.replaceAll(new RegExp(`(?<![\\w$.])_${name}(?![\\w$])`, "g"), `${name} `), code);
}
