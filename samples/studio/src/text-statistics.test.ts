import { describe, expect, test } from "vitest";
import { measureText } from "./text-statistics.ts";

describe("measureText", () => {
  test("counts words, sentences and lines", () => {
    expect(measureText("The first line of it. And another!\n\nWhat was that?\n")).toEqual({
      language: "en",
      characters: 48,
      words: 10,
      sentences: 3,
      lines: 2,
      readingSeconds: 3,
    });
  });

  test("counts what a reader sees as one character once", () => {
    expect(measureText("e\u0301👩‍🚀🇧🇷").characters).toBe(3);
  });

  test("finds words where no spaces divide them", () => {
    expect(measureText("猫が好きです。犬も好きです。")).toMatchObject({ language: "ja", sentences: 2, characters: 14 });
    expect(measureText("猫が好きです。犬も好きです。").words).toBeGreaterThan(5);
  });

  test("has nothing to count in an empty text or in white space", () => {
    const nothing = { language: "und", words: 0, sentences: 0, lines: 0, readingSeconds: 0 };
    expect(measureText("")).toMatchObject({ ...nothing, characters: 0 });
    expect(measureText(" \n\t")).toMatchObject(nothing);
  });

  test("allows a minute for 220 words", () => {
    expect(measureText("word ".repeat(220)).readingSeconds).toBe(60);
  });
});
