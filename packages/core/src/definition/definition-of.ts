import { HealthReport } from "../health/health-report.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ServiceCommand, ServiceCommandType } from "../commands/service-command.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { Duration } from "../time/duration.ts";
import { existingMarks, mergeMarks } from "./class-marks.ts";
import { isOverride, overridden } from "./default-member.ts";
import { invalidNameProblem, isValidName, kebabCase } from "./names.ts";
import { createDefinition } from "./service-definition.ts";
import { validateAction, validateEvent, validateOptions } from "./validate-definition.ts";
import type { ActionDefinition, ActionOptions } from "./action-definition.ts";
import type { ActionMark, ClassMarks } from "./class-marks.ts";
import type { AnyServiceDefinition, ServiceBehaviour, ServiceMembers } from "./service-definition.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions } from "./service-options.ts";

type Instance = Record<string, (...args: unknown[]) => unknown>;

/** Where a class keeps its definition once it has been asked for. */
const slot = Symbol.for("sora.definition.of");

/** The definition of a service class, decorated or not. The same object each time; it never throws, problems are in it. */
export function definitionOf(target: Function): AnyServiceDefinition {
  if (Object.hasOwn(target, slot)) return (target as unknown as Record<symbol, AnyServiceDefinition>)[slot] as AnyServiceDefinition;
  const definition = define(target);
  Object.defineProperty(target, slot, { value: definition });
  return definition;
}

/** True for a class whose own decorator declares it a service that is not abstract: the ones discovery takes. */
export function isServiceClass(value: unknown): value is Function {
  if (typeof value !== "function") return false;
  const own = existingMarks(value)?.service;
  return own !== undefined && own.options.abstract !== true;
}

function define(target: Function): AnyServiceDefinition {
  const marks = collectMarks(target);
  const own = existingMarks(target)?.service;
  const prototype = (target.prototype ?? {}) as object;
  const kind = kindOf(marks, prototype);
  const options = optionsOf(target);
  const name = own?.options.name ?? overriddenName(prototype) ?? own?.name ?? target.name;
  const problems: string[] = [...marks.problems];
  const report = (problem: string): void => void problems.push(problem);
  if (!isValidName(name)) report(invalidNameProblem("its name", name));
  validateOptions(options, kind, report);
  const actions = actionsOf(marks.actions.values(), prototype, report);
  const events = new Map<string, ServiceEvent<unknown, unknown>>();
  for (const event of marks.events.values()) {
    validateEvent(event, report);
    if (event !== undefined) events.set(event.name, event);
  }
  const behaviour = behaviourOf(target as new () => object, prototype as Instance);
  if (kind !== "background" && behaviour.execute === undefined) report(`a ${kind} service needs a method execute(signal)`);
  return createDefinition({ name, kind, options: Object.freeze(options), actions, events, behaviour: Object.freeze(behaviour), problems: Object.freeze(problems) });
}

/** What decorators left on the class, its bases, their metadata and their methods; the nearest wins. */
function collectMarks(target: Function): ClassMarks {
  const all: ClassMarks = { actions: new Map(), events: new Map(), problems: [] };
  for (const one of lineage(target)) {
    const metadata = (one as unknown as Record<symbol, unknown>)[Symbol.metadata ?? Symbol.for("Symbol.metadata")];
    const prototype = one.prototype as object | undefined;
    const methods = prototype === undefined ? [] : Object.values(Object.getOwnPropertyDescriptors(prototype)).map(descriptor => descriptor.value as unknown);
    for (const holder of [one, metadata, ...methods]) {
      const marks = typeof holder === "object" || typeof holder === "function" ? existingMarks(holder as object) : undefined;
      if (marks === undefined) continue;
      mergeMarks(all, marks);
      all.service ??= marks.service as NonNullable<ClassMarks["service"]>;
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

/** Options inherit, except what is one class's own. */
function optionsOf(target: Function): ServiceOptions {
  let options: ServiceOptions = {};
  for (const one of lineage(target).reverse()) {
    const mark = existingMarks(one)?.service;
    if (mark === undefined) continue;
    const { name: _name, abstract: _abstract, ...inherited } = options;
    options = { ...inherited, ...mark.options };
  }
  return options;
}

function kindOf(marks: ClassMarks, prototype: object): ServiceKind {
  if (marks.service !== undefined && marks.service.kind !== "background") return marks.service.kind;
  if ("executePeriodic" in prototype || "period" in prototype) return "periodic";
  return "startupOrder" in prototype ? "startup" : "background";
}

/** A name given by a getter on the prototype; one given by a field is known only once there is an instance. */
function overriddenName(prototype: object): string | undefined {
  try {
    const name = overridden(prototype, "name");
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined; // the getter needs an instance
  }
}

function actionsOf(marks: Iterable<ActionMark>, prototype: object, report: (problem: string) => void): ReadonlyMap<string, ActionDefinition> {
  const actions = new Map<string, ActionDefinition>();
  for (const { member, name: given, options } of marks) {
    const name = kebabCase(member);
    validateAction(member, given ?? name, options, report);
    if (given !== undefined && given !== name) report(`action ${member}: it is named "${given}", but its method's name in kebab case is "${name}"`);
    const method = (prototype as Record<string, unknown>)[member];
    if (typeof method !== "function") {
      report(`action ${member}: it is not a method`);
      continue;
    }
    if (actions.has(name)) report(`action ${member}: "${name}" is already the name of ${actions.get(name)?.member}`);
    actions.set(name, Object.freeze({ name, member, options: Object.freeze({ ...options }), run: methodCall(member, options, method.length) }));
  }
  return actions;
}

/** With a schema, or two declared parameters: (parameters, context). Else (context). */
function methodCall(member: string, options: ActionOptions, declared: number): ActionDefinition["run"] {
  return options.parameters !== undefined || declared >= 2
    ? (instance, parameters, context) => (instance as Instance)[member]?.(parameters, context)
    : (instance, _parameters, context) => (instance as Instance)[member]?.(context);
}

function behaviourOf(target: new () => object, prototype: Instance): ServiceBehaviour {
  const has = (member: string): boolean => typeof prototype[member] === "function";
  const behaviour: { -readonly [K in keyof ServiceBehaviour]: ServiceBehaviour[K] } = { create: () => new target(), token: target, members: membersOf };
  if (has("execute")) behaviour.execute = (instance, context) => (instance as Instance)["execute"]?.(context.signal);
  if (has("onTriggerNow")) behaviour.triggerNow = (instance, context) => (instance as Instance)["onTriggerNow"]?.(context.signal);
  if (has("onProcessBatch")) behaviour.processBatch = (instance, batch, context) => (instance as Instance)["onProcessBatch"]?.(batch.batchSize, batch.filter, context.signal);
  if (isOverride(prototype["isReady"])) behaviour.isReady = async (instance, signal) => Boolean(await (instance as Instance)["isReady"]?.(signal));
  if (isOverride(prototype["check"])) behaviour.check = async (instance, signal) => ((await (instance as Instance)["check"]?.(signal)) as HealthReport | undefined) ?? HealthReport.healthy();
  if (isOverride(prototype["handleCommand"])) behaviour.handleCommand = (instance, command: ServiceCommand, signal) => (instance as Instance)["handleCommand"]?.(command, signal);
  if (isOverride(prototype["executeAction"])) {
    behaviour.executeAction = (instance, action: string, parameters: unknown, context: ActionContext) => (instance as Instance)["executeAction"]?.(action, parameters, context);
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
