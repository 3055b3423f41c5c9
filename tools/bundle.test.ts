import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleEntries, keepClassNames } from "./bundle.ts";

describe("bundleEntries", () => {
  let dist: string;
  const write = (file: string, text: string): void => writeFileSync(join(dist, file), text);
  beforeAll(() => {
    dist = mkdtempSync(join(tmpdir(), "sora-bundle-"));
    mkdirSync(join(dist, "deep"));
    write("package.json", '{ "type": "module" }');
    write("shared.js", "export const made = { count: 0 };\nexport class Made { static one() { return new Made(); } }\n");
    write("index.js", 'export { made, Made } from "./shared.js";\nexport const later = () => import("./later.js");\n');
    write("deep/entry.js", 'export { made } from "../shared.js";\n');
    write("later.js", 'export { made } from "./shared.js";\nexport const late = true;\n');
  });
  afterAll(() => rmSync(dist, { recursive: true }));

  test("lets entries, and what they import while running, share what they share", async () => {
    const written = bundleEntries(dist, ["index", "deep/entry"]);
    // elsewhere, so that nothing but what was written is there
    const moved = join(dist, "moved");
    for (const file of written) cpSync(file, join(moved, file.slice(dist.length)));
    const load = (file: string): Promise<Record<string, never>> => import(pathToFileURL(join(moved, file)).href);
    const [index, deep] = await Promise.all([load("index.js"), load("deep/entry.js")]);
    const { later, made, Made } = index as unknown as {
      later: () => Promise<{ made: unknown; late: boolean }>;
      made: unknown;
      Made: { name: string; one(): unknown };
    };
    expect(deep["made"]).toBe(made);
    expect(await later()).toMatchObject({ late: true });
    expect((await later()).made).toBe(made);
    expect(Made.name).toBe("Made");
    expect(Made.one()).toBeInstanceOf(Made);
    expect(readdirSync(moved).toSorted()).toEqual(["deep", "index.js", "index.js.map", "shared"]);
    expect(JSON.parse(readFileSync(join(moved, "index.js.map"), "utf8"))).toMatchObject({ version: 3 });
  });
});

test("keepClassNames gives a class back the name it has, column for column, and leaves other names alone", () => {
  const code = "var A=class _A{static of(){return new _A}};var b=_A2;var _Ab=1,c=x._A;";
  expect(keepClassNames(code)).toBe("var A=class A {static of(){return new A }};var b=_A2;var _Ab=1,c=x._A;");
  expect(keepClassNames(code)).toHaveLength(code.length);
});
