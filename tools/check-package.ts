/**
 * `npm run check:package`: packs every package and looks at the result as a stranger would: publint and attw on the tarballs, then programs that import
 * the installed package, under plain Node. The last line is `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { packAll } from "./pack.ts";
import type { PackedPackage } from "./pack.ts";
import { prepareSmoke } from "./package-smoke/prepare-smoke.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
let passed = 0;
let failed = 0;

async function check(name: string, cwd: string, program: string, ...args: readonly string[]): Promise<void> {
  const PATH = [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
  const child = spawn(program, args, { cwd, env: { ...process.env, PATH }, stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close") as Promise<[number | null]>]);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name}`);
  if (code === 0) passed++;
  else {
    failed++;
    console.log(`${[program, ...args].join(" ")}\n${out}${err}`);
  }
}

function build(destination: string): readonly PackedPackage[] {
  try {
    const packages = packAll(destination);
    passed++;
    console.log(`ok   build and pack ${packages.map(({ name }) => name).join(", ")}`);
    return packages;
  } catch (error) {
    failed++;
    console.log(`FAIL build and pack: ${(error as Error).message}`);
    return [];
  }
}

const folder = mkdtempSync(join(tmpdir(), "sora-package-"));
try {
  const packages = build(join(folder, "packed"));
  for (const { name, folder: unpacked, tarball } of packages) {
    await check(`publint ${name}`, root, "publint", unpacked, "--strict", "--pack", "false");
    await check(`attw ${name}`, root, "attw", tarball, "--profile", "esm-only");
  }
  if (packages.length > 0) {
    const app = join(folder, "app");
    prepareSmoke(app, packages);
    await check("a consumer's strict TypeScript compiles against the packages, their declarations included", app, "tsc", "-p", ".");
    await check("so it does without exactOptionalPropertyTypes", app, "tsc", "-p", "tsconfig.inexact.json");
    await check("so it does without strict", app, "tsc", "-p", "tsconfig.loose.json");
    await check("the programs run under plain node", app, "node", "--test", "*.test.mjs", "built/*.test.js");
    await check(
      "decorated TypeScript runs through the packed hook",
      app,
      "node",
      "--import",
      "@sora/core/register",
      "--test",
      "decorated.test.ts",
      "hard-decorators.test.ts",
      "reference.test.ts",
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
