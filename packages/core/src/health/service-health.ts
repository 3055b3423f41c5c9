import { describeError, toError } from "../errors/describe-error.ts";
import { HealthReport, healthReportStatuses } from "./health-report.ts";
import type { HealthSource } from "./health-source.ts";
import type { HealthStatus } from "./health-report.ts";

/** The health of one service or contributor, as queries and HTTP show it. */
export interface ServiceHealth {
  readonly name: string;
  readonly status: HealthStatus;
  readonly description: string;
  /** Whether the host counts as unhealthy when this is. */
  readonly critical: boolean;
  /** When it was found out, in milliseconds since the epoch. */
  readonly lastChecked: number;
  /** How long the check took, in milliseconds; 0 where the host knew without asking. */
  readonly duration: number;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What a check returned, as the health of its source. Whatever is no report becomes a finding; may throw where reading it does. */
export function presentHealth(source: HealthSource, report: unknown, lastChecked: number, duration: number): ServiceHealth {
  const { status, description, data, error } = isReport(report) ? report : notAReport(report);
  const shown = error === undefined ? data : { ...data, error: describeError(error) };
  const health = { name: source.name, status, description, critical: isCritical(source), lastChecked, duration };
  return Object.freeze(shown === undefined ? health : { ...health, data: Object.freeze({ ...shown }) });
}

/** The health of a source that need not be asked, or `undefined` where only its check can tell. */
export function knownHealth(source: HealthSource, now: number): ServiceHealth | undefined {
  try {
    const report = source.derive?.() ?? (source.check === undefined ? HealthReport.healthy() : undefined);
    return report === undefined ? undefined : presentHealth(source, report, now, 0);
  } catch (thrown) {
    return presentHealth(source, HealthReport.degraded("Its state cannot be read.", toError(thrown)), now, 0);
  }
}

/** Whether the host depends on the source; one that cannot even say so is taken to be. */
export function isCritical(source: HealthSource): boolean {
  try {
    return source.critical;
  } catch {
    return true;
  }
}

/** True for a report of any copy of the package, and for a plain object of its shape. */
function isReport(value: unknown): value is HealthReport {
  return (
    typeof value === "object" &&
    value !== null &&
    "status" in value &&
    (healthReportStatuses as readonly unknown[]).includes(value.status) &&
    "description" in value &&
    typeof value.description === "string"
  );
}

function notAReport(value: unknown): HealthReport {
  return HealthReport.degraded(
    `The health check returned ${describeError(value)}, which is no HealthReport; return HealthReport.healthy(), .degraded(…) or .unhealthy(…).`,
  );
}
