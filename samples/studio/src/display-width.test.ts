import { describe, expect, test } from "vitest";
import { displayWidth, fitToWidth, wrapToWidth } from "./display-width.ts";

describe("displayWidth", () => {
  test.each([
    ["", 0],
    ["plain", 5],
    ["ação", 4],
    ["e\u0301", 1],
    ["朝の散歩", 8],
    ["「あ」。", 8],
    ["ー", 2],
    ["한글", 4],
    ["ＡＢ", 4],
    ["👩‍🚀", 2],
    ["❤️", 2],
    ["🇧🇷", 2],
    ["a\u200bb", 2],
    ["العربية", 7],
    ["⟦x⟧", 3],
  ])("of %j is %i", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("fitToWidth", () => {
  test.each([
    ["plain", 5, "plain"],
    ["plain", 4, "pla…"],
    ["朝の散歩", 8, "朝の散歩"],
    ["朝の散歩", 7, "朝の散…"],
    ["朝の散歩", 6, "朝の…"],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
  ])("of %j into %i is %j", (text, width, fitted) => {
    expect(fitToWidth(text, width)).toBe(fitted);
  });
});

describe("wrapToWidth", () => {
  test.each([
    ["", 5, [""]],
    ["one two", 7, ["one two"]],
    ["one two three", 8, ["one two", "three"]],
    ["a-long-word and more", 6, ["a-long-word", "and", "more"]],
    ["朝の 散歩", 8, ["朝の", "散歩"]],
    ["any width", Number.POSITIVE_INFINITY, ["any width"]],
  ])("of %j into %i is %j", (text, width, lines) => {
    expect(wrapToWidth(text, width)).toEqual(lines);
  });
});
