import { SoraError } from "../errors/sora-error.ts";
import { toError } from "../errors/describe-error.ts";
import { ServiceCommandBus } from "../commands/service-command-bus.ts";
import { clientFor } from "../fluent/service-client.ts";
import { startService, stopService } from "../lifecycle/service-control.ts";
import { serviceStatus } from "../lifecycle/service-snapshots.ts";
import { healthProbeScheduler } from "../health/health-probe-scheduler.ts";
import { announceHost, currentContext, retireHost } from "./ambient.ts";
import { discoverServices } from "./discover.ts";
import { followConfiguration } from "./follow-configuration.ts";
import { createKernel } from "./host-kernel.ts";
import { kernelOf } from "./kernel-of.ts";
import { registerServices } from "./register-services.ts";
import { resolveHostOptions } from "./resolve-host-options.ts";
import { openWeb } from "./host-web.ts";
import { takeSignals } from "./signals.ts";
import { prepareServices, startServices } from "./start-host.ts";
import { stopHost } from "./stop-host.ts";
import type { Interceptor } from "../actions/interceptor.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { FileWatch } from "../configuration/watch-files.ts";
import type { ServiceBuilder } from "../fluent/builders.ts";
import type { ServiceTarget, ShapeOf } from "../fluent/shape-of.ts";
import type { AggregateHealth } from "../health/aggregate-health.ts";
import type { HealthContributor } from "../health/health-contributor.ts";
import type { Liveness, Readiness } from "../health/readiness.ts";
import type { Injectable } from "../injection/token.ts";
import type { ServiceStatus } from "../lifecycle/service-status.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { Logger } from "../logging/logger.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { HostLifetime } from "./host-lifetime.ts";
import type { HostWeb } from "./host-web.ts";
import type { InternalHostOptions, SoraHostOptions } from "./host-options.ts";
import type { StopReport } from "./stop-host.ts";

type HostPhase = "built" | "starting" | "started" | "stopping" | "stopped";

/**
 * Runs services in this process: makes them, starts them in order, supervises them, and stops them in order. It holds the process open until it is
 * stopped. It takes no signals unless told to, and never exits the process of its own accord.
 */
export class SoraHost implements AsyncDisposable {
  readonly #options;
  #kernel: HostKernel | undefined = undefined;
  #phase: HostPhase = "built";
  #starting: Promise<void> | undefined = undefined;
  #stopping: Promise<StopReport> | undefined = undefined;
  /** In the order of their first start. */
  readonly #started: ServiceRuntime[] = [];
  readonly #stopped = Promise.withResolvers<StopReport>();
  readonly #disposers: (() => void)[] = [];
  #web: HostWeb | undefined = undefined;
  #watch: Promise<FileWatch> | undefined = undefined;

  /** Builds a host; {@link start} starts it. */
  constructor(options: SoraHostOptions = {}) {
    this.#options = resolveHostOptions(options as SoraHostOptions & InternalHostOptions);
  }

  /** Builds a host and starts it. Resolves once every startup service has finished and every other has been started. */
  static async start(options: SoraHostOptions = {}): Promise<SoraHost> {
    const host = new SoraHost(options);
    await host.start();
    return host;
  }

