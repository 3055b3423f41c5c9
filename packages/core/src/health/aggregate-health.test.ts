import { describe, expect, test } from "vitest";
import { aggregateHealth, aggregateStatus } from "./aggregate-health.ts";
import type { HealthStatus } from "./health-report.ts";
import type { ServiceHealth } from "./service-health.ts";

function entry(name: string, status: HealthStatus, critical = false): ServiceHealth {
  return { name, status, critical, description: "", lastChecked: 0, duration: 0 };
}

describe("aggregateStatus", () => {
  test.each<[string, HealthStatus, ServiceHealth[]]>([
    ["nothing at all", "healthy", []],
    ["all healthy", "healthy", [entry("a", "healthy", true), entry("b", "healthy")]],
    ["a critical one unhealthy", "unhealthy", [entry("a", "degraded"), entry("b", "unhealthy", true), entry("c", "healthy")]],
    ["another one unhealthy", "degraded", [entry("a", "unhealthy"), entry("b", "healthy", true)]],
    ["one degraded", "degraded", [entry("a", "degraded")]],
    ["a critical one degraded", "degraded", [entry("a", "degraded", true)]],
    ["a critical one unknown", "degraded", [entry("a", "unknown", true)]],
    ["another one unknown", "healthy", [entry("a", "unknown"), entry("b", "healthy")]],
  ])("of %s is %s", (_what, status, entries) => {
    expect(aggregateStatus(entries)).toBe(status);
  });
});

describe("aggregateHealth", () => {
  test("has an entry by name, and takes `__proto__` for a name like any other", () => {
    const first = entry("a", "healthy");
    const odd = entry("__proto__", "degraded");
    const health = aggregateHealth([first, odd]);
    expect(health.status).toBe("degraded");
    expect(Object.entries(health.entries)).toEqual([
      ["a", first],
      ["__proto__", odd],
    ]);
  });
});
