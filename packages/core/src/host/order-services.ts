import { defaultPriority, priorityOf, startupOrderOf } from "../lifecycle/effective-options.ts";
import { dependencyNames } from "./dependency-names.ts";
import { startOrder } from "./start-order.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { Startable, StartOrder } from "./start-order.ts";

/** A service and what its place in the start depends on. */
interface Planned extends Startable {
  readonly service: ServiceRuntime;
}

/** Every service of the host in the order of a start, whatever keeps it from starting now. */
export function inStartOrder(host: HostKernel): ServiceRuntime[] {
  return [...inOrder(host.registry.list()).ordered];
}

/** The order of a start, which is the given one where nothing says otherwise. */
export function inOrder(services: readonly ServiceRuntime[]): StartOrder<ServiceRuntime> {
  if (services.every(hasNoPlace)) return { ordered: services, problems: [] };
  const { ordered, problems } = startOrder(services.map(plan));
  return { ordered: ordered.map(({ service }) => service), problems };
}

function hasNoPlace(service: ServiceRuntime): boolean {
  return service.kind !== "startup" && service.definition.options.dependsOn === undefined && priorityOf(service) === defaultPriority;
}

function plan(service: ServiceRuntime): Planned {
  return {
    service,
    name: service.name,
    kind: service.kind,
    startupOrder: service.kind === "startup" ? startupOrderOf(service) : 0,
    priority: priorityOf(service),
    after: dependencyNames(service),
  };
}
