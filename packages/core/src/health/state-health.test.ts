import { expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { healthOfState } from "./state-health.ts";
import type { ServiceState } from "../lifecycle/service-state.ts";
import type { WorkFindings } from "./state-health.ts";

const error = new SoraError("SORA_SERVICE_FAILED", "Service S failed: no");
const well: WorkFindings = { stalled: false, lastActivity: 7, failedRuns: 0, lastError: undefined };
const failing: WorkFindings = { ...well, failedRuns: 2, lastError: { message: "no", at: 5 } };

test.each<[ServiceState, string, string]>([
  [{ phase: "failed", since: 1, error }, "unhealthy", "It has failed: SoraError: Service S failed: no"],
  [
    { phase: "restarting", since: 1, at: 0, attempt: 3, error },
    "degraded",
    "It is restarted at 1970-01-01T00:00:00.000Z, attempt 3: SoraError: Service S failed: no",
  ],
  [{ phase: "disabled", since: 1, reason: "its definition" }, "healthy", "Disabled by its definition"],
  [{ phase: "completed", since: 1 }, "healthy", "Completed"],
  [{ phase: "starting", since: 1 }, "degraded", "It is starting"],
  [{ phase: "stopped", since: 1 }, "degraded", "It is stopped"],
  [{ phase: "stopping", since: 1, reason: "stop" }, "degraded", "It is stopping"],
  [{ phase: "stopping", since: 1, reason: "stop", remains: ["a", "b"] }, "degraded", "It is stopping, and the time for that is over: a; b"],
])("healthOfState goes by the state alone where the service does not run: %o", (state, status, description) => {
  for (const work of [well, { ...failing, stalled: true }]) expect(healthOfState(state, work)).toMatchObject({ status, description });
});

test("healthOfState goes by the work where the service runs, and leaves one that is well to its check", () => {
  const state: ServiceState = { phase: "running", since: 1 };
  expect(healthOfState(state, well)).toBeUndefined();
  expect(healthOfState(state, failing)).toMatchObject({ status: "degraded", description: "The last 2 runs failed: no", data: { failedRuns: 2 } });
  expect(healthOfState(state, { ...failing, failedRuns: 1 })).toMatchObject({ description: "The last run failed: no" });
  expect(healthOfState(state, { ...failing, stalled: true })).toMatchObject({
    status: "degraded",
    description: "It has stopped making progress",
    data: { lastActivity: 7 },
  });
});
