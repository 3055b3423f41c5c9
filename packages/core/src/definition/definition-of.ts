import { untilAborted } from "../time/until-aborted.ts";
import { HealthReport } from "../health/health-report.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ServiceCommand, ServiceCommandType } from "../commands/service-command.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { Duration } from "../time/duration.ts";
import { attach, attached } from "./attachment.ts";
import { existingMarks, mergeMarks, metadataOf } from "./class-marks.ts";
import { isOverride, overridden } from "./default-member.ts";
import { invalidNameProblem, isValidName, kebabCase } from "./names.ts";
import { createDefinition } from "./service-definition.ts";
import { validateAction, validateMember, validateOptions } from "./validate-definition.ts";
import type { ActionDefinition, ActionOptions } from "./action-definition.ts";
import type { ActionMark, ClassMarks } from "./class-marks.ts";
import type { Report } from "../options/option-check.ts";
import type { AnyServiceDefinition, ServiceBehaviour, ServiceMembers } from "./service-definition.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions } from "./service-options.ts";

type Instance = Record<string, (...args: unknown[]) => unknown>;

/** Where a class keeps its definition once it has been asked for. */
const definitionKey = Symbol.for("sora.definition.of");

/** The definition of a service class, decorated or not: made when first asked for, the same object each time. It never throws; problems are in it. */
export function definitionOf(target: Function): AnyServiceDefinition {
  const known = attached(target, definitionKey);
  if (known !== undefined) return known as AnyServiceDefinition;
  const definition = define(target);
  attach(target, definitionKey, definition);
  return definition;
}

/** True for a class whose own decorator declares it a service that is not abstract: the ones discovery takes. */
export function isServiceClass(value: unknown): value is Function {
  if (typeof value !== "function") return false;
  const own = existingMarks(value)?.service;
  return own !== undefined && own.options.abstract !== true;
}

function define(target: Function): AnyServiceDefinition {
  const classes = lineage(target);
  const marks = collectMarks(classes);
  const own = existingMarks(target)?.service;
  const prototype = (target.prototype ?? {}) as object;
  const kind = kindOf(classes, prototype);
  const options = optionsOf(classes);
  const name = nameGiven(prototype) ?? own?.options.name ?? own?.name ?? target.name;
  const problems: string[] = [...marks.problems];
  const report: Report = problem => void problems.push(problem);
  if (!isValidName(name)) report(invalidNameProblem("its name", name));
  if (own?.options.abstract === true) report("it is abstract: it serves as a base of others, which are listed in its place");
  validateOptions(options, kind, report);
  const actions = actionsOf(marks.actions.values(), prototype, report);
  const events = marks.events as ReadonlyMap<string, ServiceEvent<unknown, unknown>>;
  const behaviour = behaviourOf(target as new () => object, prototype);
  if (kind !== "background" && methodOf(prototype, "execute") === undefined) report(`a ${kind} service needs a method execute(signal)`);
  return createDefinition({ name, kind, options, actions, events, behaviour, problems });
}

/** What decorators left on the classes, their metadata and their methods; the nearest wins. */
function collectMarks(classes: readonly Function[]): ClassMarks {
  const all: ClassMarks = { actions: new Map(), events: new Map(), problems: [] };
  for (const one of classes) {
    const methods = Object.values(Object.getOwnPropertyDescriptors((one.prototype ?? {}) as object)).map(descriptor => descriptor.value as unknown);
    for (const holder of [one, metadataOf(one), ...methods]) {
      const marks = typeof holder === "object" || typeof holder === "function" ? existingMarks(holder as object) : undefined;
      if (marks !== undefined) mergeMarks(all, marks);
    }
  }
  return all;
}

/** The class, then its bases, nearest first. */
function lineage(target: Function): Function[] {
  const chain: Function[] = [];
  for (let one: unknown = target; typeof one === "function" && one !== Function.prototype; one = Object.getPrototypeOf(one)) chain.push(one);
  return chain;
}

/** Options inherit; a class's name, and that it is abstract, are its own, and when it runs replaces the base's whole plan. */
function optionsOf(classes: readonly Function[]): ServiceOptions {
  let options: ServiceOptions = {};
  for (const one of [...classes].reverse()) {
    const own = existingMarks(one)?.service?.options;
    if (own === undefined) continue;
    const { intervalSeconds: _seconds, every: _every, cron: _cron, timeZone: _zone, ...unplanned } = options;
    options = { ...(hasPlan(own) ? unplanned : options), ...own };
  }
  const { name: _name, abstract: _abstract, ...said } = options;
  return Object.freeze(said);
}

function hasPlan({ intervalSeconds, every, cron }: ServiceOptions): boolean {
  return (intervalSeconds ?? every ?? cron) !== undefined;
}

