import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { publishedManifest } from "./pack.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const published = globSync("packages/*/package.json", { cwd: root })
  .toSorted()
  .map(file => ({ folder: dirname(join(root, file)), manifest: JSON.parse(readFileSync(join(root, file), "utf8")) as Record<string, unknown> }))
  .filter(({ manifest }) => manifest["private"] !== true)
  .map(one => ({ ...one, name: String(one.manifest["name"]) }));

test("publishedManifest points every export at dist, with types, and every import of its own, and drops what only the repository needs", () => {
  const manifest = {
    name: "@sora/x",
    version: "1.0.0",
    exports: { ".": "./src/index.ts", "./deep": "./src/deep/entry.ts", "./package.json": "./package.json" },
    imports: { "#thread": "./src/deep/thread.ts", "#other": "other" },
    sideEffects: ["./src/a.ts", "./dist/a.js"],
    devDependencies: { zod: "4.0.0" },
    dependencies: { pino: "10.0.0" },
    files: ["bin", "dist", "README.md", "LICENSE"],
  };

  expect(publishedManifest(manifest)).toEqual({
    name: "@sora/x",
    version: "1.0.0",
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./deep": { types: "./dist/deep/entry.d.ts", default: "./dist/deep/entry.js" },
      "./package.json": "./package.json",
    },
    imports: { "#thread": "./dist/deep/thread.js", "#other": "other" },
    sideEffects: ["./dist/a.js"],
    dependencies: { pino: "10.0.0" },
    files: ["dist", "src", "bin"],
  });
});

test("what is published has its licence in the repository", () => {
  expect(readFileSync(join(root, "LICENSE"), "utf8")).toMatch(/^MIT License\n/);
});

describe.each(published)("$name", ({ folder, manifest }) => {
  test("is not published from its folder, which exports sources", () => {
    expect(manifest).toMatchObject({ license: "MIT", scripts: { prepublishOnly: expect.stringMatching(/pack:all.*exit 1/) } });
  });

  test("has a README of its own, with no link to what is not published", () => {
    expect(existsSync(join(folder, "README.md"))).toBe(true);
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    const links = Array.from(readme.matchAll(/\]\(([^)]+)\)/g), ([, target]) => target!);
    expect(links.filter(target => !/^(?:https:|#)/.test(target))).toEqual([]);
    expect(readme).toContain(`npm install @sora/core`);
  });
});
