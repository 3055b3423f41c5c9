import { composeInterceptors } from "../actions/interceptor.ts";
import { SoraError } from "../errors/sora-error.ts";
import { definitionOf } from "../definition/definition-of.ts";
import { isServiceDefinition } from "../definition/service-definition.ts";
import { runOption } from "../configuration/environment.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { ActivityClock } from "../lifecycle/activity-clock.ts";
import { RecentStates } from "../lifecycle/recent-states.ts";
import { DurableSlot } from "../durable/durable-slot.ts";
import { EventHub } from "../events/event-hub.ts";
import { createCommandBus, ServiceCommandBus } from "../commands/service-command-bus.ts";
import { Container } from "../injection/container.ts";
import { Clock as ClockToken, Configuration as ConfigurationToken, Logger as LoggerToken } from "../injection/host-tokens.ts";
import { StoredActions } from "../durable/stored-actions.ts";
import { StoredSchedules } from "../durable/stored-schedules.ts";
import { Outbox } from "../outbox/outbox.ts";
import { Scheduler } from "../schedule/scheduler.ts";
import { HostHealth } from "./host-health.ts";
import { hostLogger } from "./host-logger.ts";
import { ServiceRegistry } from "./service-registry.ts";
import { ServiceClient } from "../fluent/service-client.ts";
import type { ServiceTarget } from "../fluent/shape-of.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { CallInterception, EventInterception, Interceptor, RunInterception } from "../actions/interceptor.ts";
import type { RunOption } from "../configuration/environment.ts";
import type { ConfigurationRoot } from "../configuration/configuration-root.ts";
import type { ServicePhase } from "../lifecycle/service-state.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { Logger } from "../logging/logger.ts";
import type { Chance } from "../time/chance.ts";
import type { Clock } from "../time/clock.ts";
import type { Ids } from "../time/ids.ts";
import type { HostDoor } from "./host-door.ts";
import type { HostLifetime } from "./host-lifetime.ts";
import type { ResolvedHostOptions } from "./host-options.ts";

/** A service entered a phase. */
export type PhaseListener = (service: ServiceRuntime, before: ServicePhase) => void;

/**
 * What a host is made of: its ports, its services, and whether it is starting or stopping. Services and calls know the kernel; starting, stopping and
 * the public face stand around it.
 */
export class HostKernel {
  readonly name: string;
  readonly environment: string;
  /** The option by which services say whether they run in this environment. */
  readonly runOption: RunOption;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly configuration: ConfigurationRoot;
  readonly container: Container;
  readonly hub: EventHub;
  readonly scheduler: Scheduler;
  readonly health: HostHealth;
  /** Stored actions. */
  readonly durable: DurableSlot;
  /** Dates what the services do. */
  readonly activity: ActivityClock;
  /** Lets services that move together share what says so. */
  readonly states: RecentStates = new RecentStates();
  readonly registry: ServiceRegistry = new ServiceRegistry();
  /** Servers and the like, which a stop closes. */
  readonly doors: Set<HostDoor> = new Set();
  /** Whether nested and ambient calls find their context by themselves. */
  readonly ambientFlow: boolean;
  /** Whether `runIn…` is left aside, as in a test host. */
  readonly runsAll: boolean;
  interceptCall: CallInterception | undefined = undefined;
  interceptRun: RunInterception | undefined = undefined;
  interceptEvent: EventInterception | undefined = undefined;
  /** Between the first service's start and the last's. */
  starting = false;
  /** From the moment a stop is asked for. */
  stopping = false;
  /** Whether somebody reads metrics, so that durations are worth two looks at the clock. */
  measuring = false;
  /** Service that failed for good while critical; the host's own stop may follow. */
  onCriticalFailure: ((service: ServiceRuntime, error: SoraError) => void) | undefined = undefined;
  readonly #interceptors: Interceptor[];
  #starts = 0;
  readonly #started = new AbortController();
  readonly #stopping = new AbortController();
  readonly #work = new AbortController();
  readonly #listeners = new Set<PhaseListener>();
  #readers = 0;

  constructor(options: ResolvedHostOptions, configuration: ConfigurationRoot, logger: Logger) {
    this.name = options.name;
    this.environment = configuration.environment;
    this.runOption = runOption(configuration.environment);
    this.clock = options.clock;
    this.chance = options.chance;
    this.ids = options.ids;
    this.logger = logger;
    this.configuration = configuration;
    this.ambientFlow = options.ambientFlow;
    this.runsAll = options.runsAll;
    this.container = new Container([
      [ClockToken, this.clock],
      [ConfigurationToken, configuration],
      [LoggerToken, logger],
      [ServiceCommandBus, createCommandBus(this)],
      [StoredActions, new StoredActions(() => this.durable)],
      [StoredSchedules, new StoredSchedules(() => this.durable)],
      [Outbox, new Outbox(() => this)],
      ...options.provide,
    ]);
    this.activity = new ActivityClock(this.clock);
    this.hub = new EventHub({ clock: this.clock, logger });
    this.scheduler = new Scheduler({
      clock: this.clock,
      chance: this.chance,
      holdsProcess: true,
      onError: (error: unknown) => logger.error("A scheduled run could not be begun", { error }),
    });
    this.health = new HostHealth(this);
    this.durable = new DurableSlot(this, {
      store: options.store,
      worker: options.worker,
      contentRoot: options.contentRoot ?? process.cwd(),
      open: options.openDurable,
    });
    this.#interceptors = [...options.intercept];
    this.#compose();
  }

