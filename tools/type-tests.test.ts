import { globSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compileErrors } from "./compile-errors.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

test("every *.test-d.ts compiles, bad calls that must not compile included", { timeout: 120_000 }, async () => {
  const tests = globSync("{packages/*/src,samples}/**/*.test-d.ts", { cwd: root, exclude: name => /(?:^|[\\/])node_modules$/.test(name) });
  const folder = await mkdtemp(join(tmpdir(), "sora-type-tests-"));
  try {
    const canary = join(folder, "canary.mts"); // shows that a broken type test would be seen
    await writeFile(canary, "// @ts-expect-error nothing is wrong here\nexport const fine: number = 1;\n");

    const errors = await compileErrors(folder, [canary, ...tests.map(file => join(root, file))]);

    expect(errors.filter(({ file }) => file === canary).map(({ line, message }) => [line, message])).toEqual([[1, expect.stringContaining("Unused")]]);
    expect(errors.filter(({ file }) => file !== canary).map(({ file, line, message }) => `${relative(root, file)}:${line} ${message}`)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
