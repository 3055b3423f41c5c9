import { expect, test } from "vitest";
import { age, duration, fromNow } from "./ages.ts";

test("age says a length of time in its largest unit", () => {
  expect([0, 999, 1_000, 59_999, 60_000, 3_599_999, 7_200_000, 86_400_000 * 9].map(age)).toEqual(["0s", "0s", "1s", "59s", "1m", "59m", "2h", "9d"]);
});

test("fromNow says how far away a moment is, either way", () => {
  expect([-5_000, -500, 0, 999, 12_000, 7_200_000].map(away => fromNow(1_000_000 + away, 1_000_000))).toEqual([
    "5s ago",
    "now",
    "now",
    "now",
    "in 12s",
    "in 2h",
  ]);
});

test("duration says how long something took", () => {
  expect([0.04, 0.44, 12.4, 999, 3_400, 125_000].map(duration)).toEqual(["0.0 ms", "0.4 ms", "12 ms", "999 ms", "3.4 s", "2 m 5 s"]);
});