  readonly lifetime: HostLifetime = Object.freeze({ started: this.#started.signal, stopping: this.#stopping.signal });

  /** Aborted when the time for work under way to finish is over. */
  get workSignal(): AbortSignal {
    return this.#work.signal;
  }

  /** Adds an interceptor inside those there are; work already under way is not affected. */
  intercept(interceptor: Interceptor): void {
    this.#interceptors.push(interceptor);
    this.#compose();
  }

  /** The fluent API on this host, for work that knows its own context. */
  clientFor(target: string | ServiceTarget, parent: WorkContext): ServiceClient {
    return new ServiceClient(target, this, parent);
  }

  /** Measures how long calls and runs take, until what is returned is disposed of. */
  measure(): Disposable {
    this.#readers++;
    this.#setMeasuring();
    let open = true;
    return {
      [Symbol.dispose]: () => {
        if (!open) return;
        open = false;
        this.#readers--;
        this.#setMeasuring();
      },
    };
  }

  /** Services that have been started, in the order of their first start; a stop goes through them backwards. */
  get started(): ServiceRuntime[] {
    return [...this.registry].filter(({ startOrdinal }) => startOrdinal > 0).sort((a, b) => a.startOrdinal - b.startOrdinal);
  }

  /** Remembers that the service has been started, if that is the first time. */
  noteStarted(service: ServiceRuntime): void {
    if (service.startOrdinal === 0) service.startOrdinal = ++this.#starts;
  }

  announceStarted(): void {
    this.#started.abort("the host has started");
  }

  /** From now on nothing outside is served. Asking again changes nothing. */
  announceStopping(reason: string): void {
    if (this.stopping) return;
    this.stopping = true;
    for (const service of this.registry) {
      service.refresh();
      service.workChanged(); // calls that wait for it to start learn that it will not
    }
    this.#stopping.abort(reason);
  }

  endWork(reason: Error): void {
    this.#work.abort(reason);
  }

  /** Calls back at each change of state of any service. */
  onPhase(listener: PhaseListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  serviceMoved(service: ServiceRuntime, before: ServicePhase): void {
    for (const listener of this.#listeners) listener(service, before);
  }

  serviceFailed(service: ServiceRuntime, error: SoraError): void {
    if (service.critical) this.onCriticalFailure?.(service, error);
  }

  /** The name a dependency stands under here, given as a class, a definition or anything else with a name. */
  nameOf(dependency: { readonly name: string }): string {
    if (typeof dependency === "function") return this.registry.nameOf(definitionOf(dependency));
    return isServiceDefinition(dependency) ? this.registry.nameOf(dependency) : dependency.name;
  }

  checkHealth(service: ServiceRuntime): Promise<ServiceHealth> {
    return this.health.check(service.name);
  }

  #setMeasuring(): void {
    if (this.measuring === this.#readers > 0) return;
    this.measuring = this.#readers > 0;
    for (const service of this.registry) for (const action of service.called.values()) action.refresh();
  }

  #compose(): void {
    this.interceptCall = composeInterceptors(this.#interceptors, "call");
    this.interceptRun = composeInterceptors(this.#interceptors, "run");
    this.interceptEvent = composeInterceptors(this.#interceptors, "event");
    for (const service of this.registry) service.refresh();
  }
}

/** Reads the configuration and makes the kernel over it; nothing runs yet. */
export async function createKernel(options: ResolvedHostOptions): Promise<HostKernel> {
  const written: { logger?: Logger } = {};
  const configuration = await loadConfiguration({
    ...(options.contentRoot === undefined ? undefined : { contentRoot: options.contentRoot }),
    ...(options.environment === undefined ? undefined : { environment: options.environment }),
    ...(options.env === undefined ? undefined : { env: options.env }),
    ...(options.configuration === undefined ? undefined : { overrides: options.configuration }),
    settingsFiles: options.settingsFiles,
    // The message says what, where and what to do; a stack would not help.
    report: error => written.logger?.error(error.message, SoraError.is(error) ? { code: error.code } : { error }),
  });
  const logger = options.logger ?? hostLogger(configuration);
  written.logger = logger;
  const kernel = new HostKernel(options, configuration, logger);
  options.onKernel?.(kernel);
  return kernel;
}
