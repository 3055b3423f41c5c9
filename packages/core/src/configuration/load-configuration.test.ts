import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfiguration } from "./load-configuration.ts";

let contentRoot: string;
beforeEach(async () => {
  contentRoot = await mkdtemp(join(tmpdir(), "sora-load-configuration-"));
});
afterEach(() => rm(contentRoot, { recursive: true }));

const write = (name: string, value: unknown) => writeFile(join(contentRoot, name), typeof value === "string" ? value : JSON.stringify(value));

describe("loadConfiguration", () => {
  test("lays the layers over each other: file, environment's file, variables, the host's options", async () => {
    await write("appsettings.json", { L: { one: 1, two: 1, three: 1, four: 1 } });
    await write("appsettings.Staging.json", { l: { Two: 2, three: 2, four: 2 } });
    await write("appsettings.Production.json", { L: { one: "never read" } });
    const env = { SORA_ENVIRONMENT: "Staging", L__Three: "3", L__FOUR: "3" };
    const root = await loadConfiguration({ contentRoot, env, overrides: { L: { four: 4 } } });
    expect(root.environment).toBe("Staging");
    expect(root.get("L")).toEqual({ one: 1, two: 2, three: 3, four: 4 });
    expect(["one", "two", "three", "four"].map(name => root.source(`L:${name}`))).toEqual([
      "appsettings.json:1",
      "appsettings.Staging.json:1",
      "environment variable L__Three",
      "host options",
    ]);
    expect(root.files).toEqual([join(contentRoot, "appsettings.json"), join(contentRoot, "appsettings.Staging.json")]);
    expect(root.loadProblems).toEqual([]);
  });

  test("starts from nothing where there is no file", async () => {
    const root = await loadConfiguration({ contentRoot, env: {} });
    expect(root.toObject()).toEqual({});
    expect(root.loadProblems).toEqual([]);
    expect(root.environment).toBe("Development");
  });

  test("gathers what is wrong with every source", async () => {
    await mkdir(join(contentRoot, "appsettings.json"));
    await write("appsettings.Development.json", "");
    await truncate(join(contentRoot, "appsettings.Development.json"), 100_000_000);
    const root = await loadConfiguration({ contentRoot, env: { Sora____x: "1" }, overrides: { f: () => 1 } });
    expect(root.loadProblems.map(({ source, got }) => [source, got])).toEqual([
      ["appsettings.json", "a folder"],
      ["appsettings.Development.json", "100,000,000 bytes"],
      ["environment variable Sora____x", "an empty name"],
      ["host options", "a function"],
    ]);
  });

  test("tells both lines of a name that stands twice, alike or in another case", async () => {
    await write("appsettings.json", '{\n"Own": { "Port": 1,\n"PORT": 2 },\n"Same": 1,\n"Same": 2 }');
    const { loadProblems } = await loadConfiguration({ contentRoot, env: {} });
    expect(loadProblems.map(({ path, line, got }) => [path, line, got])).toEqual([
      ["Own:PORT", 2, "it again on line 3"],
      ["Same", 4, "it again on line 5"],
    ]);
  });

  test("refuses a file whose root is no object, with its line", async () => {
    await write("appsettings.json", "[]");
    const { loadProblems } = await loadConfiguration({ contentRoot, env: {} });
    expect(loadProblems).toMatchObject([{ source: "appsettings.json:1", path: "", expected: "a JSON object", got: "an array" }]);
  });

  test("refuses a content root that was named and is not there, and one that is a file", async () => {
    const absent = await loadConfiguration({ contentRoot: join(contentRoot, "absent"), env: {} });
    expect(absent.loadProblems).toMatchObject([{ source: `contentRoot ${join(contentRoot, "absent")}`, got: "nothing" }]);
    await write("file", "");
    const file = await loadConfiguration({ contentRoot: join(contentRoot, "file"), env: {} });
    expect(file.loadProblems).toMatchObject([{ expected: "a folder", got: "a file" }]);
  });

  test("refuses an environment that is no part of a file's name, and reads no file by it", async () => {
    const root = await loadConfiguration({ contentRoot, env: { SORA_ENVIRONMENT: "../../etc" } });
    expect(root.files).toEqual([join(contentRoot, "appsettings.json")]);
    expect(root.loadProblems).toMatchObject([{ source: "environment name", got: '"../../etc"' }]);
  });

  test("reads no file where settings files are not wanted", async () => {
    await write("appsettings.json", "broken");
    const root = await loadConfiguration({ contentRoot, env: { A__b: "1" }, settingsFiles: false });
    expect(root.files).toEqual([]);
    expect(root.loadProblems).toEqual([]);
    expect(root.toObject()).toEqual({ A: { b: 1 } });
    expect(await root.reload()).toEqual({ kind: "unchanged" });
  });

  test("reads known keys from the environment as their rules do", async () => {
    const root = await loadConfiguration({ contentRoot, env: { SORA__WEB__TOKEN: "1234512345123451", SORA__BACKGROUNDSERVICES__ENABLED: "FALSE" } });
    expect(root.get("Sora:Web:Token")).toBe("1234512345123451");
    expect(root.get("Sora:BackgroundServices:Enabled", true)).toBe(false);
  });

  test("copies the host's options", async () => {
    const overrides = { A: { b: 1 } };
    const root = await loadConfiguration({ contentRoot, env: {}, overrides });
    overrides.A.b = 2;
    expect(root.get("A:b")).toBe(1);
  });

  test("looks in the working directory and the process's variables unless told otherwise", async () => {
    const root = await loadConfiguration();
    expect(root.files[0]).toBe(join(process.cwd(), "appsettings.json"));
    expect(root.environment).toBe("Testing");
  });
});
