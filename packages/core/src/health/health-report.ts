import { toError } from "../errors/describe-error.ts";

/** Everything that a check can find. */
export const healthReportStatuses = ["healthy", "degraded", "unhealthy"] as const;

/** What a check can find. */
export type HealthReportStatus = (typeof healthReportStatuses)[number];

/** Health as it is shown: what a check found, or `"unknown"` where nothing could be learned. */
export type HealthStatus = HealthReportStatus | "unknown";

/** Every health there is. */
export const healthStatuses: readonly HealthStatus[] = [...healthReportStatuses, "unknown"];

/** What a health check found, as frozen data. Made by its three factories. */
export class HealthReport {
  readonly status: HealthReportStatus;
  readonly description: string;
  /** Facts beside the description; they are shown to whoever may read health, so never secrets. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** What went wrong, where the check caught something. Its message is shown, its stack is not. */
  readonly error?: Error;

  private constructor(status: HealthReportStatus, description: string, errorOrData: unknown) {
    this.status = status;
    this.description = description;
    if (isPlainObject(errorOrData)) this.data = Object.freeze({ ...errorOrData });
    else if (errorOrData !== undefined) this.error = toError(errorOrData);
    Object.freeze(this);
  }

  /** Works as it should. */
  static healthy(description = "Healthy.", data?: Readonly<Record<string, unknown>>): HealthReport {
    return new HealthReport("healthy", description, data);
  }

  /** Works, but worse than it should. `errorOrData` is whatever was caught, or a plain object of facts. */
  static degraded(description: string, errorOrData?: unknown): HealthReport {
    return new HealthReport("degraded", description, errorOrData);
  }

  /** Does not work. `errorOrData` is whatever was caught, or a plain object of facts. */
  static unhealthy(description: string, errorOrData?: unknown): HealthReport {
    return new HealthReport("unhealthy", description, errorOrData);
  }
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
