import { expect, test } from "vitest";
import { publishedManifest } from "./pack.ts";

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
