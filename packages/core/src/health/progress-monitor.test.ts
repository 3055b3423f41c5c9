import { expect, test } from "vitest";
import { stalled, stallLimit } from "./progress-monitor.ts";

test("stallLimit is three times the expected span, and at least 10 s more than it", () => {
  expect(stallLimit(1_000)).toBe(11_000);
  expect(stallLimit(5_000)).toBe(15_000);
  expect(stallLimit(60_000)).toBe(180_000);
});

test.each([
  ["just within the limit of its span", { now: 111_000, lastProgress: 100_000, expectedEvery: 1_000 }, false],
  ["past the limit of its span", { now: 111_001, lastProgress: 100_000, expectedEvery: 1_000 }, true],
  ["past a limit of its own", { now: 102_001, lastProgress: 100_000, expectedEvery: 60_000, stalledAfter: 2_000 }, true],
  ["within a limit of its own", { now: 900_000, lastProgress: 100_000, expectedEvery: 1_000, stalledAfter: 3_600_000 }, false],
  ["without any expectation", { now: 1e12, lastProgress: 0 }, false],
])("stalled of work %s", (_what, progress, expected) => {
  expect(stalled(progress)).toBe(expected);
});
