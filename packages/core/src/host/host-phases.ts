import { SoraError } from "../errors/sora-error.ts";
import { toError } from "../errors/describe-error.ts";
import { healthProbeScheduler } from "../health/health-probe-scheduler.ts";
import { settlesWithin } from "../time/within.ts";
import { announceHost } from "./ambient.ts";
import { watchConfiguration } from "../configuration/watch-configuration.ts";
import { bringLibraries } from "./bring-libraries.ts";
import { discoverServices } from "./discover.ts";
import { followConfiguration } from "./follow-configuration.ts";
import { createKernel } from "./host-kernel.ts";
import { registerServices } from "./register-services.ts";
import { openWeb } from "./host-web.ts";
import { takeSignals } from "./signals.ts";
import { takeUncaught } from "./uncaught.ts";
import { prepareServices, startServices } from "./start-host.ts";
import { stopHost } from "./stop-host.ts";
import type { FileWatch } from "../configuration/watch-files.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { ResolvedHostOptions } from "./host-options.ts";
import type { HostWeb } from "./host-web.ts";
import type { SoraHost } from "./sora-host.ts";
import type { StopReport } from "./stop-host.ts";

type HostPhase = "built" | "preparing" | "starting" | "started" | "stopping" | "stopped";

/** Milliseconds that closing the watch over the settings files may take. */
const watchPatience = 500;

/** Takes a host through its phases: it is prepared, started and brought to an end, once each, whoever asks and whenever. */
export class HostPhases {
  readonly #options: ResolvedHostOptions;
  readonly #host: SoraHost;
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

  constructor(options: ResolvedHostOptions, host: SoraHost) {
    this.#options = options;
    this.#host = host;
  }

  /** What the host is made of, once it has been started. */
  get kernel(): HostKernel | undefined {
    return this.#kernel;
  }

  get web(): HostWeb | undefined {
    return this.#web;
  }

  /** The stop under way, or over. */
  get stopping(): Promise<StopReport> | undefined {
    return this.#stopping;
  }

  /** Resolves when it is over, whoever ended it. */
  get stopped(): Promise<StopReport> {
    return this.#stopped.promise;
  }

  start(): Promise<void> {
    return (this.#starting ??= this.#begin());
  }

  stop(reason: string): Promise<StopReport> {
    return (this.#stopping ??= this.#end(reason));
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
    const ordered = await prepareServices(kernel);
    if (this.#stopping !== undefined) return [];
    announceHost(kernel);
    kernel.starting = true;
    if (web !== undefined) this.#web = await openWeb(this.#host, kernel, web, contentRoot);
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
      takeSignals({ stop: reason => this.#host.stop(reason), stopped, clock, logger, shutdownTimeout: this.#options.shutdownTimeout }),
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
}

function asSoraError(error: Error): SoraError {
  return SoraError.is(error) ? error : new SoraError("SORA_STARTUP_FAILED", error.message, { cause: error });
}
