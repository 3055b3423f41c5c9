import type { HealthStatus } from "./health-report.ts";
import type { ServiceHealth } from "./service-health.ts";

/** The health of a host, and of each of its sources by name. */
export interface AggregateHealth {
  readonly status: HealthStatus;
  readonly entries: Readonly<Record<string, ServiceHealth>>;
}

/**
 * The status of a whole: unhealthy where something critical is; degraded where anything else is not well, or where
 * nothing could be learned of something critical; healthy otherwise, and where there is nothing at all.
 */
export function aggregateStatus(entries: Iterable<Pick<ServiceHealth, "status" | "critical">>): HealthStatus {
  let worst: HealthStatus = "healthy";
  for (const { status, critical } of entries) {
    if (status === "unhealthy" && critical) return "unhealthy";
    if (status === "degraded" || status === "unhealthy" || (status === "unknown" && critical)) worst = "degraded";
  }
  return worst;
}

/** Puts entries, each of its own name, together. */
export function aggregateHealth(list: readonly ServiceHealth[]): AggregateHealth {
  // Without a prototype, since `__proto__` is a valid name.
  const entries = Object.create(null) as Record<string, ServiceHealth>;
  for (const entry of list) entries[entry.name] = entry;
  return { status: aggregateStatus(list), entries };
}
