import { HealthAggregator, nameTaken } from "../health/health-aggregator.ts";
import { HealthReport } from "../health/health-report.ts";
import { LoopMonitor } from "../health/loop-monitor.ts";
import { liveness, readiness } from "../health/readiness.ts";
import { contributorSource } from "../health/health-contributor.ts";
import { DependencyGate } from "./dependency-gate.ts";
import { tellOfLoopBlock } from "./loop-block.ts";
import { isServiceStalled, sourceOf } from "./service-health-source.ts";
import type { AggregateHealth } from "../health/aggregate-health.ts";
import type { HealthContributor } from "../health/health-contributor.ts";
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
  /** What services that have failed wait for. */
  readonly dependencies: DependencyGate;
  #startupDone = false;

  constructor(host: HostKernel) {
    this.#host = host;
    const { clock, logger } = host;
    this.aggregator = new HealthAggregator({ clock, logger });
    this.dependencies = new DependencyGate(host.registry, this.aggregator);
    this.#readiness = new HealthAggregator({ clock, logger });
    this.#loop = new LoopMonitor({ clock, onBlock: block => tellOfLoopBlock(host, block) });
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
    else this.aggregator.register(this.dependencies.watched(sourceOf(service)));
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
    return this.aggregator.register(this.dependencies.watched(contributorSource(contributor)));
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
}

function* readinessOf(services: Iterable<ServiceRuntime>, ready: Readonly<Record<string, ServiceHealth>>): Generator<ServiceReadiness> {
  for (const service of services) {
    yield {
      name: service.name,
      critical: service.critical,
      phase: service.state.phase,
      ready: (ready[service.name]?.status ?? "healthy") === "healthy",
      stalled: isServiceStalled(service),
    };
  }
}
