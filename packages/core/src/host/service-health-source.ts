import { healthOfState } from "../health/state-health.ts";
import { silentSince, stalled } from "../health/progress-monitor.ts";
import { stalledAfter } from "../lifecycle/effective-options.ts";
import { PeriodicRunner } from "../lifecycle/periodic-runner.ts";
import type { HealthReport } from "../health/health-report.ts";
import type { HealthSource } from "../health/health-source.ts";
import type { WatchedWork } from "../health/progress-monitor.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";

/** A service as the aggregator asks it: by its state, and by its own check where it has one. */
export function sourceOf(service: ServiceRuntime): HealthSource {
  const { check } = service.definition.behaviour;
  const source = { name: service.name, derive: () => derivedHealth(service) };
  const critical = { get: () => service.critical, enumerable: true };
  return Object.defineProperty(
    check === undefined ? source : { ...source, check: (signal: AbortSignal) => check(service.instance, signal) },
    "critical",
    critical,
  ) as HealthSource;
}

/** What is known of a service's health without asking it. */
export function derivedHealth(service: ServiceRuntime): HealthReport | undefined {
  const { state, lastActivity, history } = service;
  return healthOfState(state, { stalled: isServiceStalled(service), lastActivity, failedRuns: history.failedRuns, lastError: history.lastError });
}

/** Whether the service's loop, or its run under way, has shown no progress for too long. */
export function isServiceStalled(service: ServiceRuntime): boolean {
  if (service.state.phase !== "running") return false;
  const since = silentSince(watchedWork(service));
  // The limit last, since that of a cron expression takes calculating.
  return since !== undefined && stalled({ now: service.host.clock.monotonic(), lastProgress: since, stalledAfter: stalledAfter(service) });
}

function watchedWork({ work, history }: ServiceRuntime): WatchedWork {
  const { loop, lastProgress } = history;
  if (work instanceof PeriodicRunner) return { kind: "runs", busySince: work.busySince };
  if (loop !== undefined) return { kind: "loop", busySince: loop.busySince, lastProgress };
  return { kind: "whole", lastProgress };
}
