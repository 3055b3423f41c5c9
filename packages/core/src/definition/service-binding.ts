import { SoraError } from "../errors/sora-error.ts";
import { takeBinding } from "../injection/inject.ts";
import { silentLogger } from "../logging/logger.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ServiceContext } from "../actions/service-context.ts";
import type { ServiceCommand } from "../commands/service-command.ts";

/** What the base classes get from the host that makes them: a context as long as the instance, and the way on from their overridable doors. */
export interface ServiceBinding extends Omit<ServiceContext<unknown>, "correlationId" | "metadata" | "signal"> {
  /** Runs the action's method, where `executeAction` is called through `super`. */
  runAction(action: string, parameters: unknown, context: ActionContext): unknown;
  /** Refuses a command with `SORA_COMMAND_UNSUPPORTED`, listing what is supported. */
  refuseCommand(command: ServiceCommand): never;
}

/** Where an instance keeps its binding: registered, so that two copies of the package agree. */
const slot = Symbol.for("sora.binding");

function boundTo(instance: object): ServiceBinding | undefined {
  return (instance as Record<symbol, ServiceBinding | undefined>)[slot];
}

/** Binds `instance`, of a base class, to the host that is constructing it, if one is. */
export function bindInstance(instance: object): void {
  Object.defineProperty(instance, slot, { value: takeBinding(), writable: true });
}

/** Binds an instance of a base class that was made before its host, or that the host has had made in a way of the program's own. Leaves any other object alone. */
export function rebindInstance(instance: object, binding: ServiceBinding): void {
  if (slot in instance) (instance as Record<symbol, ServiceBinding>)[slot] = binding;
}

/** The binding of `instance`. @throws SoraError `SORA_HOST_NOT_RUNNING` for one made with `new` outside a host. */
export function bindingOf(instance: object): ServiceBinding {
  const binding = boundTo(instance);
  if (binding !== undefined) return binding;
  throw new SoraError("SORA_HOST_NOT_RUNNING", `Cannot use the host of this ${instance.constructor.name}: it was made with \`new\`, not by a host.`, {
    fix: "Let a host make it: `createTestHost({ services: [TheService] })` in a test.",
  });
}

/** The instance's logger; silent for one made outside a host, so that its plain methods can be tested alone. */
export function loggerOf(instance: object): ServiceContext["logger"] {
  return boundTo(instance)?.logger ?? silentLogger;
}
