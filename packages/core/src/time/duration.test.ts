import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import type { Duration } from "./duration.ts";
import { parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  test.each<[Duration, number]>([
    [0, 0],
    [250, 250],
    [0.5, 0.5],
    [2 ** 31, 2_147_483_648],
    ["0ms", 0],
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["7d", 604_800_000],
    ["1.5h", 5_400_000],
    ["0.25s", 250],
    ["400d", 34_560_000_000],
    ["1000000d", 86_400_000_000_000],
    ["2147483648ms", 2 ** 31],
  ])("reads %j as %d ms", (duration, milliseconds) => {
    expect(parseDuration(duration)).toBe(milliseconds);
  });

  test.each<[unknown, string]>([
    ["5 fortnights", '"5 fortnights"'],
    ["1hour", '"1hour"'],
    ["1H", '"1H"'],
    ["10", '"10"'],
    ["", '""'],
    [" 5s", '" 5s"'],
    ["5s\n", '"5s\n"'],
    ["1h30m", '"1h30m"'],
    [".5s", '".5s"'],
    ["1.s", '"1.s"'],
    ["1e3s", '"1e3s"'],
    ["0x10s", '"0x10s"'],
    ["-5s", '"-5s"'],
    [`${"9".repeat(400)}d`, `"${"9".repeat(400)}d"`],
    [-1, "-1"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
    [undefined, "undefined"],
    [null, "null"],
    [["5s"], "5s"],
  ])("refuses %j by name, saying what it saw", (duration, seen) => {
    const error = thrownBy(() => parseDuration(duration as Duration, "initialDelay"));
    expect(SoraError.is(error, "SORA_DURATION_INVALID")).toBe(true);
    expect((error as SoraError).message).toBe(`Cannot read the initialDelay: ${seen} is not a duration.`);
  });

  test.each<[Duration, string]>([
    ["1000001d", '"1000001d"'],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [Number.MAX_VALUE, "1.7976931348623157e+308"],
  ])("refuses %j, since no date could say when that is over", (duration, seen) => {
    expect(thrownBy(() => parseDuration(duration, "timeout"))).toMatchObject({
      code: "SORA_DURATION_INVALID",
      message: `Cannot read the timeout: ${seen} is longer than 1,000,000 days.`,
    });
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return expect.unreachable("nothing was thrown");
}
