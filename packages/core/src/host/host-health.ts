import { HealthAggregator, nameTaken } from "../health/health-aggregator.ts";
import { HealthReport } from "../health/health-report.ts";
import { LoopMonitor } from "../health/loop-monitor.ts";
import { liveness, readiness } from "../health/readiness.ts";
import { stalled } from "../health/progress-monitor.ts";
import { PeriodicRunner } from "../lifecycle/periodic-runner.ts";
import { stalledAfter } from "../lifecycle/effective-options.ts";
import { contributorSource } from "../health/health-contributor.ts";
import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import type { AggregateHealth } from "../health/aggregate-health.ts";
import type { HealthContributor } from "../health/health-contributor.ts";
import type { HealthSource } from "../health/health-source.ts";
import type { LoopBlock } from "../health/loop-monitor.ts";
import type { Liveness, Readiness, ServiceReadiness } from "../health/readiness.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ServiceBehaviour } from "../definition/service-definition.ts";
import type { HostKernel } from "./host-kernel.ts";

/** The health of a host, derived from the work its services do; checks of their own are asked within a time limit and cached. */
export class HostHealth {
  readonly #host: HostKernel;
  readonly aggregator: HealthAggregator;
  /** `isReady` of services, asked the way checks are: one at a time, bounded, cached. */
  readonly #readiness: HealthAggregator;
  readonly #loop: LoopMonitor;
  /** Names of checks that failed when they were last made. */
  readonly #failing = new Set<string>();
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

