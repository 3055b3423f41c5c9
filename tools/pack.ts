/**
 * Makes what would be published: `npm run pack:all -- <folder>` builds every package and writes their tarballs into the folder (`dist/packed` by default);
 * `npm run pack:all -- <folder> core` those whose folders are named.
 *
 * Core, which every program loads at its start, is bundled on the way.
 *
 * In the repository `exports` point at the TypeScript sources, so that nobody has to build anything; a published package points at `dist`, with
 * declarations beside the code and the sources they map to.
 */
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleEntries } from "./bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const windows = process.platform === "win32";

export interface PackedPackage {
  readonly name: string;
  /** The folder as it would be published. */
  readonly folder: string;
  readonly tarball: string;
}

interface Manifest extends Record<string, unknown> {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, string>>;
  /** What the package itself finds by a name, such as the programs of its threads. */
  readonly imports?: Readonly<Record<string, string>>;
  readonly sideEffects?: readonly string[] | boolean;
  /** Folders that are published beside the code are named here. */
  readonly files?: readonly string[];
}

/** The manifest to publish, made of the one in the repository. */
export function publishedManifest(manifest: Manifest): Manifest {
  const { devDependencies: _, scripts: __, ...kept } = manifest;
  const exports = Object.fromEntries(Object.entries(manifest.exports).map(([entry, target]) => [entry, builtTarget(target)]));
  const imports = manifest.imports && Object.fromEntries(Object.entries(manifest.imports).map(([name, target]) => [name, builtFile(target)]));
  const sideEffects = Array.isArray(manifest.sideEffects) ? manifest.sideEffects.filter(file => !file.startsWith("./src/")) : manifest.sideEffects;
  return {
    ...kept,
    exports,
    ...(imports === undefined ? {} : { imports }),
    ...(sideEffects === undefined ? {} : { sideEffects }),
    files: ["dist", "src", ...extraFolders(manifest)],
  } as unknown as Manifest;
}

function extraFolders({ files = [] }: Manifest): readonly string[] {
  return files.filter(file => !["dist", "src", "README.md", "LICENSE"].includes(file));
}

function builtTarget(target: string): string | { readonly types: string; readonly default: string } {
  const stem = sourceStem(target);
  return stem === undefined ? target : { types: `./dist/${stem}.d.ts`, default: builtFile(target) };
}

function builtFile(target: string): string {
  const stem = sourceStem(target);
  return stem === undefined ? target : `./dist/${stem}.js`;
}

function sourceStem(target: string): string | undefined {
  return /^\.\/src\/(.+)\.ts$/.exec(target)?.[1];
}

/**
 * Builds packages anew and packs those that are not private into `destination`, an empty or missing folder. All of them, or those whose folders are named, with what they
 * are built on.
 */
export function packAll(destination: string, only: readonly string[] = []): readonly PackedPackage[] {
  const folders = only.length > 0 ? only.map(name => join("packages", name)) : globSync("packages/*/package.json", { cwd: root }).map(file => dirname(file));
  const projects = only.length > 0 ? folders.map(folder => join(folder, "tsconfig.build.json")) : ["tsconfig.build.json"];
  for (const folder of folders) rmSync(join(root, folder, "dist"), { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", ...projects], { cwd: root, stdio: "inherit" });
  return folders.flatMap(folder => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
    return manifest.private === true ? [] : [packOne(join(root, folder), manifest, destination)];
  });
}

/** Packages that are loaded by every start of every program; reading one file instead of two hundred halves what that takes. */
const bundled: ReadonlySet<string> = new Set(["@sora/core"]);

/** Leaves the entries with all they load in few files, the declarations as they are, and no other code. */
function bundle(dist: string, { exports, imports = {} }: Manifest): void {
  const entries = [...Object.values(exports), ...Object.values(imports)].flatMap(target => sourceStem(target) ?? []);
  const kept = new Set(bundleEntries(dist, entries));
  for (const file of globSync("**/*.{js,js.map}", { cwd: dist })) if (!kept.has(join(dist, file))) rmSync(join(dist, file));
}

function packOne(source: string, manifest: Manifest, destination: string): PackedPackage {
  const folder = join(destination, manifest.name.replace(/^@/, "").replace("/", "-"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`);
  cpSync(join(source, "dist"), join(folder, "dist"), { recursive: true, filter: file => !file.endsWith(".tsbuildinfo") });
  if (bundled.has(manifest.name)) bundle(join(folder, "dist"), manifest);
  cpSync(join(source, "src"), join(folder, "src"), { recursive: true, filter: file => !/\.test(?:-d)?\.ts$|[\\/]fixtures$/.test(file) });
  for (const extra of extraFolders(manifest)) cpSync(join(source, extra), join(folder, extra), { recursive: true });
  cpSync(join(source, "README.md"), join(folder, "README.md")); // not the root's, whose links lead to what is not published
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", destination], {
      cwd: folder,
      encoding: "utf8",
      shell: windows,
      stdio: ["ignore", "pipe", "inherit"],
    }),
  ) as [{ filename: string }];
  return { name: manifest.name, folder, tarball: join(destination, packed.filename) };
}

if (import.meta.main) {
  const destination = resolve(process.argv[2] ?? join("dist", "packed"));
  rmSync(destination, { recursive: true, force: true });
  mkdirSync(destination, { recursive: true });
  for (const { name, tarball } of packAll(destination, process.argv.slice(3))) console.log(`${name}: ${tarball}`);
}
