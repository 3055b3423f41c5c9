import { expect, test } from "vitest";
import { moduleImports } from "./module-imports.ts";

test("moduleImports tells static, lazy and type-only imports apart", () => {
  const source = [
    'import { a, type B } from "./a.ts";',
    'import type { C } from "./c.ts";',
    'import type from "./default-called-type.ts";',
    'import * as all from "node:fs";',
    "import {",
    "  d,",
    "  e,",
    '} from "./d.ts";',
    'import "./effect.ts";',
    'export { f } from "./f.ts";',
    'export type { G } from "./g.ts";',
    'export * from "./h.ts";',
    '// import { no } from "./no.ts";',
    '/* import { no } from "./no.ts"; */',
    'const text = `\nimport { no } from "./no.ts";\n`;',
    'const later = await import("./later.ts");',
    'type Lib = typeof import("./lib.ts");',
    'let logger: import("pino").Logger;',
  ].join("\n");

  expect(moduleImports(source).map(({ kind, specifier }) => `${kind} ${specifier}`)).toEqual([
    "static ./a.ts",
    "type ./c.ts",
    "static ./default-called-type.ts",
    "static node:fs",
    "static ./d.ts",
    "static ./f.ts",
    "type ./g.ts",
    "static ./h.ts",
    "static ./effect.ts",
    "lazy ./later.ts",
    "type ./lib.ts",
    "type pino",
  ]);
});
