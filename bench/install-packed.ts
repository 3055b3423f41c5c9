import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");

/**
 * Packs packages of ours, by the names of their folders, and puts them into `folder` as `npm install` would, with links to what they and `peers` name and the repository has. So that
 * what is measured is what users get, beside peers that are packed as well.
 */
export function installPacked(folder: string, packages: readonly string[], peers: readonly string[]): void {
  const packed = join(folder, "packed");
  runNode([join(root, "tools/pack.ts"), packed, ...packages], root);
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@sora"), { recursive: true });
  const wanted = new Set(peers);
  for (const name of packages) {
    const place = join(modules, "@sora", name);
    renameSync(join(packed, `sora-${name}`), place); // where npm would put it: no link, since the package looks at its own address
    const { dependencies } = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as { readonly dependencies: Readonly<Record<string, string>> };
    for (const dependency of Object.keys(dependencies)) wanted.add(dependency);
  }
  for (const name of wanted) {
    const target = [join(root, "node_modules", name), join(import.meta.dirname, "node_modules", name)].find(existsSync);
    if (target === undefined || existsSync(join(modules, name))) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(target, join(modules, name), "junction");
  }
}

/** @throws where it ends with anything but 0. Returns what it wrote. */
export function runNode(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr.slice(0, 2_000)}`);
  return stdout;
}
