import { describe, expect, test } from "vitest";
import { boundaryProblems } from "./check-boundaries.ts";

const packages = new Map([
  ["@sora/core", { folder: "packages/core", entries: ["@sora/core", "@sora/core/testing"] }],
  ["@sora/web", { folder: "packages/web", entries: ["@sora/web"] }],
]);

function problems(files: Readonly<Record<string, string>>): readonly string[] {
  return boundaryProblems({ modules: new Map(Object.entries(files)), packages });
}

describe("boundaryProblems", () => {
  test.each([
    ["another package by path", "packages/web/src/a.ts", 'import { x } from "../../core/src/index.ts";', /import it by its name/],
    ["a package from a sample by path", "samples/studio/a.ts", 'import type { X } from "../../packages/core/src/host/host.ts";', /import it by its name/],
    ["a subpath that is not exported", "packages/web/src/a.ts", 'import { x } from "@sora/core/src/host.ts";', /exports @sora\/core, @sora\/core\/testing/],
    ["a package by its own name", "packages/core/src/host/a.ts", 'import { x } from "@sora/core";', /by path/],
    ["an entry from a room", "packages/core/src/host/a.ts", 'import { x } from "../index.ts";', /an entry/],
    ["ground that stands on a room", "packages/core/src/errors/a.ts", 'import { x } from "../host/b.ts";', /ground/],
    ["the host from a definition", "packages/core/src/definition/a.ts", 'import { x } from "../host/b.ts";', /must not know host/],
    ["the host from a definition, later", "packages/core/src/definition/a.ts", 'const x = await import("../host/b.ts");', /must not know host/],
    ["the engine's chance in a store", "packages/web/src/a.ts", 'import { SoraError, systemChance } from "@sora/core";', /handed in/],
    [
      "the engine's chance by another name",
      "packages/core/src/host/a.ts",
      'import * as chance from "../time/chance.ts";\nchance.systemChance.next();',
      /handed in/,
    ],
    ["the testing kit, even its types", "packages/core/src/host/a.ts", 'import type { X } from "../testing/b.ts";', /only tests/],
  ])("refuses %s", (_, file, source, expected) => {
    expect(problems({ [file]: source })).toEqual([expect.stringMatching(expected)]);
  });

  test.each([
    ["exported subpaths", "packages/web/src/a.ts", 'import { x } from "@sora/core/testing";'],
    ["types of the host in a definition", "packages/core/src/definition/a.ts", 'import type { X } from "../host/b.ts";'],
    ["the testing kit in a test", "packages/core/src/host/a.test.ts", 'import { x } from "../testing/b.ts";'],
    ["anything in the testing kit", "packages/core/src/testing/a.ts", 'import { x } from "../host/b.ts";'],
    ["the engine's chance where a host is put together", "packages/core/src/host/resolve-host-options.ts", 'import { systemChance } from "../time/chance.ts";'],
    ["the engine's chance in a test", "packages/core/src/host/a.test.ts", 'import { systemChance } from "../time/chance.ts";'],
    ["the engine's chance in a comment", "packages/core/src/host/a.ts", "// systemChance is the host's affair"],
    ["ground from ground", "packages/core/src/time/a.ts", 'import { x } from "../errors/b.ts";'],
    ["rooms from an entry", "packages/core/src/index.ts", 'export { x } from "./host/b.ts";'],
    ["internals in the tools", "tools/a.ts", 'import { x } from "../packages/core/src/errors/catalogue.ts";'],
  ])("allows %s", (_, file, source) => {
    expect(problems({ [file]: source })).toEqual([]);
  });

  test("finds a circle of modules once, and none through types or lazy imports", () => {
    const circle = {
      "packages/core/src/host/a.ts": 'import { b } from "./b.ts";',
      "packages/core/src/host/b.ts": 'import { c } from "./c.ts";',
      "packages/core/src/host/c.ts": 'import { a } from "./a.ts";',
    };
    expect(problems(circle)).toEqual([
      expect.stringContaining("host/a.ts → packages/core/src/host/b.ts → packages/core/src/host/c.ts → packages/core/src/host/a.ts"),
    ]);
    expect(problems({ ...circle, "packages/core/src/host/c.ts": 'import type { a } from "./a.ts";' })).toEqual([]);
    expect(problems({ ...circle, "packages/core/src/host/c.ts": 'const a = () => import("./a.ts");' })).toEqual([]);
  });
});
