import { SoraError } from "../errors/sora-error.ts";
import { toError } from "../errors/describe-error.ts";
import { ServiceCommandBus } from "../commands/service-command-bus.ts";
import { clientFor } from "../fluent/service-client.ts";
import { startService } from "../lifecycle/start-service.ts";
import { stopService } from "../lifecycle/stop-service.ts";
import { serviceStatus } from "../lifecycle/service-snapshots.ts";
import { Outbox } from "../outbox/outbox.ts";
import { healthProbeScheduler } from "../health/health-probe-scheduler.ts";
import { StoredActions } from "../durable/stored-actions.ts";
import { StoredSchedules } from "../durable/stored-schedules.ts";
import { settlesWithin } from "../time/within.ts";
import { announceHost } from "./ambient.ts";
import { watchConfiguration } from "../configuration/watch-configuration.ts";
import { bringLibraries } from "./bring-libraries.ts";
import { assertOption } from "./check-host-options.ts";
import { discoverServices } from "./discover.ts";
import { followConfiguration } from "./follow-configuration.ts";
import { createKernel } from "./host-kernel.ts";
import { kernelOf } from "./kernel-of.ts";
import { registerServices } from "./register-services.ts";
import { tellOfUnknownDependencies } from "./unknown-dependencies.ts";
import { resolveHostOptions } from "./resolve-host-options.ts";
import { openWeb } from "./host-web.ts";
import { takeSignals } from "./signals.ts";
import { takeUncaught } from "./uncaught.ts";
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
import type { SoraHostOptions } from "./host-options.ts";
import type { StopReport } from "./stop-host.ts";

type HostPhase = "built" | "preparing" | "starting" | "started" | "stopping" | "stopped";

/** Milliseconds that closing the watch over the settings files may take. */
const watchPatience = 500;

/**
 * Runs services in this process: makes them, starts them in order, supervises them, and stops them in order. It holds the process open until it is
 * stopped. It takes no signals unless told to, and never exits the process of its own accord.
 */
export class SoraHost implements AsyncDisposable {
  readonly #options;
  #kernel: HostKernel | undefined = undefined;
  #phase: HostPhase = "built";
  #starting: Promise<void> | undefined = undefined;
  /** Everything before the first service starts. */
  #preparing: Promise<readonly ServiceRuntime[]> | undefined = undefined;
  #stopping: Promise<StopReport> | undefined = undefined;
  readonly #stopped = Promise.withResolvers<StopReport>();
  readonly #disposers: (() => void)[] = [];
  #web: HostWeb | undefined = undefined;
  #watch: Promise<FileWatch> | undefined = undefined;