  /** Takes up a service's own check and `isReady`. They are asked only while it runs. */
  add(service: ServiceRuntime): void {
    const { isReady, check } = service.definition.behaviour;
    if (check === undefined) this.aggregator.assertFree(service.name); // a contributor of its name would stand before it
    else this.aggregator.register(this.#watched(sourceOf(service)));
    if (isReady !== undefined) this.#addReadiness(service, isReady);
  }

  #addReadiness(service: ServiceRuntime, isReady: NonNullable<ServiceBehaviour["isReady"]>): void {
    this.#readiness.register({
      name: service.name,
      critical: service.critical,
      derive: () => (service.state.phase === "running" ? undefined : HealthReport.healthy()), // its state says enough
      check: async signal => ((await isReady(service.instance, signal)) ? HealthReport.healthy() : HealthReport.degraded("it says it is not ready")),
    });
  }

  /** Adds a contributor that is no service. @throws SoraError `SORA_OPTION_INVALID` where a service or contributor has its name. */
  contribute(contributor: HealthContributor): Disposable {
    if (this.#host.registry.has(contributor.name)) throw nameTaken(contributor.name);
    return this.aggregator.register(this.#watched(contributorSource(contributor)));
  }

  check(name: string): Promise<ServiceHealth> {
    return this.aggregator.check(name);
  }

  /** The same, asked now even where the last answer still stands. */
  async checkNow(name: string): Promise<ServiceHealth> {
    await this.aggregator.probe([name], { force: true });
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

  /** Names of the checks that a service waits for before it is started again: those in its `dependsOn`, and the one that `error` says is away. */
  dependenciesOf(service: ServiceRuntime, error: unknown): string[] {
    const away = SoraError.is(error, "SORA_DEPENDENCY_UNAVAILABLE") ? [String(error.details["dependency"])] : [];
    const names = [...dependencyNames(service), ...away];
    if (names.length === 0) return names;
    const checked = new Set(this.aggregator.checked());
    return [...new Set(names)].filter(name => checked.has(name) && name !== service.name);
  }

  /** Makes these checks now; resolves when they have answered, or when `signal` aborts. */
  async probe(names: readonly string[], signal: AbortSignal): Promise<void> {
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const abort = (): void => resolve();
    signal.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([this.aggregator.probe(names, { force: true }), aborted]);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Those of `names` that failed when they were last asked: unhealthy, thrown, or not answered in time; of services that are not asked, those that have failed. */
  failing(names: readonly string[]): string[] {
    return names.filter(name => {
      const status = this.#derived(name)?.status;
      return status === "unhealthy" || (status !== "healthy" && this.#failing.has(name)); // one that has ended well, or is disabled, holds nobody up
    });
  }

  #derived(name: string): HealthReport | undefined {
    const { registry } = this.#host;
    return registry.has(name) ? derived(registry.find(name)) : undefined;
  }

  /** The same source, whose failures are kept track of: a check that says it is degraded works, one that throws does not. */
  #watched(source: HealthSource): HealthSource {
    const check = source.check?.bind(source);
    if (check === undefined) return source;
    const failing = this.#failing;
    const { name } = source;
    const watched = async (signal: AbortSignal): Promise<HealthReport> => {
      const overdue = (): void => void failing.add(name);
      signal.addEventListener("abort", overdue, { once: true });
      try {
        const report = await check(signal);
        if (report?.status === "unhealthy") failing.add(name);
        else failing.delete(name);
        return report;
      } catch (error) {
        failing.add(name);
        throw error;
      } finally {
        signal.removeEventListener("abort", overdue);
      }
    };
    return {
      name,
      get critical() {
        return source.critical;
      },
      derive: () => source.derive?.(),
      check: watched,
    };
  }

  #reportBlock({ lag, at }: LoopBlock): void {
    const { registry, logger } = this.#host;
    const began = at - lag;
    const working: string[] = [];
    for (const service of registry) {
      for (const call of service.calls) working.push(`${service.name}.${call.action}`);
      if (service.work !== undefined && service.work.running > 0) working.push(service.name);
      // What held the loop has often ended by the time a timer can tell.
      else if (service.lastActivity >= began) working.push(service.name);
      if (working.length >= 10) break;
    }
    const names = [...new Set(working)].slice(0, 10);
    const during = names.length === 0 ? "" : `; under way: ${names.join(", ")}`;
    logger.warn(`The event loop was blocked for ${Math.round(lag)} ms${during}`, { lag: Math.round(lag), working: names });
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
    yield {
      name: service.name,
      critical: service.critical,
      phase: service.state.phase,
      ready: (ready[service.name]?.status ?? "healthy") === "healthy",
      stalled: isStalled(service),
    };
  }
}

/** Whether the service's loop, or its run under way, has shown no progress for too long. */
function isStalled(service: ServiceRuntime): boolean {
  if (service.state.phase !== "running") return false;
  const now = service.host.clock.monotonic();
  const { work } = service;
  const { loop, lastProgress } = service.history;
  const given = service.definition.options.stalledAfter;
  if (work instanceof PeriodicRunner)
    return work.busySince !== undefined && stalled({ now, lastProgress: work.busySince, stalledAfter: stalledAfter(service) });
  if (loop !== undefined)
    return loop.busySince !== undefined && stalled({ now, lastProgress: Math.max(loop.busySince, lastProgress), stalledAfter: stalledAfter(service) });
  return given !== undefined && stalled({ now, lastProgress, stalledAfter: stalledAfter(service) });
}

function sourceOf(service: ServiceRuntime): HealthSource {
  const { check } = service.definition.behaviour;
  const source = { name: service.name, derive: () => derived(service) };
  const critical = { get: () => service.critical, enumerable: true };
  return Object.defineProperty(
    check === undefined ? source : { ...source, check: (signal: AbortSignal) => check(service.instance, signal) },
    "critical",
    critical,
  ) as HealthSource;
}

/** What a service's state says of its health; `undefined` where it is well and may be asked. */
function derived(service: ServiceRuntime): HealthReport | undefined {
  const { state } = service;
  if (state.phase === "failed") return HealthReport.unhealthy(`It has failed: ${describeError(state.error)}`, { code: state.error.code });
  if (state.phase === "restarting")
    return HealthReport.degraded(`It is restarted at ${new Date(state.at).toISOString()}, attempt ${state.attempt}: ${describeError(state.error)}`);
  if (state.phase === "disabled") return HealthReport.healthy(`Disabled by ${state.reason}`);
  if (state.phase === "completed") return HealthReport.healthy("Completed");
  if (state.phase === "stopping" && state.remains !== undefined)
    return HealthReport.degraded(`It is stopping, and the time for that is over: ${state.remains.join("; ")}`);
  if (state.phase !== "running") return HealthReport.degraded(`It is ${state.phase}`);
  if (isStalled(service)) return HealthReport.degraded("It has stopped making progress", { lastActivity: service.lastActivity });
  const { failedRuns, lastError } = service.history;
  if (failedRuns > 0)
    return HealthReport.degraded(`${failedRuns === 1 ? "The last run" : `The last ${failedRuns} runs`} failed: ${lastError?.message ?? ""}`, { failedRuns });
  return undefined;
}
