import { expect, test } from "vitest";
import { stalled, stallLimit } from "./progress-monitor.ts";

test("stallLimit is three times the rhythm, at least a minute, and none where there is no rhythm", () => {
  expect([1_000, 20_000, 20_001, 3_600_000].map(stallLimit)).toEqual([60_000, 60_000, 60_003, 10_800_000]);
  expect(stallLimit(undefined)).toBe(Number.POSITIVE_INFINITY);
});

test.each([
  ["within its limit", 60_000, false],
  ["past it", 59_999, true],
  ["without one", Number.POSITIVE_INFINITY, false],
])("stalled tells of work %s", (_what, stalledAfter, expected) => {
  expect(stalled({ now: 160_000, lastProgress: 100_000, stalledAfter })).toBe(expected);
});
