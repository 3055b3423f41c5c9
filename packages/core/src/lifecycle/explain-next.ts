import { SoraError } from "../errors/sora-error.ts";
import { PeriodicRunner } from "./periodic-runner.ts";
import type { ExplainedRun } from "../schedule/explain.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

const most = 1_000;

/**
 * The next `count` runs of a periodic service, each with why it comes then; none while the service is not running.
 *
 * @throws SoraError `SORA_OPTION_INVALID` for a service that is not periodic, and for a count that is not an integer of 1 to 1,000.
 */
export function explainNext(service: ServiceRuntime, count: number): ExplainedRun[] {
  const { name, kind, work } = service;
  if (kind !== "periodic")
    throw new SoraError("SORA_OPTION_INVALID", `Cannot explain the runs of ${name}: it is a ${kind} service, and only periodic ones have a schedule.`, {
      details: { service: name, kind },
    });
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new SoraError("SORA_OPTION_INVALID", `Cannot explain the next ${String(count)} runs of ${name}: the count is an integer of 1 to ${most}.`, {
      details: { service: name, count },
    });
  }
  return work instanceof PeriodicRunner ? (work.entry?.explainNext(count) ?? []) : [];
}
