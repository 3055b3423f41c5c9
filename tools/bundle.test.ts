import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleEntries, keepClassNames } from "./bundle.ts";
import type { SourceMapPayload } from "node:module";

describe("bundleEntries", () => {
  let dist: string;
  const write = (file: string, text: string): void => writeFileSync(join(dist, file), text);
  beforeAll(() => {
    dist = mkdtempSync(join(tmpdir(), "sora-bundle-"));
    mkdirSync(join(dist, "deep"));
    write("package.json", '{ "type": "module" }');
    write("shared.js", "export const made = { count: 0 };\nexport class Made { static one() { return new Made(); } }\n");
    const long = Array.from({ length: 500 }, (_, at) => `export const n${at} = { value: ${at}, of: () => "${at}" };\n`).join("");
    write("long.js", long);
    write("ground.js", "export const ground = () => 1;\nexport function fail() {\n  throw new Error('here');\n}\n");
    write(
      "index.js",
      'export { made, Made } from "./shared.js";\nexport { ground, fail } from "./ground.js";\nexport * from "./long.js";\nexport const later = () => import("./later.js");\n',
    );
    write("deep/entry.js", 'export { made } from "../shared.js";\n');
    write("deep/other.js", 'export { ground } from "../ground.js";\n');
    write("later.js", 'export { made } from "./shared.js";\nexport const late = true;\n');
  });
  afterAll(() => rmSync(dist, { recursive: true }));

  test("lets entries, and what they import while running, share what they share", async () => {
    const written = bundleEntries(dist, ["index", "deep/entry", "deep/other"]);
    // elsewhere, so that nothing but what was written is there
    const moved = join(dist, "moved");
    for (const file of written) cpSync(file, join(moved, file.slice(dist.length)));
    const load = (file: string): Promise<Record<string, never>> => import(pathToFileURL(join(moved, file)).href);
    const [index, deep, other] = await Promise.all([load("index.js"), load("deep/entry.js"), load("deep/other.js")]);
    const { later, made, Made, ground } = index as unknown as {
      ground: unknown;
      later: () => Promise<{ made: unknown; late: boolean }>;
      made: unknown;
      Made: { name: string; one(): unknown };
    };
    expect(deep["made"]).toBe(made);
    expect(other["ground"]).toBe(ground);
    expect(await later()).toMatchObject({ late: true });
    expect((await later()).made).toBe(made);
    expect(Made.name).toBe("Made");
    expect(Made.one()).toBeInstanceOf(Made);
    expect(readdirSync(moved).toSorted()).toEqual(["deep", "index.js", "index.js.map", "shared"]);
    expect(JSON.parse(readFileSync(join(moved, "index.js.map"), "utf8"))).toMatchObject({ version: 3 });

    // Node prints the line that an uncaught error comes from
    for (const file of written.filter(one => one.endsWith(".js")))
      for (const line of readFileSync(file, "utf8").split("\n")) expect(line.length, file).toBeLessThan(500);

    // what `deep/entry` has of it and what `deep/other` has would be two files without being put together
    const shared = readdirSync(join(moved, "shared")).filter(file => file.endsWith(".js"));
    expect(shared.filter(file => file.startsWith("chunk-"))).toEqual(["chunk-CORE0000.js"]);
    const lines = readFileSync(join(moved, "shared", "chunk-CORE0000.js"), "utf8").split("\n");
    const thrown = lines.findIndex(line => line.includes("throw"));
    const map = new SourceMap(JSON.parse(readFileSync(join(moved, "shared", "chunk-CORE0000.js.map"), "utf8")) as SourceMapPayload);
    expect(map.findEntry(thrown, lines[thrown]?.indexOf("throw") ?? 0)).toMatchObject({ originalSource: "../ground.js", originalLine: 2 });
  });

  test("refuses to put two things of one name into one file", () => {
    const twins = mkdtempSync(join(tmpdir(), "sora-bundle-"));
    const file = (name: string, text: string): void => writeFileSync(join(twins, name), text);
    file("package.json", '{ "type": "module" }');
    file("one.js", "export const same = 1;\n");
    file("two.js", "export const same = 2;\n");
    file("index.js", 'import { same as one } from "./one.js";\nimport { same as two } from "./two.js";\nexport const both = [one, two];\n');
    file("a.js", 'export { same } from "./one.js";\n');
    file("b.js", 'export { same } from "./two.js";\n');
    expect(() => bundleEntries(twins, ["index", "a", "b"])).toThrow("same stands for more than one thing");
    rmSync(twins, { recursive: true });
  });
});

test("keepClassNames gives a class back the name it has, column for column, and leaves other names alone", () => {
  const code = "var A=class _A{static of(){return new _A}};var b=_A2;var _Ab=1,c=x._A;";
  expect(keepClassNames(code)).toBe("var A=class A {static of(){return new A }};var b=_A2;var _Ab=1,c=x._A;");
  expect(keepClassNames(code)).toHaveLength(code.length);
});
