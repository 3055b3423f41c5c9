import { expect, test } from "vitest";
import { printable } from "./printable.ts";

test.each([
  ["朝の散歩 é.txt", "朝の散歩 é.txt"],
  ["a\u001B[2Jb\r", "a�[2Jb�"],
  ["gpj.\u202Etxt", "gpj.�txt"],
  ["two\nlines", "two�lines"],
])("printable of %j is %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});
