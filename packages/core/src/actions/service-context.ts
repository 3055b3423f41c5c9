import type { Configuration } from "../configuration/configuration.ts";
import type { EmitArguments } from "../events/emit-arguments.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ServiceClientFactory } from "../fluent/service-client-factory.ts";
import type { HostLifetime } from "../host/host-lifetime.ts";
import type { Injectable } from "../injection/token.ts";
import type { Clock } from "../time/clock.ts";
import type { Logger } from "../logging/logger.ts";
import type { Duration } from "../time/duration.ts";
import type { PeriodicTick } from "../time/periodic-timer.ts";

/** Values that travel with a call to the calls it makes. */
export type CallMetadata = Readonly<Record<string, unknown>>;

/** What a service has at hand while it works. Its functions know their context, so they may be taken out of it: `async ({ emit, delay }) => …`. */
export interface ServiceContext<Settings = Readonly<Record<string, unknown>>> {
  /** The service's name. */
  readonly service: string;
  /** Aborted when this work is to end: its caller gave up, its time is over, or its service stops. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** The service's own section. */
  readonly configuration: Configuration;
  /** The `Settings` section, checked and shaped by the service's `settings` schema where it has one. */
  readonly settings: Settings;
  /** The host's clock: what time it is for everything this host does. */
  readonly clock: Clock;
  /** When the host has started, and when it begins to stop. */
  readonly lifetime: HostLifetime;
  /** The same for all calls that one outer call led to; it is in every log line written inside. */
  readonly correlationId: string;
  readonly metadata: CallMetadata;
  /** The fluent API, bound to this host and this call: cheaper than the ambient one, and works with ambient flow off. */
  readonly services: ServiceClientFactory;
  /** Resolves when this process's subscribers have finished, after 30 s at most. */
  emit<E extends ServiceEvent<any, any> | string>(this: void, event: E, ...args: EmitArguments<E>): Promise<void>;
  /** Waits on the host's clock; rejects with the signal's reason when it aborts. The context's own signal by default. */
  delay(this: void, duration: Duration, signal?: AbortSignal): Promise<void>;
  /** Ticks on the host's clock until the signal aborts; the context's own signal by default. */
  periodicTimer(this: void, period: Duration, signal?: AbortSignal): AsyncIterable<PeriodicTick>;
  /** A dependency from the host's `provide`, in this call's scope. */
  inject<T>(this: void, key: Injectable<T>): T;
  /** Tells that work moves on, and how far; keeps a long run from counting as stalled. */
  progress(this: void, value?: unknown): void;
}
