import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runTarget } from "./run-target.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), "sora-target-")));
});
afterEach(() => rm(cwd, { recursive: true }));

async function make(...files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(cwd, file)), { recursive: true });
    await writeFile(join(cwd, file), "");
  }
}

describe("runTarget", () => {
  test("is a program where a file is named", async () => {
    await make("main.ts");
    expect(await runTarget("main.ts", cwd)).toEqual({ kind: "program", file: join(cwd, "main.ts") });
  });

  test.each([
    [["services/a.ts", "src/services/b.ts"], "services"],
    [["src/services/b.ts"], "src/services"],
    [["x.service.ts"], "."],
  ])("is the folder where services usually are, of %j", async (files, folder) => {
    await make(...files);
    expect(await runTarget(undefined, cwd)).toEqual({ kind: "folder", folder: join(cwd, folder), contentRoot: cwd });
  });

  test("finds the settings with the folder, above it, or in the working directory", async () => {
    await make("shop/services/a.service.ts", "shop/package.json", "jobs/a.service.ts", "own/a.service.ts", "own/appsettings.json");
    expect(await runTarget("shop/services", cwd)).toMatchObject({ contentRoot: join(cwd, "shop") });
    expect(await runTarget("jobs", cwd)).toMatchObject({ contentRoot: cwd });
    expect(await runTarget("own", cwd)).toMatchObject({ contentRoot: join(cwd, "own") });
    expect(await runTarget(join(cwd, "own"), join(cwd, "jobs"))).toMatchObject({ contentRoot: join(cwd, "own") });
  });

  test("refuses what is not there as bad usage", async () => {
    await expect(runTarget("nothing", cwd)).rejects.toMatchObject({ code: "SORA_CLI_USAGE", message: "There is nothing at nothing to run." });
  });
});
