import { expect, test } from "vitest";
import { eventLine } from "./event-line.ts";
import { plain } from "./paint.ts";

const at = new Date(2026, 0, 2, 9, 5, 3, 7).getTime();

test.each([
  ["event", { service: "S", event: "Done", at, args: { id: "a\u001B" } }, '09:05:03.007  S  Done  {"id":"a\\u001b"}'],
  ["event", { service: "S", event: "Done", at }, "09:05:03.007  S  Done"],
  ["state", { service: "S", before: "running", state: "failed", at, reason: "no\ndatabase" }, "09:05:03.007  S  running → failed  no database"],
  ["gap", { reason: "expired" }, "… events before this one are no longer kept"],
  ["later", { service: "S", at, x: 1 }, '09:05:03.007  later  {"service":"S","at":' + at + ',"x":1}'],
])("eventLine says what happened in a line: %s", (type, data, line) => {
  expect(eventLine(type, data, plain)).toBe(line);
});
