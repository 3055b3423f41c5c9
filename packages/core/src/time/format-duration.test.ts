import { describe, expect, test } from "vitest";
import { formatDuration } from "./format-duration.ts";

describe("formatDuration", () => {
  test.each([
    [0, "0ms"],
    [0.25, "0.25ms"],
    [250, "250ms"],
    [1_000, "1s"],
    [1_500, "1s 500ms"],
    [90_000, "1m 30s"],
    [5_400_000, "1h 30m"],
    [604_800_000, "7d"],
    [90_061_001, "1d 1h 1m 1s 1ms"],
    [0.0001, "0ms"],
  ])("writes %d ms as %s", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
