import { describe, expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

const keys = ["Enabled", "IntervalSeconds", "StartupOrder", "Priority", "Settings"];

describe("nearestName", () => {
  test.each([
    ["IntervalSecond", "IntervalSeconds"],
    ["intervalsecs", "IntervalSeconds"],
    ["Interval", "IntervalSeconds"],
    ["Enabeld", "Enabled"],
    ["setting", "Settings"],
    ["Prioritty", "Priority"],
    ["Start", "StartupOrder"],
  ])("finds the key meant by %s", (written, meant) => {
    expect(nearestName(written, keys)).toBe(meant);
  });

  test.each(["Colour", "x", "", "Set", "IS"])("finds nothing near %o", written => {
    expect(nearestName(written, keys)).toBeUndefined();
  });

  test("prefers the fewest edits, then the first", () => {
    expect(nearestName("CatServiceX", ["BatServiceX", "CatService", "CatServiceX"])).toBe("CatServiceX");
    expect(nearestName("abcd", ["abce", "abcf"])).toBe("abce");
  });

  test("counts a swap of neighbours as one edit", () => {
    expect(nearestName("ulr", ["url"])).toBe("url");
    expect(nearestName("rlu", ["url"])).toBeUndefined();
  });
});
