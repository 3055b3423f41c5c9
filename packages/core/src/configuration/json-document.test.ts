import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { locateNames, nameKey, readJsonDocument } from "./json-document.ts";

const linesOf = (text: string, ...path: string[]) => locateNames(text).get(nameKey(path));

describe("readJsonDocument", () => {
  test("reads comments, and nothing in a string as one", () => {
    const text = '// first\n{ /* a */ "url": "http://x//y", "glob": "/*", // last\n "n": 1 }\n/* end */';
    expect(readJsonDocument(text)).toEqual({ value: { url: "http://x//y", glob: "/*", n: 1 }, errors: [], repeatsNames: false });
  });

  test("names every trailing comma with its line, and still reads the value", () => {
    const text = '{\n  "a": [1, 2,],\n  "b": { "c": 1, // why\n  },\n}';
    const { value, errors } = readJsonDocument(text);
    expect(value).toEqual({ a: [1, 2], b: { c: 1 } });
    expect(errors.map(({ line, got }) => [line, got])).toEqual([
      [2, "a trailing comma"],
      [3, "a trailing comma"],
      [4, "a trailing comma"],
    ]);
  });

  test.each([
    ["", 1, "a JSON object", "an empty file"],
    ["// only a comment", 1, "a JSON object", "an empty file"],
    ['{\n"a": 1\n', 3, 'a closing "}"', "the end of the file"],
    ['{\n"a" 1 }', 2, 'a ":" after the name', '"1"'],
    ['{ "a": 1\n"b": 2 }', 2, 'a "," between entries', "a double quote"],
    ["{ 'a': 1 }", 1, "a JSON value", `"'"`],
    ['{ "a": 1 }\n}', 2, "nothing after the end of the value", '"}"'],
    ['{ "a": "x\ty" }', 1, "no control character in a string", "a double quote"],
    ['{ "a": NaN }', 1, "a JSON value", '"N"'],
    ['{ "a": 1,, }', 1, "a name in double quotes", '","'],
    ["{ /* open", 1, 'a closing "*/"', '"/"'],
  ])("refuses %o at line %i", (text, line, expected, got) => {
    const document = readJsonDocument(text);
    expect(document).not.toHaveProperty("value");
    expect(document.errors).toEqual([{ line, expected, got, fix: expect.any(String) as string }]);
  });

  test("never repeats what the text says, which may be a secret", () => {
    const secret = "hunter2hunter2";
    for (const text of [`{"Password": ${secret}}`, `{"Password": '${secret}'}`, `{"Password": "${secret}" "x"}`, `{"Password": "${secret}`, secret]) {
      expect(JSON.stringify(readJsonDocument(text).errors)).not.toContain("hunter");
    }
  });

  test("refuses what is nested too deep for the parser, and goes on", () => {
    expect(readJsonDocument("[".repeat(200_000)).errors).toMatchObject([{ expected: "at most 64 levels" }]);
    expect(locateNames("[".repeat(200_000)).size).toBe(0);
  });

  test("tells whether a name stands twice in one object, whatever strings hold", () => {
    expect(readJsonDocument('{"a":1,"a":2}').repeatsNames).toBe(true);
    expect(readJsonDocument('{"a":{"a":1},"b":[{"a":1},{"a":2}]}').repeatsNames).toBe(false);
    fc.assert(fc.property(fc.json(), text => !readJsonDocument(text).repeatsNames));
  });
});

describe("locateNames", () => {
  test("finds the line of each key, also past trailing commas and in arrays", () => {
    const text = '{\n  "Sora": {\n    "Web": { "Port": 1, },\n  },\n  "L": [ { "Url": 1 },\n    { "Url": 2 } ]\n}';
    expect(linesOf(text, "sora", "WEB", "port")).toEqual([3]);
    expect(linesOf(text, "l", "1", "url")).toEqual([6]);
    expect(linesOf(text, "absent")).toBeUndefined();
  });

  test("splits a name with colons at the top level only", () => {
    const text = '{\n"A:B": 1,\n"C": { "d:e": 2 } }';
    expect(linesOf(text, "a", "b")).toEqual([2]);
    expect(linesOf(text, "c", "d:e")).toEqual([3]);
  });

  test("lists every line of a repeated key, whatever its case", () => {
    expect(linesOf('{\n"a": 1,\n"A": 2,\n"a": 3 }', "a")).toEqual([2, 3, 4]);
  });
});
