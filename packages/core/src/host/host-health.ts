import { HealthAggregator } from "../health/health-aggregator.ts";
import { HealthReport } from "../health/health-report.ts";
import { LoopMonitor } from "../health/loop-monitor.ts";
import { liveness, readiness } from "../health/readiness.ts";
import { stalled } from "../health/progress-monitor.ts";
import { PeriodicRunner } from "../lifecycle/periodic-runner.ts";
import { stalledAfter } from "../lifecycle/effective-options.ts";
import { describeError } from "../errors/describe-error.ts";
import type { AggregateHealth } from "../health/aggregate-health.ts";
import type { HealthContributor } from "../health/health-contributor.ts";
import type { HealthSource } from "../health/health-source.ts";
import type { LoopBlock } from "../health/loop-monitor.ts";
import type { Liveness, Readiness, ServiceReadiness } from "../health/readiness.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { HostKernel } from "./host-kernel.ts";

/** The health of a host, derived from the work its services do; checks of their own are asked within a time limit and cached. */
export class HostHealth {
  readonly #host: HostKernel;
  readonly aggregator: HealthAggregator;
  /** `isReady` of services, asked the way checks are: one at a time, bounded, cached. */
  readonly #readiness: HealthAggregator;
  readonly #loop: LoopMonitor;
  #startupDone = false;

  constructor(host: HostKernel) {
    this.#host = host;
    const { clock, logger } = host;
    this.aggregator = new HealthAggregator({ clock, logger });
    this.#readiness = new HealthAggregator({ clock, logger });
    this.#loop = new LoopMonitor({ clock, onBlock: block => this.#reportBlock(block) });
    this.aggregator.registerLazy(
      function* () {
        for (const service of host.registry) yield sourceOf(service);
      },
      name => (host.registry.has(name) ? sourceOf(host.registry.find(name)) : undefined),
    );
  }

  start(): void {
    this.#loop.start();
  }

  startupFinished(): void {
    this.#startupDone = true;
  }

  stop(): void {
    this.#loop.stop();
    this.aggregator.dispose();
    this.#readiness.dispose();
  }

  /** Milliseconds by which the event loop is late. */
  get loopLag(): number {
    return this.#loop.lag;
  }

  /** The most it was in the last minute. */
  get maxLoopLag(): number {
    return this.#loop.maxLag;
  }