/** Periodic or startup where a decorator of the class or a base says so, else where it has such a member. */
function kindOf(classes: readonly Function[], prototype: object): ServiceKind {
  for (const one of classes) {
    const kind = existingMarks(one)?.service?.kind ?? "background";
    if (kind !== "background") return kind;
  }
  if ("executePeriodic" in prototype || "period" in prototype) return "periodic";
  return "startupOrder" in prototype ? "startup" : "background";
}

/** A name that a getter of the class gives without an instance; what a field gives is known only once there is one. */
function nameGiven(prototype: object): string | undefined {
  try {
    const name = overridden(prototype, "name", noInstance);
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined; // the getter needs an instance
  }
}

/** Stands for `this` where there is no instance: whoever asks it for anything has asked too early. */
const noInstance: object = new Proxy(
  {},
  {
    get() {
      throw new TypeError("there is no instance yet");
    },
  },
);

function actionsOf(marks: Iterable<ActionMark>, prototype: object, report: Report): ReadonlyMap<string, ActionDefinition> {
  const actions = new Map<string, ActionDefinition>();
  for (const { member, name: given, options, declared } of marks) {
    const name = kebabCase(member);
    validateAction(member, given ?? name, options, report);
    validateMember(member, report);
    if (given !== undefined && given !== name) report(`action ${member}: it is named "${given}", but its method's name in kebab case is "${name}"`);
    if (methodOf(prototype, member) === undefined) {
      report(`action ${member}: it is not a method`);
      continue;
    }
    if (options.parameters === undefined && declared > 2) report(`action ${member}: it declares ${declared} parameters; it takes (parameters, context)`);
    if (actions.has(name)) report(`action ${member}: "${name}" is already the name of ${actions.get(name)?.member}`);
    else actions.set(name, Object.freeze({ name, member, options, run: methodCall(member, options, declared) }));
  }
  return actions;
}

/** With a schema, or two declared parameters: (parameters, context). Else (context). */
function methodCall(member: string, options: ActionOptions, declared: number): ActionDefinition["run"] {
  return options.parameters !== undefined || declared >= 2
    ? (instance, parameters, context) => (instance as Instance)[member]?.(parameters, context)
    : (instance, _parameters, context) => (instance as Instance)[member]?.(context);
}

/** A method of the class or a base; nothing for a getter, which may need an instance. */
function methodOf(prototype: object, name: string): ((...args: never[]) => unknown) | undefined {
  for (let holder: object | null = prototype; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (descriptor !== undefined) return typeof descriptor.value === "function" ? (descriptor.value as (...args: never[]) => unknown) : undefined;
  }
  return undefined;
}

function behaviourOf(target: new () => object, prototype: object): ServiceBehaviour {
  const has = (member: string): boolean => methodOf(prototype, member) !== undefined;
  const overrides = (member: string): boolean => isOverride(methodOf(prototype, member));
  const behaviour: { -readonly [K in keyof ServiceBehaviour]: ServiceBehaviour[K] } = { create: () => new target(), token: target, members: membersOf };
  if (has("execute")) behaviour.execute = (context, instance) => (instance as Instance)["execute"]?.(context.signal);
  else behaviour.execute = ({ signal }, instance) => ((instance as Partial<Instance>)["execute"] ?? untilAborted).call(instance, signal);
  if (overrides("onTriggerNow")) behaviour.triggerNow = (context, instance) => (instance as Instance)["onTriggerNow"]?.(context.signal);
  if (overrides("onProcessBatch"))
    behaviour.processBatch = (instance, batch, context) => (instance as Instance)["onProcessBatch"]?.(batch.batchSize, batch.filter, context.signal);
  if (overrides("isReady")) behaviour.isReady = async (instance, signal) => Boolean(await (instance as Instance)["isReady"]?.(signal));
  if (overrides("check"))
    behaviour.check = async (instance, signal) => ((await (instance as Instance)["check"]?.(signal)) as HealthReport | undefined) ?? HealthReport.healthy();
  if (overrides("handleCommand"))
    behaviour.handleCommand = (instance, command: ServiceCommand, signal) => (instance as Instance)["handleCommand"]?.(command, signal);
  if (overrides("executeAction")) {
    behaviour.executeAction = (instance, action: string, parameters: unknown, context: ActionContext) =>
      (instance as Instance)["executeAction"]?.(action, parameters, context);
  }
  return behaviour;
}

function membersOf(instance: object): ServiceMembers {
  const members: { -readonly [K in keyof ServiceMembers]: ServiceMembers[K] } = {};
  const read = <T>(name: string, use: (value: T) => void): void => {
    const value = overridden(instance, name);
    if (value !== undefined) use(value as T);
  };
  read<string>("name", value => (members.name = value));
  read<boolean>("isCritical", value => (members.isCritical = value));
  read<Duration>("period", value => (members.period = value));
  read<Duration>("initialDelay", value => (members.initialDelay = value));
  read<boolean>("runOnStartup", value => (members.runOnStartup = value));
  read<number>("startupOrder", value => (members.startupOrder = value));
  read<readonly ServiceCommandType[]>("supportedCommands", value => (members.supportedCommands = value));
  return members;
}
