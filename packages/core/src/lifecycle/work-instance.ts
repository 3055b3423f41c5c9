import { disposeValue } from "../injection/dispose-value.ts";
import { createInstance } from "./service-instance.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { CallScope } from "../injection/container.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** Calls `use` with the instance that this piece of work of `service` gets, and disposes of it afterwards where it is its own. */
export async function withInstance<R>(service: ServiceRuntime, context: WorkContext, use: (instance: object | undefined) => R): Promise<Awaited<R>> {
  const { lifetime = "singleton" } = service.definition.options;
  if (lifetime === "singleton") {
    try {
      return await use(service.instance);
    } finally {
      if (context.scope !== undefined) await endScope(service, context.scope);
    }
  }
  const scope = service.host.container.createScope();
  context.scope = scope;
  let own: object | undefined;
  try {
    own = service.definition.behaviour.create === undefined ? undefined : createInstance(service, scope);
    return await use(own);
  } finally {
    try {
      await disposeValue(own);
    } catch (error) {
      service.logger.error("An instance could not be disposed of", { error });
    }
    await endScope(service, scope);
  }
}

/** Disposes of what one call, run or instance has injected for itself. Never rejects. */
export async function endScope(service: ServiceRuntime, scope: CallScope): Promise<void> {
  try {
    await scope.dispose();
  } catch (error) {
    service.logger.error("A dependency could not be disposed of", { error });
  }
}