  /** Takes up a service's own check and `isReady`, once its instance is there. */
  add(service: ServiceRuntime): void {
    const { isReady, check } = service.definition.behaviour;
    if (check !== undefined) this.aggregator.register(sourceOf(service));
    if (isReady === undefined) return;
    this.#readiness.register({
      name: service.name,
      critical: service.critical,
      check: async signal => ((await isReady(service.instance, signal)) ? HealthReport.healthy() : HealthReport.degraded("it says it is not ready")),
    });
  }

  /** Adds a contributor that is no service. */
  contribute(contributor: HealthContributor): Disposable {
    return this.aggregator.register({ name: contributor.name, critical: contributor.isCritical ?? false, check: signal => contributor.check(signal) });
  }

  check(name: string): Promise<ServiceHealth> {
    return this.aggregator.check(name);
  }

  report(): Promise<AggregateHealth> {
    return this.aggregator.report();
  }

  live(): Liveness {
    return liveness({ lag: this.#loop.lag });
  }

  async ready(): Promise<Readiness> {
    const { entries } = await this.#readiness.report();
    const { registry, stopping } = this.#host;
    return readiness({ startupDone: this.#startupDone, stopping, services: readinessOf(registry, entries) });
  }

  /** Names of what the service depends on and is known to be unhealthy. */
  failing(service: ServiceRuntime): string[] {
    return this.#watched(service).filter(name => this.aggregator.lastStatus(name) === "unhealthy");
  }

  async probeDependencies(service: ServiceRuntime, _signal: AbortSignal): Promise<void> {
    const names = this.#watched(service);
    if (names.length > 0) await this.aggregator.probe(names, { force: true });
  }

  /** What `dependsOn` names that has a check of its own. */
  #watched(service: ServiceRuntime): string[] {
    const checked = this.aggregator.checked();
    return dependencyNames(service).filter(name => checked.includes(name));
  }

  #reportBlock({ lag }: LoopBlock): void {
    const working: string[] = [];
    for (const service of this.#host.registry) {
      if (service.idle) continue;
      for (const call of service.calls) working.push(`${service.name}.${call.action}`);
      if (service.work !== undefined && service.work.running > 0) working.push(service.name);
      if (working.length >= 10) break;
    }
    working.length = Math.min(working.length, 10);
    const during = working.length === 0 ? "" : `; under way: ${working.join(", ")}`;
    this.#host.logger.warn(`The event loop was blocked for ${Math.round(lag)} ms${during}`, { lag: Math.round(lag), working });
  }
}

const none: readonly string[] = Object.freeze([]);

/** Names in `dependsOn`, of services and contributors alike. */
export function dependencyNames(service: ServiceRuntime): readonly string[] {
  const { dependsOn } = service.definition.options;
  if (dependsOn === undefined) return none;
  return (Array.isArray(dependsOn) ? dependsOn : [dependsOn]).map(one => (typeof one === "string" ? one : service.host.nameOf(one)));
}

function* readinessOf(services: Iterable<ServiceRuntime>, ready: Readonly<Record<string, ServiceHealth>>): Generator<ServiceReadiness> {
  for (const service of services) {
    yield { name: service.name, critical: service.critical, phase: service.state.phase, ready: (ready[service.name]?.status ?? "healthy") === "healthy", stalled: isStalled(service) };
  }
}

/** Whether the service's loop, or its run under way, has shown no progress for too long. */
export function isStalled(service: ServiceRuntime): boolean {
  if (service.state.phase !== "running") return false;
  const now = service.host.clock.monotonic();
  const { work } = service;
  const { loop, lastProgress } = service.history;
  const given = service.definition.options.stalledAfter;
  if (work instanceof PeriodicRunner) return work.busySince !== undefined && given !== undefined && stalled({ now, lastProgress: work.busySince, stalledAfter: stalledAfter(service) });
  if (loop !== undefined) return loop.busySince !== undefined && stalled({ now, lastProgress: Math.max(loop.busySince, lastProgress), stalledAfter: stalledAfter(service) });
  return given !== undefined && stalled({ now, lastProgress, stalledAfter: stalledAfter(service) });
}

function sourceOf(service: ServiceRuntime): HealthSource {
  const { check } = service.definition.behaviour;
  const source = { name: service.name, derive: () => derived(service) };
  const critical = { get: () => service.critical, enumerable: true };
  return Object.defineProperty(check === undefined ? source : { ...source, check: (signal: AbortSignal) => check(service.instance, signal) }, "critical", critical) as HealthSource;
}

/** What a service's state says of its health; `undefined` where it is well and may be asked. */
function derived(service: ServiceRuntime): HealthReport | undefined {
  const { state } = service;
  if (state.phase === "failed") return HealthReport.unhealthy(`It has failed: ${describeError(state.error)}`, { code: state.error.code });
  if (state.phase === "restarting") return HealthReport.degraded(`It is restarted at ${new Date(state.at).toISOString()}, attempt ${state.attempt}: ${describeError(state.error)}`);
  if (state.phase === "disabled") return HealthReport.healthy(`Disabled by ${state.reason}`);
  if (state.phase === "completed") return HealthReport.healthy("Completed");
  if (state.phase !== "running") return HealthReport.degraded(`It is ${state.phase}`);
  if (isStalled(service)) return HealthReport.degraded("It has stopped making progress", { lastActivity: service.lastActivity });
  const { failedRuns, lastError } = service.history;
  if (failedRuns > 0) return HealthReport.degraded(`${failedRuns === 1 ? "The last run" : `The last ${failedRuns} runs`} failed: ${lastError?.message ?? ""}`, { failedRuns });
  return undefined;
}
