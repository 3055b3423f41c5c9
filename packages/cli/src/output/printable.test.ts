import { expect, test } from "vitest";
import { oneLine, printable } from "./printable.ts";
import { cutToWidth, textWidth } from "./text-width.ts";

test("oneLine makes one line of any text, with nothing in it that drives a terminal", () => {
  expect(oneLine("a\r\n  b\u2028c")).toBe("a b c");
  expect(oneLine("\u001B[31mred\u001B]0;title\u0007\u009B\u202E")).toBe("\\u001b[31mred\\u001b]0;title\\u0007\\u009b\\u202e");
});

test("printable keeps lines and tabs", () => {
  expect(printable("a\tb\r\nc\u001B[2J\n")).toBe("a\tb\nc\\u001b[2J\n");
});

test("textWidth counts columns, and cutToWidth keeps within them", () => {
  expect([textWidth("abc"), textWidth("日本"), textWidth("e\u0301"), textWidth("💥"), textWidth("é")]).toEqual([3, 4, 1, 2, 1]);
  expect([cutToWidth("abcdef", 6), cutToWidth("abcdef", 4), cutToWidth("日本語です", 6)]).toEqual(["abcdef", "abc…", "日本…"]);
});
