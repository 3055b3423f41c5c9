import { describe, expect, test } from "vitest";
import { HealthReport } from "./health-report.ts";

describe("HealthReport", () => {
  test("healthy needs no description and takes data", () => {
    expect(HealthReport.healthy()).toMatchObject({ status: "healthy", description: "Healthy." });
    expect(HealthReport.healthy("Queue is short.", { length: 3 })).toMatchObject({ description: "Queue is short.", data: { length: 3 } });
  });

  test("degraded and unhealthy take what was caught, whatever it is, as the error", () => {
    const error = new TypeError("no route");
    expect(HealthReport.unhealthy("Cannot reach it.", error)).toMatchObject({ status: "unhealthy", error });
    expect(HealthReport.degraded("Slow.", "timeout").error).toMatchObject({ message: "timeout", cause: "timeout" });
    expect(HealthReport.degraded("Slow.", null).error).toBeInstanceOf(Error);
  });

  test("degraded and unhealthy take a plain object as data", () => {
    const report = HealthReport.degraded("Slow.", { milliseconds: 900 });
    expect(report).toMatchObject({ status: "degraded", data: { milliseconds: 900 } });
    expect(report.error).toBeUndefined();
  });

  test("is frozen, and keeps its own copy of the data", () => {
    const data = { length: 3 };
    const report = HealthReport.healthy("Fine.", data);
    data.length = 4;
    expect(report.data).toEqual({ length: 3 });
    expect(Object.isFrozen(report) && Object.isFrozen(report.data)).toBe(true);
  });
});
