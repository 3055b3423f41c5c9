import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommand } from "../fixtures/run-command.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sora-new-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const written = async (name: string): Promise<string> => readFile(join(cwd, name), "utf8");

describe("new service", () => {
  test("writes a service made by defineService, and its test", async () => {
    const run = await runCommand(["new", "service", "ImageResize"], { cwd });
    expect(run).toEqual({
      status: 0,
      err: "",
      out: "wrote services/image-resize.service.test.ts\nwrote services/image-resize.service.ts\nIt uses zod, which is not installed here: npm install zod\n",
    });
    expect(await written("services/image-resize.service.ts")).toContain('export const imageResize = defineService("ImageResize", {');
    expect(await written("services/image-resize.service.ts")).toContain('serviceEvent("ImageResizeFinished"');
    expect(await written("services/image-resize.service.test.ts")).toContain('import { imageResize, ImageResizeFinished } from "./image-resize.service.ts";');
  });

  test("writes a class with decorators, and a periodic one", async () => {
    await runCommand(["new", "service", "TranslationService", "--style", "class"], { cwd });
    expect(await written("services/translation.service.ts")).toContain("export class TranslationService extends SoraFluentServiceBase");
    expect(await written("services/translation.service.ts")).toContain("@ServiceEvent(TranslationFinished)");
    await runCommand(["new", "service", "nightly-report", "--style", "class", "--every", "1d"], { cwd });
    expect(await written("services/nightly-report.service.ts")).toContain('every: "1d"');
    await runCommand(["new", "service", "tidy", "--every", "90s"], { cwd });
    expect(await written("services/tidy.service.ts")).toContain('every: "90s"');
    expect(await written("services/tidy.service.test.ts")).toContain('advance("90s")');
  });

  test("leaves no trace of the example in any of its forms", async () => {
    for (const [name, ...flags] of [["A1"], ["A2", "--style", "class"], ["A3", "--every", "5m"], ["A4", "--style", "class", "--every", "5m"]])
      await runCommand(["new", "service", name!, ...flags], { cwd });
    for (const file of await readdir(join(cwd, "services"))) expect(`${file}\n${await written(join("services", file))}`).not.toMatch(/example/i);
  });

  test("writes where services are, or where it is told", async () => {
    await mkdir(join(cwd, "src", "services"), { recursive: true });
    expect((await runCommand(["new", "service", "A", "--every", "1h"], { cwd })).out).toContain("wrote src/services/a.service.ts\n");
    expect((await runCommand(["new", "service", "A", "--every", "1h", "--folder", "jobs"], { cwd })).out).toContain("wrote jobs/a.service.ts\n");
  });

  test("overwrites nothing, and writes nothing beside it", async () => {
    await mkdir(join(cwd, "services"));
    await writeFile(join(cwd, "services", "a.service.ts"), "mine");
    expect(await runCommand(["new", "service", "A"], { cwd })).toEqual({
      status: 1,
      out: "",
      err: "sora: services/a.service.ts is there already, and nothing was written. Give another name, or move it away.\n",
    });
    expect(await readdir(join(cwd, "services"))).toEqual(["a.service.ts"]);
  });

  test("tells a program what it wrote", async () => {
    expect(JSON.parse((await runCommand(["new", "service", "A", "--json"], { cwd })).out)).toEqual({
      service: "A",
      files: ["services/a.service.test.ts", "services/a.service.ts"],
      missing: ["zod"],
    });
  });
});

describe("new app", () => {
  test("writes a project of that name", async () => {
    const run = await runCommand(["new", "app", "my-shop"], { cwd });
    expect(run).toMatchObject({ status: 0, err: "" });
    expect(run.out).toMatch(/wrote my-shop\/\.gitignore\n[^]*\nNext:\n {2}cd my-shop\n {2}npm install\n {2}npm start\n$/);
    expect(JSON.parse(await written("my-shop/package.json"))).toMatchObject({
      name: "my-shop",
      scripts: { start: "sora run", dev: "sora dev", test: "vitest run" },
      dependencies: { "@sora/core": "0.1.0" },
    });
    expect(await written("my-shop/README.md")).toMatch(/^# my-shop\n/);
  });

  test("takes an empty folder, and one with nothing but its repository", async () => {
    await mkdir(join(cwd, "empty", ".git"), { recursive: true });
    expect(await runCommand(["new", "app", "empty"], { cwd })).toMatchObject({ status: 0 });
  });

  test("leaves a folder with something in it alone", async () => {
    await mkdir(join(cwd, "full"));
    await writeFile(join(cwd, "full", "x"), "mine");
    await writeFile(join(cwd, "file"), "mine");
    expect(await runCommand(["new", "app", "full"], { cwd })).toEqual({
      status: 1,
      out: "",
      err: "sora: full is there already and not empty, and nothing was written. Give another name, or empty it.\n",
    });
    expect((await runCommand(["new", "app", "file"], { cwd })).err).toMatch(/^sora: Nothing can be written to .*\n$/);
    expect(await readdir(join(cwd, "full"))).toEqual(["x"]);
  });

  test("has the very versions that this repository is tested with", async () => {
    const manifest = async (path: string): Promise<{ dependencies?: Record<string, string>; devDependencies?: Record<string, string> }> =>
      JSON.parse(await readFile(new URL(path, import.meta.url), "utf8")) as never;
    const template = await manifest("../../templates/app/package.json");
    const root = await manifest("../../../../package.json");
    const wanted = Object.entries({ ...template.dependencies, ...template.devDependencies }).filter(([name]) => !name.startsWith("@sora/"));
    expect(wanted.length).toBeGreaterThan(4);
    for (const [name, version] of wanted) expect([name, version]).toEqual([name, root.devDependencies?.[name]]);
  });
});
