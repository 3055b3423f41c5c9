import type { HealthReport } from "./health-report.ts";
import type { HealthSource } from "./health-source.ts";

/** Something that can tell its health: a service with a check of its own, or a dependency such as a database. */
export interface HealthContributor {
  readonly name: string;
  /** Whether the host counts as unhealthy when this is. Default false. */
  readonly isCritical?: boolean;
  /** Asked one at a time, within a time limit; `signal` aborts when that is over. Throwing counts as degraded. */
  check(signal: AbortSignal): HealthReport | Promise<HealthReport>;
}

/** A contributor as the aggregator takes it. */
export function contributorSource(contributor: HealthContributor): HealthSource {
  return {
    name: contributor.name,
    get critical() {
      return contributor.isCritical ?? false;
    },
    check: signal => contributor.check(signal),
  };
}
