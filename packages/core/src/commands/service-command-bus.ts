import { kebabCase } from "../definition/names.ts";
import { currentContext } from "../host/ambient.ts";
import { carriedOptions } from "../actions/carried-options.ts";
import { serviceStatus } from "../lifecycle/service-snapshots.ts";
import { commandNames, handles, unsupported } from "./built-in-command.ts";
import { HealthCheckCommand, StatusCommand } from "./service-command.ts";
import { token } from "../injection/token.ts";
import type { Token } from "../injection/token.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ServiceTarget } from "../fluent/shape-of.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ServiceCommand, ProcessBatchCommand } from "./service-command.ts";

/** Sends commands to services by name, class or definition: the same door as `do("trigger")` and the HTTP routes. */
export interface ServiceCommandBus {
  /**
   * Resolves with what the command led to: a run, a batch's result, a `ServiceHealth`, a `ServiceStatus`, or what `handleCommand` returned.
   *
   * @throws SoraError `SORA_SERVICE_UNKNOWN`, `SORA_COMMAND_UNSUPPORTED` listing what is supported, and whatever a call can.
   */
  send(service: string | ServiceTarget, command: ServiceCommand): Promise<unknown>;
}

/** Injects the bus: `readonly #bus = inject(ServiceCommandBus)`. */
export const ServiceCommandBus: Token<ServiceCommandBus> = token<ServiceCommandBus>("ServiceCommandBus");

/** The bus of a host. */
export function createCommandBus(host: HostKernel): ServiceCommandBus {
  return { send: (target, command) => send(host, target, command) };
}

async function send(host: HostKernel, target: string | ServiceTarget, command: ServiceCommand): Promise<unknown> {
  const service = host.registry.find(target);
  if (command instanceof StatusCommand) return serviceStatus(service);
  if (command instanceof HealthCheckCommand) return host.health.checkNow(service.name);
  const caller = currentContext();
  const parent = caller?.host === host ? caller : undefined;
  const given = command.correlationId === undefined ? undefined : { correlationId: command.correlationId };
  const options = caller === undefined || parent !== undefined ? given : carriedOptions(caller, given);
  const known = Object.entries(commandNames).find(([, type]) => command instanceof type)?.[0];
  if (known !== undefined && (service.definition.actions.has(known) || service.kind === "periodic")) {
    return service.action(known).call(known === "process-batch" ? batchOf(command) : undefined, parent, options);
  }
  const type = command.constructor as new () => ServiceCommand;
  if (!handles(service, type)) throw unsupported(service, type.name);
  return service.command(known ?? nameOf(service, type)).call(command, parent, options);
}

/** A command of the user's own goes by its class's name, set apart from an action that is called the same. */
function nameOf(service: ServiceRuntime, type: new () => ServiceCommand): string {
  const name = kebabCase(type.name.replace(/Command$/, ""));
  return service.definition.actions.has(name) ? `${name}-command` : name;
}

function batchOf(command: ServiceCommand): object {
  const { batchSize, filter } = command as ProcessBatchCommand;
  return { ...(batchSize === undefined ? undefined : { batchSize }), ...(filter === undefined ? undefined : { filter }) };
}
