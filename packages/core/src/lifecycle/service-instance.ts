import { InstanceContext } from "../actions/instance-context.ts";
import { rebindInstance } from "../definition/service-binding.ts";
import { SoraError } from "../errors/sora-error.ts";
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
  if (typeof instance !== "object" || instance === null || instance instanceof Promise) throw notAnInstance(service, instance);
  if (binding !== undefined) rebindInstance(instance, context);
  context.instance = instance;
  const { configure } = instance as { configure?: unknown };
  const configured = typeof configure === "function" ? (configure as () => unknown).call(instance) : undefined;
  if (configured instanceof Promise) throw configuresLater(service, configured);
  return instance;
}

function configuresLater(service: ServiceRuntime, configured: Promise<unknown>): SoraError {
  configured.catch(() => {}); // nobody else will
  return new SoraError("SORA_OPTION_INVALID", `Cannot make ${service.name}: its configure() returns a promise, and is not awaited.`, {
    details: { service: service.name },
    fix: "Do in configure() what can be done at once; wait in execute, in a startup service, or in an asynchronous factory of `provide`.",
  });
}

function notAnInstance(service: ServiceRuntime, made: unknown): SoraError {
  if (made instanceof Promise) made.catch(() => {}); // nobody else will
  return new SoraError(
    "SORA_OPTION_INVALID",
    `Cannot make ${service.name}: what \`provide\` has for its class gives ${made instanceof Promise ? "a promise" : String(made)}, not an instance.`,
    {
      details: { service: service.name },
      fix: "Give an instance, or a factory that returns one at once; what it needs to wait for can be a dependency of its own, whose factory may be asynchronous.",
    },
  );
}
