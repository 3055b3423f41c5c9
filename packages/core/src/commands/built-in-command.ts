import { SoraError } from "../errors/sora-error.ts";
import { nearestName } from "../options/nearest-name.ts";
import { ActionRuntime } from "../actions/action-runtime.ts";
import { ExecutionContext } from "../actions/execution-context.ts";
import { withInstance } from "../lifecycle/work-instance.ts";
import type { WorkContext } from "../actions/work-context.ts";
import { PeriodicRunner } from "../lifecycle/periodic-runner.ts";
import { CheckQueueCommand, ProcessBatchCommand, ServiceCommand, TriggerNowCommand } from "./service-command.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ActionDefinition } from "../definition/action-definition.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ServiceCommandType } from "./service-command.ts";

/** The commands every door knows by name, and the class each stands for. */
export const commandNames: {
  readonly trigger: typeof TriggerNowCommand;
  readonly "check-queue": typeof CheckQueueCommand;
  readonly "process-batch": typeof ProcessBatchCommand;
} = { trigger: TriggerNowCommand, "check-queue": CheckQueueCommand, "process-batch": ProcessBatchCommand };

type CommandName = keyof typeof commandNames;

/** What `process-batch` takes: an object with an optional `batchSize`, 1 or more, and an optional `filter`. */
const batchSchema: StandardSchemaV1 = {
  "~standard": {
    version: 1,
    vendor: "sora",
    validate(value) {
      if (value === undefined || value === null) return { value: {} };
      if (typeof value !== "object" || Array.isArray(value)) return { issues: [{ message: "expected an object" }] };
      const { batchSize, filter } = value as { batchSize?: unknown; filter?: unknown };
      const issues: StandardSchemaV1.Issue[] = [];
      if (batchSize !== undefined && !(Number.isInteger(batchSize) && (batchSize as number) >= 1))
        issues.push({ message: "expected an integer, 1 or more", path: ["batchSize"] });
      if (filter !== undefined && typeof filter !== "string") issues.push({ message: "expected a string", path: ["filter"] });
      if (issues.length === 0 && value instanceof ServiceCommand) return { value };
      return issues.length > 0
        ? { issues }
        : { value: { ...(batchSize === undefined ? undefined : { batchSize }), ...(filter === undefined ? undefined : { filter }) } };
    },
  },
};

/**
 * The action behind a name that the service does not declare: a command. A periodic service runs; others are asked through `handleCommand`.
 *
 * @throws SoraError `SORA_ACTION_UNKNOWN` for any other name, `SORA_COMMAND_UNSUPPORTED` where nothing handles the command.
 */
export function builtInCommand(service: ServiceRuntime, name: string): ActionRuntime {
  if (!Object.hasOwn(commandNames, name)) throw unknownAction(service, name);
  const command = name as CommandName;
  if (service.kind === "periodic") return new ActionRuntime(service, periodicCommand(service, command), false);
  if (!handles(service, commandNames[command])) throw unsupported(service, commandNames[command].name);
  return service.command(name);
}

/** Whether the name stands for a run of the service, which of a singleton only the host has that holds its lease. */
export function isRun({ kind, definition: { actions, behaviour } }: ServiceRuntime, name: string): boolean {
  if (kind !== "periodic" || actions.has(name) || !Object.hasOwn(commandNames, name)) return false;
  return name !== "process-batch" || behaviour.processBatch === undefined;
}

function periodicCommand(service: ServiceRuntime, command: CommandName): ActionDefinition {
  if (command !== "process-batch")
    return {
      name: command,
      member: command,
      options: {},
      run: (_instance, _parameters, context) => orGoOn(service, context as unknown as WorkContext, runnerOf(service).poke()),
    };
  const { processBatch } = service.definition.behaviour;
  return {
    name: command,
    member: command,
    options: { parameters: batchSchema },
    run: (_instance, batch, context) =>
      processBatch === undefined
        ? orGoOn(service, context as unknown as WorkContext, runnerOf(service).batch())
        : withInstance(service, context as never, instance => processBatch(instance, batch as object, context)),
  };
}

/**
 * A run that was asked for. A run that asks for another of its own service would wait for what cannot begin before it ends itself: it asks, and goes on.
 */
function orGoOn(service: ServiceRuntime, context: WorkContext, run: Promise<void>): Promise<void> {
  for (let work = context.parent; work !== undefined; work = work.parent) {
    if (!(work instanceof ExecutionContext) || work.runtime !== service) continue;
    run.catch(() => {}); // noted where it runs
    return Promise.resolve();
  }
  return run;
}

/** The action that hands commands to `handleCommand`: the command objects it is called with, or for the known names one that is made of the parameters. */
export function handledCommand(service: ServiceRuntime, name: string): ActionDefinition {
  return {
    name,
    member: "handleCommand",
    options: name === "process-batch" ? { parameters: batchSchema } : {},
    run: (_instance, parameters, context) => {
      const command = parameters instanceof ServiceCommand ? parameters : new commandNames[name as CommandName](parameters ?? {});
      command.serviceName = service.name;
      command.correlationId ??= context.correlationId;
      return withInstance(service, context as never, instance => service.definition.behaviour.handleCommand?.(instance, command, context.signal));
    },
  };
}

/** Whether the service says it takes commands of this class: by listing it, or by handling commands without a list. */
export function handles(service: ServiceRuntime, type: ServiceCommandType): boolean {
  const { behaviour } = service.definition;
  if (behaviour.handleCommand === undefined) return false;
  const listed = service.members.supportedCommands ?? behaviour.supportedCommands;
  return listed === undefined || listed.some(one => type === one || type.prototype instanceof one);
}

/** Names of the commands a service takes, for messages and descriptions. */
export function supportedCommandNames(service: ServiceRuntime): string[] {
  const { behaviour } = service.definition;
  const listed = behaviour.handleCommand === undefined ? [] : (service.members.supportedCommands ?? behaviour.supportedCommands ?? []).map(type => type.name);
  const named = (Object.keys(commandNames) as CommandName[])
    .filter(name => service.kind === "periodic" || service.definition.actions.has(name))
    .map(name => commandNames[name].name);
  return [...new Set([...named, ...listed, "HealthCheckCommand", "StatusCommand"])];
}

export function unsupported(service: ServiceRuntime, command: string): SoraError {
  const supported = supportedCommandNames(service);
  return new SoraError("SORA_COMMAND_UNSUPPORTED", `Cannot send ${command} to ${service.name}: it takes ${supported.join(", ")}.`, {
    details: { service: service.name, command, supported },
  });
}

function unknownAction(service: ServiceRuntime, name: string): SoraError {
  const known = [...service.definition.actions.keys(), ...(service.kind === "periodic" ? Object.keys(commandNames) : [])];
  const shown = typeof name === "string" ? name.slice(0, 80) : String(name);
  const nearest = nearestName(shown, known);
  const list = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  return new SoraError(
    "SORA_ACTION_UNKNOWN",
    `Service ${service.name} has no action "${shown}"; ${nearest === undefined ? list : `did you mean "${nearest}"? ${list[0]?.toUpperCase()}${list.slice(1)}`}.`,
    { details: { service: service.name, action: shown, known, ...(nearest === undefined ? undefined : { nearest }) } },
  );
}

function runnerOf(service: ServiceRuntime): PeriodicRunner {
  if (service.work instanceof PeriodicRunner) return service.work;
  throw new SoraError("SORA_SERVICE_UNAVAILABLE", `Cannot run ${service.name}: it is ${service.state.phase}.`, {
    details: { service: service.name, state: service.state.phase },
  });
}
