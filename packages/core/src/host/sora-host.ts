import { SoraError } from "../errors/sora-error.ts";
import { ServiceCommandBus } from "../commands/service-command-bus.ts";
import { clientFor } from "../fluent/service-client.ts";
import { startService } from "../lifecycle/start-service.ts";
import { stopService } from "../lifecycle/stop-service.ts";
import { serviceStatus } from "../lifecycle/service-snapshots.ts";
import { Outbox } from "../outbox/outbox.ts";
import { StoredActions } from "../durable/stored-actions.ts";
import { StoredSchedules } from "../durable/stored-schedules.ts";
import { assertOption } from "./check-host-options.ts";
import { HostPhases } from "./host-phases.ts";
import { kernelOf } from "./kernel-of.ts";
import { resolveHostOptions } from "./resolve-host-options.ts";
import type { Interceptor } from "../actions/interceptor.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { ServiceBuilder } from "../fluent/builders.ts";
import type { ServiceTarget, ShapeOf } from "../fluent/shape-of.ts";
import type { AggregateHealth } from "../health/aggregate-health.ts";
import type { HealthContributor } from "../health/health-contributor.ts";
import type { Liveness, Readiness } from "../health/readiness.ts";
import type { Injectable } from "../injection/token.ts";
import type { ServiceStatus } from "../lifecycle/service-status.ts";
import type { Logger } from "../logging/logger.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { HostLifetime } from "./host-lifetime.ts";
import type { HostWeb } from "./host-web.ts";
import type { ResolvedHostOptions, SoraHostOptions } from "./host-options.ts";
import type { StopReport } from "./stop-host.ts";

/**
 * Runs services in this process: makes them, starts them in order, supervises them, and stops them in order. It holds the process open until it is
 * stopped. It takes no signals unless told to, and never exits the process of its own accord.
 */
export class SoraHost implements AsyncDisposable {
  readonly #options: ResolvedHostOptions;
  readonly #phases: HostPhases;

  /** Builds a host; {@link start} starts it. @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options. */
  constructor(options: SoraHostOptions = {}) {
    this.#options = resolveHostOptions(options);
    this.#phases = new HostPhases(this.#options, this);
  }

  /**
   * Builds a host and starts it. Resolves once every startup service has finished and every other has been started.
   *
   * @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options; whatever {@link SoraHost.prototype.start} rejects with.
   */
  static async start(options: SoraHostOptions = {}): Promise<SoraHost> {
    const host = new SoraHost(options);
    await host.start();
    return host;
  }

  /**
   * Starts the services: startup services in ascending order, each awaited, then the others by priority. When it rejects, what had been started has been stopped
   * again, in reverse order. A host starts once. Where it is stopped meanwhile, this resolves once it has stopped; {@link stopped} says why.
   *
   * @throws SoraError `SORA_DEFINITION_INVALID`, `SORA_CONFIGURATION_INVALID` or `SORA_DISCOVERY_FAILED` with every problem; `SORA_STARTUP_FAILED` or
   *   `SORA_STARTUP_TIMEOUT` naming the service.
   */
  start(): Promise<void> {
    return this.#phases.start();
  }

  /** The host's name. */
  get name(): string {
    return this.#options.name;
  }

  /** Development, Testing, Production or the program's own. */
  get environment(): string {
    return this.#running().environment;
  }

  /** All settings, each from the strongest layer that has it. @throws SoraError `SORA_HOST_NOT_RUNNING` before the host has been started. */
  get configuration(): Configuration {
    return this.#running().configuration;
  }

  /** The host's own, with no service's name on its lines; the option `logger`, else what `Sora:Logging` says. @throws SoraError `SORA_HOST_NOT_RUNNING` before the host has been started. */
  get logger(): Logger {
    return this.#running().logger;
  }

  /** `started` and `stopping`, as signals. */
  get lifetime(): HostLifetime {
    return this.#running().lifetime;
  }

  /** Where the control plane listens, from before the services start; `undefined` for a host without the option `web`. */
  get web(): HostWeb | undefined {
    return this.#phases.web;
  }

  /** Resolves when the host has stopped, whoever stopped it. */
  get stopped(): Promise<StopReport> {
    return this.#phases.stopped;
  }

