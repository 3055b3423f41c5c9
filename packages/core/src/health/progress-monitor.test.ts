import { expect, test } from "vitest";
import { silentSince, stalled, stallLimit } from "./progress-monitor.ts";
import type { WatchedWork } from "./progress-monitor.ts";

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

test.each<[string, WatchedWork, number | undefined]>([
  ["a run that last told of progress then", { kind: "runs", busySince: 5 }, 5],
  ["no run", { kind: "runs", busySince: undefined }, undefined],
  ["a loop that works on a tick", { kind: "loop", busySince: 5, lastProgress: 3 }, 5],
  ["a loop that told of progress within a tick", { kind: "loop", busySince: 5, lastProgress: 8 }, 8],
  ["a loop that waits for its next tick", { kind: "loop", busySince: undefined, lastProgress: 8 }, undefined],
  ["one long run", { kind: "whole", lastProgress: 8 }, 8],
])("silentSince of %s", (_what, work, since) => {
  expect(silentSince(work)).toBe(since);
});
