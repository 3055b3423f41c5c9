import { describeError } from "../errors/describe-error.ts";
import { HealthReport } from "./health-report.ts";
import type { ServiceState } from "../lifecycle/service-state.ts";
import type { LastError } from "../lifecycle/service-status.ts";

/** How the work of a service goes, as far as it can be told from outside. */
export interface WorkFindings {
  readonly stalled: boolean;
  /** In milliseconds since the epoch; 0 where there was none. */
  readonly lastActivity: number;
  /** Failures of periodic runs since the last good one. */
  readonly failedRuns: number;
  readonly lastError: LastError | undefined;
}

/** What a service's state, and where it runs its work, say of its health; `undefined` where it is well and may be asked. */
export function healthOfState(state: ServiceState, work: WorkFindings): HealthReport | undefined {
  switch (state.phase) {
    case "failed":
      return HealthReport.unhealthy(`It has failed: ${describeError(state.error)}`, { code: state.error.code });
    case "restarting":
      return HealthReport.degraded(`It is restarted at ${new Date(state.at).toISOString()}, attempt ${state.attempt}: ${describeError(state.error)}`);
    case "disabled":
      return HealthReport.healthy(`Disabled by ${state.reason}`);
    case "completed":
      return HealthReport.healthy("Completed");
    case "stopping":
      return HealthReport.degraded(
        state.remains === undefined ? "It is stopping" : `It is stopping, and the time for that is over: ${state.remains.join("; ")}`,
      );
    case "starting":
    case "stopped":
      return HealthReport.degraded(`It is ${state.phase}`);
    case "running":
      return healthOfWork(work);
  }
}

function healthOfWork({ stalled, lastActivity, failedRuns, lastError }: WorkFindings): HealthReport | undefined {
  if (stalled) return HealthReport.degraded("It has stopped making progress", { lastActivity });
  if (failedRuns === 0) return undefined;
  return HealthReport.degraded(`${failedRuns === 1 ? "The last run" : `The last ${failedRuns} runs`} failed: ${lastError?.message ?? ""}`, { failedRuns });
}