  /** Builds a host; {@link start} starts it. @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options. */
  constructor(options: SoraHostOptions = {}) {
    this.#options = resolveHostOptions(options);
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
    if (this.#stopping !== undefined) return void (await this.#stopping); // which stops it in its turn, and within its own time
    const culprits = await stopService(runtime, "asked to", this.#options.shutdownTimeout);
    if (culprits.length > 0)
      runtime.logger.error(`The service was told to stop, and not everything of it has ended in time: ${culprits.join("; ")}`, { culprits });
  }

  /** Stops one service and starts it again, with a new instance. What both can throw is what {@link startService} throws: no run begins beside one of the old life. */
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
    if (this.#phase !== "built")
      throw new SoraError("SORA_HOST_NOT_RUNNING", `Cannot start the host: it is ${this.#phase}.`, { fix: "Make a new host; one is started once." });
    this.#phase = "preparing";
    try {
      this.#preparing = this.#prepare();
      const ordered = await Promise.race([this.#preparing, this.#stopped.promise.then(() => [])]);
      if (this.#kernel !== undefined && this.#stopping === undefined) await this.#run(this.#kernel, ordered);
    } catch (error) {
      await (this.#stopping ??= this.#end("the start failed", asSoraError(toError(error))));
      throw error;
    }
    await this.#stopping;
  }

  /** Reads, registers and makes everything. Where the host is stopped meanwhile, it does no more than it has begun. */
  async #prepare(): Promise<readonly ServiceRuntime[]> {
    const { discover, services, builtIns, contributors, onCriticalFailure, signals, web, contentRoot = process.cwd() } = this.#options;
    const libraries = bringLibraries();
    if (libraries !== undefined) await libraries;
    const kernel = await createKernel(this.#options);
    this.#kernel = kernel;
    if (signals) this.#takeProcess(kernel);
    if (onCriticalFailure === "stop")
      kernel.onCriticalFailure = (service, error) => void (this.#stopping ??= this.#end(`critical service ${service.name} has failed`, error));
    const discovered = (await Promise.all(discover.map(folder => discoverServices(folder)))).flat();
    if (this.#stopping !== undefined) return [];
    registerServices(kernel, [...services, ...discovered, ...(builtIns ? [healthProbeScheduler] : [])]);
    for (const contributor of contributors) kernel.health.contribute(contributor);
    await kernel.durable.openAtStart();
    tellOfUnknownDependencies(kernel);
    const ordered = await prepareServices(kernel);
    if (this.#stopping !== undefined) return [];
    announceHost(kernel);
    kernel.starting = true;
    if (web !== undefined) this.#web = await openWeb(this, kernel, web, contentRoot);
    return ordered;
  }

  async #run(kernel: HostKernel, ordered: readonly ServiceRuntime[]): Promise<void> {
    const { loopMonitor, watchConfiguration } = this.#options;
    this.#phase = "starting";
    kernel.scheduler.start();
    if (loopMonitor) kernel.health.start();
    await startServices(kernel, ordered);
    kernel.starting = false;
    if (this.#stopping !== undefined) return;
    this.#phase = "started";
    kernel.health.startupFinished();
    kernel.announceStarted();
    if (watchConfiguration) this.#follow(kernel);
  }

  /** The program has handed its end to the host. */
  #takeProcess(kernel: HostKernel): void {
    const { clock, logger } = kernel;
    const { stopped } = this;
    this.#disposers.push(
      takeSignals({ stop: reason => this.stop(reason), stopped, clock, logger, shutdownTimeout: this.#options.shutdownTimeout }),
      takeUncaught(kernel),
    );
  }

  #follow(kernel: HostKernel): void {
    const following = followConfiguration(kernel, this.#options.shutdownTimeout);
    this.#disposers.push(() => following[Symbol.dispose]());
    this.#watch = (async () => {
      await new Promise(resolve => setImmediate(resolve)); // the first calls come first
      return watchConfiguration(kernel.configuration, { clock: kernel.clock });
    })();
    this.#watch.catch((error: unknown) => kernel.logger.warn("The settings files cannot be watched; a change takes effect at the next start", { error }));
  }

  async #end(reason: string, error?: SoraError): Promise<StopReport> {
    const { clock, shutdownTimeout } = this.#options;
    const before = this.#phase;
    this.#phase = "stopping";
    this.#kernel?.announceStopping(reason);
    const began = clock.monotonic();
    const culprits: string[] = [];
    if (before === "preparing" && this.#preparing !== undefined && !(await settlesWithin(clock, this.#preparing, shutdownTimeout)))
      culprits.push("the start: its preparation has not finished");
    const report = await this.#endKernel(reason, Math.max(0, shutdownTimeout - (clock.monotonic() - began)), error);
    this.#phase = "stopped";
    const whole: StopReport = culprits.length === 0 ? report : { ...report, exitCode: 1, culprits: [...culprits, ...report.culprits] };
    this.#stopped.resolve(whole);
    return whole;
  }

  async #endKernel(reason: string, limit: number, error: SoraError | undefined): Promise<StopReport> {
    const kernel = this.#kernel;
    if (kernel === undefined)
      return { reason, exitCode: error === undefined ? 0 : 1, culprits: [], duration: 0, ...(error === undefined ? undefined : { error }) };
    kernel.announceStopping(reason);
    const report = await stopHost(kernel, reason, limit, error);
    const watch = this.#watch?.then(open => open[Symbol.asyncDispose]());
    if (watch !== undefined) await settlesWithin(kernel.clock, watch, watchPatience);
    for (const dispose of this.#disposers.splice(0)) dispose();
    return report;
  }

  #running(): HostKernel {
    if (this.#kernel !== undefined) return this.#kernel;
    throw new SoraError("SORA_HOST_NOT_RUNNING", "Cannot use the host: it has not been started.", { fix: "Await `host.start()`, or use `SoraHost.start(…)`." });
  }
}

function asSoraError(error: Error): SoraError {
  return SoraError.is(error) ? error : new SoraError("SORA_STARTUP_FAILED", error.message, { cause: error });
}

/** Builds a host without starting it. @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options. */
export function addSora(options: SoraHostOptions = {}): SoraHost {
  return new SoraHost(options);
}
