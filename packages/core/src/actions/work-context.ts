import { parseDuration } from "../time/duration.ts";
import { periodicTimer } from "../time/periodic-timer.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ServiceClientFactory } from "../fluent/service-client-factory.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { HostLifetime } from "../host/host-lifetime.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { Clock } from "../time/clock.ts";
import type { Logger } from "../logging/logger.ts";
import type { PeriodicObserver } from "../time/periodic-timer.ts";
import type { CallScope } from "../injection/container.ts";
import type { InjectionScope } from "../injection/provider.ts";
import type { CallMetadata, ServiceContext } from "./service-context.ts";

const noMetadata: CallMetadata = Object.freeze({});

/**
 * What every piece of work has in common, whoever began it. Contexts form a tree by `parent`: correlation, metadata, cancellation and deadlines flow
 * down it. Each member is made when first asked for, so what a call does not use costs nothing.
 */
export abstract class WorkContext implements ServiceContext {
  readonly runtime: ServiceRuntime;
  readonly parent: WorkContext | undefined;
  /** Dependencies of this call or run; absent where it has none of its own. */
  scope: CallScope | undefined = undefined;
  /** Whether somebody can cancel this work on its own: a caller's signal or a deadline, here or further up. */
  cancellable = false;
  protected ownCorrelationId: string | undefined = undefined;
  protected ownMetadata: CallMetadata | undefined = undefined;

  constructor(runtime: ServiceRuntime, parent: WorkContext | undefined) {
    this.runtime = runtime;
    this.parent = parent;
  }

  abstract get signal(): AbortSignal;

  get host(): HostKernel {
    return this.runtime.host;
  }

  get service(): string {
    return this.runtime.name;
  }

  get logger(): Logger {
    return this.runtime.logger;
  }

  get configuration(): Configuration {
    return this.runtime.configuration;
  }

  get settings(): Readonly<Record<string, unknown>> {
    return this.runtime.settings as Readonly<Record<string, unknown>>;
  }

  get clock(): Clock {
    return this.host.clock;
  }

  get lifetime(): HostLifetime {
    return this.host.lifetime;
  }

  get correlationId(): string {
    return (this.ownCorrelationId ??= this.parent?.flowingCorrelationId() ?? this.host.ids.next());
  }

  get metadata(): CallMetadata {
    return this.ownMetadata ?? this.parent?.metadata ?? noMetadata;
  }

  get services(): ServiceClientFactory {
    return service => this.host.clientFor(service, this) as never;
  }

  /** The piece of work at the root of this one. */
  origin(): WorkContext {
    let context: WorkContext = this;
    while (context.parent !== undefined) context = context.parent;
    return context;
  }

  /** Whether this is part of work of `service`. */
  comesFrom(service: ServiceRuntime): boolean {
    for (let context: WorkContext | undefined = this; context !== undefined; context = context.parent) if (context.runtime === service) return true;
    return false;
  }

  /** Whether it is over. What it has left behind, such as a timer or a listener that makes calls, is not bound by its deadline, and holds up no stop. */
  get ended(): boolean {
    return false;
  }

  /** Whether it is over, or was left behind by work that is. */
  get isLeftover(): boolean {
    for (let context: WorkContext | undefined = this; context !== undefined; context = context.parent) if (context.ended) return true;
    return false;
  }

  /** Whether it ends without being told to, as calls and periodic runs do; a long `execute` does not. */
  get endsByItself(): boolean {
    return false;
  }

  /** Whether it is the work without which its service has not started. */
  get startsService(): boolean {
    return false;
  }

  /** Whether the host waits for it with the start of the services that follow. */
  get holdsUpStart(): boolean {
    return false;
  }

  /** The correlation id that calls made from here carry on, and log lines show; `undefined` where each call from here is a story of its own. */
  flowingCorrelationId(): string | undefined {
    return this.correlationId;
  }

  /** When the patience of whoever waits for this ends, on the monotonic clock; that of the work around it is counted in. */
  get monotonicDeadline(): number {
    return Infinity;
  }

  // What a service takes out of its context, as in `async ({ emit, delay }) => …`, must work by itself: so these are functions that know their context.
  get emit(): ServiceContext["emit"] {
    return (event: ServiceEvent | string, args?: unknown) => this.runtime.emit(event, args, this);
  }

  get delay(): ServiceContext["delay"] {
    return async (duration, signal = this.signal) => {
      await this.host.clock.sleep(parseDuration(duration, "delay"), signal);
      this.noteProgress();
    };
  }

  get periodicTimer(): ServiceContext["periodicTimer"] {
    return (period, signal = this.signal) => periodicTimer(this.host.clock, period, signal, this.watchLoop(parseDuration(period, "period")));
  }

  get inject(): ServiceContext["inject"] {
    return key => this.scopeFor(key).get(key);
  }

  get progress(): ServiceContext["progress"] {
    return () => this.noteProgress();
  }

  /** Calls and handlers are activity; only a run's progress is its service's, so that a busy action does not hide a stuck loop. */
  protected noteProgress(): void {
    this.runtime.noteActivity();
  }

  protected watchLoop(_period: number): PeriodicObserver | undefined {
    return undefined;
  }

  /** Whether whoever runs this disposes of its {@link scope} at the end, so that it may have one. */
  protected get endsScope(): boolean {
    return false;
  }

  /** Where a dependency is looked for: among what this work has of its own, a scope that is made when first needed, else with the host. */
  private scopeFor(key: object): InjectionScope {
    const { container } = this.host;
    if (this.scope === undefined && this.endsScope && !container.isShared(key)) this.scope = container.createScope();
    return this.scope ?? container;
  }
}
