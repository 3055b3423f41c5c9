import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonTrouble } from "./json-trouble.ts";

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("jsonTrouble", () => {
  test.each([
    ["{name:1}", 1, 2, "a name in double quotes", '"n"'],
    ['{"a":{},"b":}', 1, 13, "a value", '"}"'],
    ['{"a":1,}', 1, 8, "a name in double quotes", '"}"'],
    ["[1,]", 1, 4, "a value", '"]"'],
    ["[1,", 1, 4, "a value", "the end"],
    ["", 1, 1, "a value", "the end"],
    ["nope", 1, 1, "a value", '"n"'],
    ['{"a":1}}', 1, 8, "nothing more", '"}"'],
    ['{"a" 1}', 1, 6, '":"', '"1"'],
    ["{'a': 1}", 1, 2, "a name in double quotes", '"\'"'],
    ['{\n  "a": 1,\n  "b": x\n}', 3, 8, "a value", '"x"'],
    ['{"a": "b\n"}', 1, 7, "a value", "a string that is not whole"],
    ["01", 1, 2, "nothing more", '"1"'],
    ["{} {}", 1, 4, "nothing more", '"{"'],
    ["💥", 1, 1, "a value", '"💥"'],
  ])("finds what is wrong with %j", (text, line, column, expected, found) => {
    expect(jsonTrouble(text)).toMatchObject({ line, column, expected: expect.stringContaining(expected) as string, found });
  });

  test("agrees with the engine about every text, whole or broken", () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", "{", "}", "[", "]", ",", ":", '"', "\\", "0", "-", "e", "\n", "\u007F", "\u0001", "null"))
      .map(([text, at, piece]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + piece + text.slice(place + (at % 3));
      });
    fc.assert(
      fc.property(fc.oneof(broken, fc.string()), text => {
        expect(jsonTrouble(text) === undefined).toBe(parses(text));
      }),
      { numRuns: 3_000 },
    );
  });
});
