import { defineService } from "../definition/define-service.ts";
import { HealthReport } from "../health/health-report.ts";
import { DurableEvents } from "./durable-events.ts";
import type { ServiceDefinition } from "../definition/service-definition.ts";
import type { DurableRuntime } from "./durable-runtime.ts";

/** The name of the service that tells what becomes of stored actions. */
export const durableActionsName = "DurableActions";

/** Milliseconds for which a worker may fail to reach its store before it counts as unhealthy. */
const patience = 5_000;

/**
 * The framework's own service that stands for stored actions on a host: its events tell of each change of state, its health whether the worker gets on. A host has it once
 * it has a store.
 */
export function durableActions(runtime: DurableRuntime): ServiceDefinition {
  return defineService(durableActionsName, {
    description: "Works on stored actions",
    runInTesting: true,
    isCritical: true, // a process whose stored work stands still is not well, however it looks
    events: DurableEvents,
    isReady: () => health(runtime).status !== "unhealthy",
    check: () => health(runtime),
  });
}

function health({ worker, store, host }: DurableRuntime): HealthReport {
  if (worker === undefined) return HealthReport.healthy(`Stores in ${store.name}; other hosts do the work`, { store: store.name });
  const { running, concurrency, trouble, stalledFor, overruns } = worker;
  const data = { store: store.name, running, concurrency, ...(overruns.stubborn > 0 && { overruns: overruns.stubborn }) };
  if (trouble !== undefined) {
    const since = host.clock.monotonic() - trouble.since;
    const said = `The store ${store.name} has refused for ${Math.round(since / 1_000)} s`;
    return since > patience ? HealthReport.unhealthy(said, trouble.error) : HealthReport.degraded(said, data);
  }
  if (stalledFor > patience) return HealthReport.unhealthy(`The worker has waited for an answer of ${store.name} for ${Math.round(stalledFor / 1_000)} s`);
  if (overruns.stubborn > 0)
    return HealthReport.degraded(`Actions that are over go on, since they do not heed their signal: ${overruns.stubborn} of them. The log names them`, data);
  return HealthReport.healthy(`Stores in ${store.name}; ${running} of ${concurrency} at work`, data);
}
