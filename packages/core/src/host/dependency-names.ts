import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";

const none: readonly string[] = Object.freeze([]);

/** Names in `dependsOn`, of services and contributors alike. */
export function dependencyNames(service: ServiceRuntime): readonly string[] {
  const { dependsOn } = service.definition.options;
  if (dependsOn === undefined) return none;
  return (Array.isArray(dependsOn) ? dependsOn : [dependsOn]).map(one => (typeof one === "string" ? one : service.host.nameOf(one)));
}
