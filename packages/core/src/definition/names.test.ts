import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kebabCaseExamples } from "./fixtures/kebab-case-examples.ts";
import { invalidNameProblem, isValidName, kebabCase } from "./names.ts";

describe("kebabCase", () => {
  test.each(Object.entries(kebabCaseExamples))("makes %j %j", (name, kebab) => {
    expect(kebabCase(name)).toBe(kebab);
  });

  test("puts a hyphen before each capital after a lower-case letter or digit, and before the last capital of a run that lower case follows", () => {
    const kind = (letter: string | undefined): string =>
      letter === undefined ? "none" : /[a-z]/.test(letter) ? "lower" : /[0-9]/.test(letter) ? "digit" : /[A-Z]/.test(letter) ? "upper" : "other";
    const byTheSentence = (name: string): string =>
      Array.from(name)
        .map((letter, at) => {
          const [before, after] = [kind(name[at - 1]), kind(name[at + 1])];
          const hyphen = kind(letter) === "upper" && (before === "lower" || before === "digit" || (before === "upper" && after === "lower"));
          return `${hyphen ? "-" : ""}${kind(letter) === "upper" ? letter.toLowerCase() : letter}`;
        })
        .join("");
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from("abzABZ09_-$")), maxLength: 20 }), name => kebabCase(name) === byTheSentence(name)),
      { numRuns: 2_000 },
    );
  });

  test("gives the same for what it has given", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from("abzABZ09_-")), maxLength: 20 }), name => kebabCase(kebabCase(name)) === kebabCase(name)),
    );
  });
});

test.each(["a", "TranslationService", "check-queue", "snake_case", "0", "-", "x".repeat(64)])("isValidName takes %j", name => {
  expect(isValidName(name)).toBe(true);
});

test.each(["", " ", "a b", "a.b", "a/b", "größe", "a\n", "x".repeat(65), "日本", "a\u0000", 5, null, undefined, {}, Symbol("a")])(
  "isValidName refuses %o",
  name => {
    expect(isValidName(name)).toBe(false);
  },
);

test("invalidNameProblem shows what it was, and not all of what is long", () => {
  expect(invalidNameProblem("its name", "a b")).toBe('its name "a b" is not 1 to 64 ASCII letters, digits, "-" or "_"');
  expect(invalidNameProblem("its name", "x".repeat(5_000)).length).toBeLessThan(200);
  expect(invalidNameProblem("its name", Object.create(null))).toContain("its name an object is not");
  expect(invalidNameProblem("its name", Symbol("s"))).toContain("Symbol(s)");
});
