import { InstanceContext } from "../actions/instance-context.ts";
import { constructIn } from "../injection/inject.ts";
import type { InjectionScope } from "../injection/provider.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** Makes an instance of a service, by the host's `provide` where that names its class. `inject()` answers from `scope` meanwhile. */
export function createInstance(service: ServiceRuntime, scope: InjectionScope): object {
  const { create, token } = service.definition.behaviour;
  const binding = token === undefined ? undefined : service.host.container.binding(token);
  const context = new InstanceContext(service);
  const instance = constructIn(scope, context, () => {
    if (binding?.kind === "value") return binding.value as object;
    return binding === undefined ? (create as () => object)() : (binding.make(scope) as object);
  });
  context.instance = instance;
  const { configure } = instance as { configure?: unknown };
  if (typeof configure === "function") (configure as () => unknown).call(instance);
  return instance;
}
