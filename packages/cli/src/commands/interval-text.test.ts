import { parseDuration } from "@sora/core/adapter";
import { checkedDelay } from "@sora/core/internal";
import { InvalidArgumentError } from "commander";
import { describe, expect, test } from "vitest";
import { intervalText } from "./interval-text.ts";

function takes(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("intervalText", () => {
  test.each([
    "10m",
    "0ms",
    "1.5h",
    "0.25s",
    "7d",
    "36500d",
    "36500.1d",
    "1000001d",
    "xx",
    "5x",
    "",
    "5 s",
    " 5s",
    "-5s",
    ".5s",
    "1.s",
    "1e3s",
    "1h30m",
    "1H",
    "∞",
  ])("takes %j where the core does", text => {
    expect(takes(intervalText("0ms", "36500d"), text)).toBe(takes(given => checkedDelay(given as `${bigint}s`), text));
    expect(takes(intervalText("0ms", "1000000d"), text)).toBe(takes(given => parseDuration(given as `${bigint}s`), text));
  });

  test("takes milliseconds, as the control plane does", () => {
    expect(["0", "999", "1000", "1e3", "1.5", "-1"].map(text => takes(intervalText("1s", "1d"), text))).toEqual([false, false, true, false, false, false]);
  });

  test("says what it would take", () => {
    expect(() => intervalText("1s", "1d")("2d")).toThrow(
      new InvalidArgumentError("It is an interval such as 90s, 10m, 1.5h or 7d, or milliseconds, from 1s to 1d."),
    );
  });
});
