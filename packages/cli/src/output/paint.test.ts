import { expect, test } from "vitest";
import { paintFor } from "./paint.ts";

const output = (isTTY: boolean): { write(): void; isTTY: boolean } => ({ write: () => {}, isTTY });

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [true, { TERM: "dumb" }, false],
  [false, { FORCE_COLOR: "1" }, true],
  [true, { FORCE_COLOR: "0" }, false],
  [false, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
])("paintFor colours a terminal unless told otherwise: terminal %j, %j", (isTTY, env, coloured) => {
  expect(paintFor(output(isTTY), env)("red", "x")).toBe(coloured ? "\u001B[31mx\u001B[39m" : "x");
});
