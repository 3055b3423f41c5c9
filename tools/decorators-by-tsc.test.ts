import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

// Our own tests run what esbuild lowers. A user's program may be compiled by tsc, whose output is another: without `Symbol.metadata` it has no metadata at all.
const root = fileURLToPath(new URL("..", import.meta.url));
const programs = ["decorated.test", "hard-decorators.test"];
const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sora-tsc-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  for (const file of ["tsconfig.json", ...programs.map(program => `${program}.ts`)]) await cp(join(root, "tools/package-smoke", file), join(folder, file));
  // The workspace's packages are their sources, which are not a consumer's to check.
  await run(process.execPath, [
    join(root, "node_modules/typescript/bin/tsc"),
    "-p",
    folder,
    "--noCheck",
    "--noEmit",
    "false",
    "--allowImportingTsExtensions",
    "false",
    "--sourceMap",
    "false",
  ]).catch((error: { stdout?: string }) => {
    throw new Error(error.stdout);
  });
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function passes(file: string): Promise<string> {
  return run(process.execPath, ["--test", "--test-reporter=tap", file], { cwd: folder }).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
  );
}

test.each(programs)("decorators work in tsc's output of %s", { timeout: 60_000 }, async program => {
  expect(await passes(join("built", `${program}.js`))).toMatch(/^# fail 0$/m);
});

// esbuild writes a class's name into the decorator's context; tsc has the context ask the class, so there the minifier has to keep names.
test.each([
  ["esbuild", false],
  ["tsc", true],
])("decorators work in what %s compiled and a minifier has shortened, keeping names: %s", { timeout: 60_000 }, async (compiler, keepNames) => {
  const source = await readFile(join(folder, compiler === "tsc" ? "built/hard-decorators.test.js" : "hard-decorators.test.ts"), "utf8");
  const { code } = await transform(source, { loader: "ts", minify: true, keepNames, format: "esm", target: "esnext", supported: { decorators: false } });
  expect(code).not.toMatch(/class RatherLongClassName|RatherLongClassName=/);
  await mkdir(join(folder, "minified"), { recursive: true });
  await writeFile(join(folder, "minified", `${compiler}.test.js`), code);
  expect(await passes(join("minified", `${compiler}.test.js`))).toMatch(/^# fail 0$/m);
});
