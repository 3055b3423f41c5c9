import { scheduleAction } from "../fluent/enqueue-chain.ts";
import { SoraError } from "../errors/sora-error.ts";
import { shown } from "../options/shown.ts";
import { serviceInfo, serviceStatus } from "../lifecycle/service-snapshots.ts";
import { describeError } from "../errors/describe-error.ts";
import { readMetrics } from "../observe/metrics-reader.ts";
import { stateChange } from "./state-change.ts";
import { kernelOf } from "../host/kernel-of.ts";
import type { CallOptions } from "../actions/call-options.ts";
import type { ActionDefinition } from "../definition/action-definition.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { EnqueuedCall } from "../durable/enqueue-call.ts";
import type { ScheduleOptions } from "../durable/schedule-recurrence.ts";
import type { StoredCallOptions } from "../durable/stored-call-options.ts";
import type { ScheduledCall } from "../durable/schedule-call.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { SoraHost } from "../host/sora-host.ts";
import type { ServiceInfo } from "../lifecycle/service-info.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ServiceStatus } from "../lifecycle/service-status.ts";
import type { StateWatcher } from "./state-change.ts";
import type { HostControl, ServiceControl } from "./host-control.ts";

/** The control port of a host that starts, runs or stops. @throws SoraError `SORA_HOST_NOT_RUNNING` for one that has not, `SORA_OPTION_INVALID` for what is no host. */
export function controlOf(host: SoraHost): HostControl {
  if (typeof (host as Partial<SoraHost> | undefined)?.[kernelOf] !== "function")
    throw new SoraError("SORA_OPTION_INVALID", `Cannot control ${shown(host)}: it is no host.`, { fix: "Give what `await SoraHost.start(…)` returned." });
  const kernel = host[kernelOf]();
  return {
    name: kernel.name,
    environment: kernel.environment,
    configuration: kernel.configuration,
    logger: kernel.logger,
    clock: kernel.clock,
    ids: kernel.ids,
    lifetime: kernel.lifetime,
    services: () => controls(host, kernel),
    find: name => new RuntimeControl(host, kernel.registry.find(name)),
    watch: watcher => kernel.hub.tap(watcher),
    watchStates: watcher => watchStates(kernel, watcher),
    metrics: () => readMetrics(kernel),
    addDoor: door => {
      kernel.doors.add(door);
      return { [Symbol.dispose]: () => void kernel.doors.delete(door) };
    },
    actions: host.actions,
    schedules: host.schedules,
    outbox: host.outbox,
    hasStore: () => kernel.durable.exists,
    durable: async () => kernel.durable.current?.census(),
    live: () => kernel.health.live(),
    ready: () => kernel.health.ready(),
    health: () => kernel.health.report(),
  };
}

function watchStates(kernel: HostKernel, watcher: StateWatcher): Disposable {
  const stop = kernel.onPhase((service, before) => {
    try {
      watcher(stateChange(service, before));
    } catch (error) {
      kernel.logger.error(`A listener to state changes failed at ${service.name}: ${describeError(error)}`, { service: service.name });
    }
  });
  return { [Symbol.dispose]: stop };
}

function* controls(host: SoraHost, kernel: HostKernel): Generator<ServiceControl> {
  for (const service of kernel.registry) yield new RuntimeControl(host, service);
}

class RuntimeControl implements ServiceControl {
  readonly #host: SoraHost;
  readonly #service: ServiceRuntime;

  constructor(host: SoraHost, service: ServiceRuntime) {
    this.#host = host;
    this.#service = service;
  }

  get name(): string {
    return this.#service.name;
  }

  get actions(): ReadonlyMap<string, ActionDefinition> {
    return this.#service.definition.actions;
  }

  get events(): ReadonlyMap<string, ServiceEvent<unknown, unknown>> {
    return this.#service.definition.events;
  }

  status(): ServiceStatus {
    return serviceStatus(this.#service);
  }

  health(): Promise<ServiceHealth> {
    return this.#service.host.checkHealth(this.#service);
  }

  info(): Promise<ServiceInfo> {
    return serviceInfo(this.#service);
  }

  call(action: string, parameters: unknown, options?: CallOptions): Promise<unknown> {
    try {
      return this.#service.action(action).call(parameters, undefined, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async enqueue(action: string, parameters: unknown, options?: CallOptions, stored?: StoredCallOptions): Promise<EnqueuedCall> {
    const runtime = await this.#service.host.durable.open();
    const { enqueueCall } = await import("../durable/enqueue-call.ts");
    return enqueueCall(runtime, { target: this.name, action, parameters, options, stored });
  }

  schedule(id: string, action: string, parameters: unknown, when: ScheduleOptions, options?: CallOptions): Promise<ScheduledCall> {
    const step = { action, parameters, options, stored: undefined };
    return scheduleAction({ target: this.name, host: this.#service.host, parent: undefined }, [step], id, when, true);
  }

  start(): Promise<void> {
    return this.#host.startService(this.name);
  }

  stop(): Promise<void> {
    return this.#host.stopService(this.name);
  }

  restart(): Promise<void> {
    return this.#host.restartService(this.name);
  }
}
