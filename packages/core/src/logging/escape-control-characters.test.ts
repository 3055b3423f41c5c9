import { describe, expect, test } from "vitest";
import { escapeControlCharacters, escapeJsonLine } from "./escape-control-characters.ts";

describe("escapeControlCharacters", () => {
  test("makes line ends, terminal controls and reordering marks visible", () => {
    expect(escapeControlCharacters("a\nb\r\tc\u001b[31m\u0000\u009b\u2028\u202e")).toBe(String.raw`a\nb\r\tc\e[31m\u0000\u009b\u2028\u202e`);
  });

  test("leaves letters of every script and emoji as they are", () => {
    const text = "ação 日本語 العربية 👩‍🚀 ⟦ok⟧";
    expect(escapeControlCharacters(text)).toBe(text);
  });
});

describe("escapeJsonLine", () => {
  test("keeps the value and the line end, and lets no raw control character through", () => {
    const value = { text: "x\u009b31m\u2028\u202e\u007f" };
    const line = escapeJsonLine(`${JSON.stringify(value)}\n`);
    expect(line).toBe(`${String.raw`{"text":"x\u009b31m\u2028\u202e\u007f"}`}\n`);
    expect(JSON.parse(line)).toEqual(value);
  });
});
