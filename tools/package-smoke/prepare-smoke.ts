import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PackedPackage } from "../pack.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const installed = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const workspace = fileURLToPath(new URL("../../packages/", import.meta.url));

/** What the programs of a consumer need beside Sora's packages. */
const consumerPackages = ["@types/node", "esbuild", "typescript", "vitest", "zod"];
/** The commands of a consumer's scripts, by the package that has them. */
const commands = { sora: "@sora/cli/bin/sora.js", vitest: "vitest/vitest.mjs", tsc: "typescript/bin/tsc" };

/**
 * Makes a consumer's project in `app`: the programs of this folder, the tarballs unpacked into its `node_modules`, and links to the dependencies that the repository has
 * installed, so that no network is needed. A dependency that a package uses without declaring it is not there.
 */
export function prepareSmoke(app: string, packages: readonly PackedPackage[]): void {
  mkdirSync(join(app, "node_modules"), { recursive: true });
  writeFileSync(join(app, "package.json"), '{ "name": "consumer", "type": "module", "private": true }\n');
  for (const file of globSync("*.{mjs,ts,json}", { cwd: here })) if (file !== "prepare-smoke.ts") cpSync(join(here, file), join(app, file));
  const needed = new Set(consumerPackages);
  for (const { name, folder, tarball } of packages) {
    const target = join(app, "node_modules", name);
    mkdirSync(target, { recursive: true });
    execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { dependencies?: Readonly<Record<string, string>> };
    for (const dependency of Object.keys(dependencies)) {
      const own = join(workspace, name.replace("@sora/", ""), "node_modules", dependency); // of another version than the one all share
      if (existsSync(own)) link(own, join(target, "node_modules", dependency));
      else needed.add(dependency);
    }
  }
  for (const { name } of packages) needed.delete(name);
  for (const name of needed) link(join(installed, name), join(app, "node_modules", name));
  for (const [name, file] of Object.entries(commands)) installCommand(app, name, file);
}

/** As npm does it for the system it runs on. */
function installCommand(app: string, name: string, file: string): void {
  const bin = join(app, "node_modules", ".bin");
  mkdirSync(bin, { recursive: true });
  if (process.platform === "win32") writeFileSync(join(bin, `${name}.cmd`), `@node "%~dp0\\..\\${file}" %*\r\n`);
  else symlinkSync(join("..", file), join(bin, name));
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "junction");
}
