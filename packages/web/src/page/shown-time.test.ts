import { expect, test } from "vitest";
import { shownTime } from "./shown-time.ts";

const now = Date.parse("2026-01-01T00:00:00Z");

test.each([
  [0, "now"],
  [-999, "now"],
  [1_000, "in 1 s"],
  [-59_999, "59 s ago"],
  [60_000, "in 1 min"],
  [-90_000, "1 min 30 s ago"],
  [3_600_000, "in 1 h"],
  [-2 * 86_400_000 - 5 * 3_600_000, "2 d 5 h ago"],
  [400 * 86_400_000, "in 400 d"],
])("shownTime says %i ms from now as “%s”, with the exact time in the element", (from, words) => {
  const iso = new Date(now + from).toISOString();
  expect(String(shownTime(now + from, now))).toBe(`<time datetime="${iso}" title="${iso.slice(0, 19).replace("T", " ")} UTC">${words}</time>`);
});
