import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { DefinitionProblem } from "./register-services.ts";
import type { HostKernel } from "./host-kernel.ts";

/** Without a store that hosts share, nothing keeps two of them from running a service at once. */
export function singletonProblems(host: HostKernel, services: readonly ServiceRuntime[]): DefinitionProblem[] {
  const { current } = host.durable;
  if (current?.cluster !== undefined && current.store.shared) return [];
  const alone = services.filter(service => service.definition.options.singleton === true);
  if (host.environment === "Production")
    return alone.map(service => ({ service: service.name, problem: "`singleton: true` needs a store that all hosts share, and this host has none" }));
  for (const service of alone) service.logger.warn("`singleton: true` holds for this process only: the host has no store that others share");
  return [];
}
