import type { CallOptions } from "../actions/call-options.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { ActionDefinition } from "../definition/action-definition.ts";
import type { DurableCensus } from "../durable/durable-census.ts";
import type { EnqueuedCall } from "../durable/enqueue-call.ts";
import type { ScheduleOptions } from "../durable/schedule-recurrence.ts";
import type { ScheduledCall } from "../durable/schedule-call.ts";
import type { StoredActions } from "../durable/stored-actions.ts";
import type { StoredCallOptions } from "../durable/stored-call-options.ts";
import type { StoredSchedules } from "../durable/stored-schedules.ts";
import type { EventEnvelope } from "../events/event-envelope.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { AggregateHealth } from "../health/aggregate-health.ts";
import type { Liveness, Readiness } from "../health/readiness.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { HostDoor } from "../host/host-door.ts";
import type { HostLifetime } from "../host/host-lifetime.ts";
import type { ServiceInfo } from "../lifecycle/service-info.ts";
import type { ServiceStatus } from "../lifecycle/service-status.ts";
import type { Logger } from "../logging/logger.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { MetricsReader } from "../observe/metrics-reader.ts";
import type { StateWatcher } from "./state-change.ts";
import type { Clock } from "../time/clock.ts";
import type { Ids } from "../time/ids.ts";

/** An event as somebody who watches the whole host sees it. */
export type EventWatcher = (service: string, event: string, args: unknown, envelope: EventEnvelope) => void;

/** One service of a host, by name and without types: what every door from outside needs. */
export interface ServiceControl {
  readonly name: string;
  readonly actions: ReadonlyMap<string, ActionDefinition>;
  readonly events: ReadonlyMap<string, ServiceEvent<unknown, unknown>>;
  status(): ServiceStatus;
  health(): Promise<ServiceHealth>;
  info(): Promise<ServiceInfo>;
  /**
   * Calls an action or a built-in command by name, through the one way in, as from outside: even where the asking code runs inside some call or run of the host, it is no part of that.
   * `SORA_ACTION_UNKNOWN` and all else reject.
   */
  call(action: string, parameters: unknown, options?: CallOptions): Promise<unknown>;
  /** Stores a call of the action, as the fluent API's `enqueue` does, with options that have been checked; what it cannot store rejects. */
  enqueue(action: string, parameters: unknown, options?: CallOptions, stored?: StoredCallOptions): Promise<EnqueuedCall>;
  /**
   * Makes or changes the schedule of this id, as the fluent API's `schedule` does, but that what is not said here (parameters, priority, timeout, metadata, and the retry policy, which cannot be) stays as the
   * schedule has it, where that is for the same action: doors show no parameters, so whoever changes the time of a schedule cannot send what it had.
   */
  schedule(id: string, action: string, parameters: unknown, when: ScheduleOptions, options?: CallOptions): Promise<ScheduledCall>;
  start(): Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
}

/**
 * A host as control planes see it: everything by name, checked where it enters the host and nowhere else. HTTP, command lines and dashboards stand on this port
 * alone.
 */
export interface HostControl {
  readonly name: string;
  readonly environment: string;
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly lifetime: HostLifetime;
  /** Every service, in the order of registration. */
  services(): Iterable<ServiceControl>;
  /** The service of this name, whatever its case. @throws SoraError `SORA_SERVICE_UNKNOWN` with the nearest name. */
  find(name: string): ServiceControl;
  /** Sees every event of the host from now on, synchronously; what it throws is logged. */
  watch(watcher: EventWatcher): Disposable;
  /** Sees every change of a service's state from now on, synchronously; what it throws is logged. */
  watchStates(watcher: StateWatcher): Disposable;
  /** Attaches a reader of metrics. While there is any, calls and runs are timed, which costs each two looks at the clock. */
  metrics(): MetricsReader;
  /** Has the host's stop close `door`, until what is returned is disposed of. */
  addDoor(door: HostDoor): Disposable;
  /** Stored actions, schedules, and the outbox. Asking any of them opens the host's store, where it has none yet: see {@link hasStore}. */
  readonly actions: StoredActions;
  readonly schedules: StoredSchedules;
  readonly outbox: Outbox;
  /** Whether there is a store to ask: the host was given one, or work was stored in the default one. Where there is none nothing is stored, and a question need not make one. */
  hasStore(): boolean;
  /** What became of stored actions here, and how many wait; `undefined` for a host that has no store open. */
  durable(): Promise<DurableCensus | undefined>;
  live(): Liveness;
  ready(): Promise<Readiness>;
  health(): Promise<AggregateHealth>;
}
