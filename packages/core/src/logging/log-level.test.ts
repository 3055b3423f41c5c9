import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { logLevelValue } from "./log-level.ts";
import type { LogLevel } from "./log-level.ts";

describe("logLevelValue", () => {
  test("rises with importance, silent above all", () => {
    const values = (["debug", "info", "warn", "error", "silent"] as const).map(logLevelValue);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(new Set(values).size).toBe(5);
  });

  test.each(["trace", "INFO", "", "constructor", undefined])("refuses %j and lists what is allowed", level => {
    const attempt = () => logLevelValue(level as LogLevel);
    expect(attempt).toThrow(/not one of debug, info, warn, error, silent/);
    expect(attempt).toThrow(expect.toSatisfy((error: unknown) => SoraError.is(error, "SORA_OPTION_INVALID")));
  });
});