  /** The fluent API on this host, whichever others there are. */
  services<X extends ServiceTarget>(service: X): ServiceBuilder<ShapeOf<X>> {
    return clientFor(service, this.#running(), undefined) as never;
  }

  /** Sends commands by service and command object. */
  get commands(): ServiceCommandBus {
    return this.#running().container.get(ServiceCommandBus);
  }

  /** Every service of this host, as it is now. */
  list(): ServiceStatus[] {
    return [...this.#running().registry].map(serviceStatus);
  }

  /**
   * Starts one service while the host runs; one that is up stays as it is, one that is stopping is started once it has stopped.
   *
   * @throws SoraError `SORA_SERVICE_UNKNOWN`, `SORA_SERVICE_DISABLED`, `SORA_STARTUP_FAILED`, `SORA_STARTUP_TIMEOUT`; `SORA_SERVICE_STILL_RUNNING` where a run of its last life
   *   goes on though the time for its end is over; `SORA_HOST_NOT_RUNNING` where the host stops or has stopped.
   */
  async startService(service: string | ServiceTarget): Promise<void> {
    await startService(this.#running().registry.find(service));
  }

  /**
   * Stops one service while the host runs: what is under way drains, then its work is aborted. Calls get `SORA_SERVICE_UNAVAILABLE` from then on. Resolves within
   * `shutdownTimeout`. What has not ended by then is logged; while that is a run or the disposal of its instance the service stays `stopping`, and is `stopped` once it has.
   */
  async stopService(service: string | ServiceTarget): Promise<void> {
    const runtime = this.#running().registry.find(service);
    if (this.#phases.stopping !== undefined) return void (await this.#phases.stopping); // which stops it in its turn, and within its own time
    const culprits = await stopService(runtime, "asked to", this.#options.shutdownTimeout);
    if (culprits.length > 0)
      runtime.logger.error(`The service was told to stop, and not everything of it has ended in time: ${culprits.join("; ")}`, { culprits });
  }

  /** Stops one service and starts it again, with a new instance. @throws what {@link startService} throws; no run begins beside one of the old life. */
  async restartService(service: string | ServiceTarget): Promise<void> {
    await this.stopService(service);
    await this.startService(service);
  }

  /** Health of every service and contributor. */
  health(): Promise<AggregateHealth> {
    return this.#running().health.report();
  }

  /** Whether the event loop turns. */
  live(): Liveness {
    return this.#running().health.live();
  }

  /** Whether to send this host work. */
  ready(): Promise<Readiness> {
    return this.#running().health.ready();
  }

  /** Adds a health contributor that is not a service, until what is returned is disposed of. */
  contribute(contributor: HealthContributor): Disposable {
    assertOption("contributors", [contributor]);
    return this.#running().health.contribute(contributor);
  }

  /** Adds an interceptor inside those there are. */
  intercept(interceptor: Interceptor): void {
    assertOption("intercept", interceptor);
    this.#running().intercept(interceptor);
  }

  /** The stored actions of this host's store, whoever stored them. */
  get actions(): StoredActions {
    return this.#running().container.get(StoredActions);
  }

  /** The schedules of this host's store, whoever made them. */
  get schedules(): StoredSchedules {
    return this.#running().container.get(StoredSchedules);
  }

  /** Messages that go out if the transaction they are written in is committed. */
  get outbox(): Outbox {
    return this.#running().container.get(Outbox);
  }

  /** A dependency from `provide`. */
  get<T>(key: Injectable<T>): T {
    return this.#running().container.get(key);
  }

  /**
   * Stops everything in order, within `shutdownTimeout`: unready at once, what is under way drains, work is aborted in reverse order of start, instances and
   * dependencies are disposed of. Never rejects; the report names what did not end. Asked again, it gives the same report.
   */
  stop(reason = "asked to"): Promise<StopReport> {
    return this.#phases.stop(reason);
  }

  /** @internal What control planes are built on; see `controlOf`. */
  [kernelOf](): HostKernel {
    return this.#running();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("disposed of");
  }

  #running(): HostKernel {
    const { kernel } = this.#phases;
    if (kernel !== undefined) return kernel;
    throw new SoraError("SORA_HOST_NOT_RUNNING", "Cannot use the host: it has not been started.", { fix: "Await `host.start()`, or use `SoraHost.start(…)`." });
  }
}

/** Builds a host without starting it. @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options. */
export function addSora(options: SoraHostOptions = {}): SoraHost {
  return new SoraHost(options);
}
