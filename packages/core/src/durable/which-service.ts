import { checkedName } from "../definition/names.ts";
import { definitionOf } from "../definition/definition-of.ts";
import { isServiceContract } from "../definition/service-contract.ts";
import { isServiceDefinition } from "../definition/service-definition.ts";
import type { ServiceTarget } from "../fluent/shape-of.ts";
import type { DurableRuntime } from "./durable-runtime.ts";

/** @throws SoraError `SORA_OPTION_INVALID` for what is neither a target nor a name that a service can have. */
export function assertService(service: unknown): asserts service is string | ServiceTarget {
  if (!isTarget(service)) checkedName("service", service);
}

/** The name that this host, else the service itself, has it by. */
export function nameOfService({ host: { registry } }: DurableRuntime, service: string | ServiceTarget): string {
  if (!isTarget(service)) return service;
  if (isServiceContract(service)) return service.name;
  return registry.nameOf(isServiceDefinition(service) ? service : definitionOf(service as never));
}

function isTarget(service: unknown): service is ServiceTarget {
  return typeof service === "function" || isServiceDefinition(service) || isServiceContract(service);
}