  /**
   * Starts the services: startup services in ascending order, each awaited, then the others by priority. When it rejects, what had been started has been stopped
   * again, in reverse order. A host starts once.
   *
   * @throws SoraError `SORA_DEFINITION_INVALID`, `SORA_CONFIGURATION_INVALID` or `SORA_DISCOVERY_FAILED` with every problem; `SORA_STARTUP_FAILED` or
   *   `SORA_STARTUP_TIMEOUT` naming the service.
   */
  start(): Promise<void> {
    return (this.#starting ??= this.#begin());
  }

  /** The host's name. */
  get name(): string {
    return this.#options.name;
  }

  /** Development, Testing, Production or the program's own. */
  get environment(): string {
    return this.#running().environment;
  }

  get configuration(): Configuration {
    return this.#running().configuration;
  }

  get logger(): Logger {
    return this.#running().logger;
  }

  /** `started` and `stopping`, as signals. */
  get lifetime(): HostLifetime {
    return this.#running().lifetime;
  }

  /** Where the control plane listens, from before the services start; `undefined` for a host without the option `web`. */
  get web(): HostWeb | undefined {
    return this.#web;
  }

  /** Resolves when the host has stopped, whoever stopped it. */
  get stopped(): Promise<StopReport> {
    return this.#stopped.promise;
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

  /** Starts one service while the host runs. @throws SoraError `SORA_SERVICE_UNKNOWN`, `SORA_SERVICE_DISABLED`, `SORA_STARTUP_FAILED`. */
  async startService(service: string | ServiceTarget): Promise<void> {
    const runtime = this.#running().registry.find(service);
    this.#note(runtime);
    await startService(runtime);
  }

  /** Stops one service while the host runs: what is under way drains, then its work is aborted. Calls get `SORA_SERVICE_UNAVAILABLE` from then on. */
  async stopService(service: string | ServiceTarget): Promise<void> {
    await stopService(this.#running().registry.find(service), "asked to", this.#options.shutdownTimeout);
  }

  /** Stops one service and starts it again, with a new instance. */
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
    return this.#running().health.contribute(contributor);
  }

  /** Adds an interceptor inside those there are. */
  intercept(interceptor: Interceptor): void {
    this.#running().intercept(interceptor);
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
    return (this.#stopping ??= this.#end(reason));
  }

  /** @internal What control planes are built on; see `controlOf`. */
  [kernelOf](): HostKernel {
    return this.#running();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("disposed of");
  }

  async #begin(): Promise<void> {
    if (this.#phase !== "built") throw new SoraError("SORA_HOST_NOT_RUNNING", `Cannot start the host: it is ${this.#phase}.`, { fix: "Make a new host; one is started once." });
    this.#phase = "starting";
    try {
      const kernel = await createKernel(this.#options);
      this.#kernel = kernel;
      const discovered = (await Promise.all(this.#options.discover.map(folder => discoverServices(folder)))).flat();
      registerServices(kernel, [...this.#options.services, ...discovered, ...(this.#options.builtIns ? [healthProbeScheduler] : [])]);
      const ordered = await prepareServices(kernel);
      for (const contributor of this.#options.contributors) kernel.health.contribute(contributor);
      await this.#run(kernel, ordered);
    } catch (error) {
      await this.#abandon(toError(error));
      throw error;
    }
  }

  async #run(kernel: HostKernel, ordered: readonly ServiceRuntime[]): Promise<void> {
    const { signals, onCriticalFailure, web, contentRoot = process.cwd() } = this.#options;
    if (onCriticalFailure === "stop") kernel.onCriticalFailure = (service, error) => void (this.#stopping ??= this.#end(`critical service ${service.name} has failed`, error));
    if (signals) this.#disposers.push(takeSignals(reason => this.stop(reason), kernel.clock, kernel.logger, this.#options.shutdownTimeout));
    announceHost(kernel);
    kernel.starting = true;
    if (web !== undefined) this.#web = await openWeb(this, kernel, web, contentRoot);
    kernel.scheduler.start();
    if (this.#options.loopMonitor) kernel.health.start();
    await startServices(kernel, ordered, service => void this.#started.push(service)); // each once, so there is no need to look
    kernel.starting = false;
    if (this.#stopping !== undefined) return void (await this.#stopping);
    this.#phase = "started";
    kernel.health.startupFinished();
    kernel.announceStarted();
    if (this.#options.watchConfiguration) this.#follow(kernel);
  }

  #follow(kernel: HostKernel): void {
    const following = followConfiguration(kernel, this.#options.shutdownTimeout);
    this.#disposers.push(() => following[Symbol.dispose]());
    this.#watch = (async () => {
      const { watchConfiguration } = await import("../configuration/watch-configuration.ts");
      return watchConfiguration(kernel.configuration, { clock: kernel.clock });
    })();
    this.#watch.catch((error: unknown) => kernel.logger.warn("The settings files cannot be watched; a change takes effect at the next start", { error }));
  }

  #note(service: ServiceRuntime): void {
    if (!this.#started.includes(service)) this.#started.push(service);
  }

  /** Takes a failed start back. */
  async #abandon(error: Error): Promise<void> {
    const kernel = this.#kernel;
    if (kernel === undefined) {
      this.#phase = "stopped";
      return;
    }
    await (this.#stopping ??= this.#end("the start failed", SoraError.is(error) ? error : new SoraError("SORA_STARTUP_FAILED", error.message, { cause: error })));
  }

  async #end(reason: string, error?: SoraError): Promise<StopReport> {
    const kernel = this.#kernel;
    if (kernel === undefined || this.#phase === "built") {
      this.#phase = "stopped";
      const report: StopReport = { reason, exitCode: error === undefined ? 0 : 1, culprits: [], duration: 0 };
      this.#stopped.resolve(report);
      return report;
    }
    this.#phase = "stopping";
    const report = await stopHost(kernel, this.#started, reason, this.#options.shutdownTimeout, error);
    await this.#watch?.then(watch => watch[Symbol.asyncDispose]()).catch(() => {});
    for (const dispose of this.#disposers.splice(0)) dispose();
    retireHost(kernel);
    this.#phase = "stopped";
    this.#stopped.resolve(report);
    return report;
  }

  #running(): HostKernel {
    if (this.#kernel !== undefined) return this.#kernel;
    throw new SoraError("SORA_HOST_NOT_RUNNING", "Cannot use the host: it has not been started.", { fix: "Await `host.start()`, or use `SoraHost.start(…)`." });
  }
}

/** Builds a host without starting it. */
export function addSora(options: SoraHostOptions = {}): SoraHost {
  return new SoraHost(options);
}

/** The kernel's context of the code that calls, for tools that show where they run. */
export function currentCorrelationId(): string | undefined {
  return currentContext()?.flowingCorrelationId();
}

