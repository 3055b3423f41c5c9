import { FrozenMap } from "./frozen-map.ts";
import type { ActionDefinition } from "./action-definition.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { HealthReport } from "../health/health-report.ts";
import type { RunContext } from "../actions/run-context.ts";
import type { ServiceCommand, ServiceCommandType } from "../commands/service-command.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions } from "./service-options.ts";
import type { Duration } from "../time/duration.ts";
import type { ActionContext } from "../actions/action-context.ts";

/** Says what a definition's compile-time shape is; it has no value at run time. */
declare const shape: unique symbol;

/** The compile-time face of a service: the arguments and the result of each action, by its name. */
export type ServiceShape = object;

/** Members a class may override by a field or a getter; what is absent was not overridden. */
export interface ServiceMembers {
  readonly name?: string;
  readonly isCritical?: boolean;
  readonly period?: Duration;
  readonly initialDelay?: Duration;
  readonly runOnStartup?: boolean;
  readonly startupOrder?: number;
  readonly supportedCommands?: readonly ServiceCommandType[];
}

/** What a service does, each as a function of its instance; absent where the service does not say. */
export interface ServiceBehaviour {
  /** Makes an instance; absent for services without one. `inject()` works inside. */
  readonly create?: () => object;
  /** The class `create` makes an instance of, so that `provide` can replace how. */
  readonly token?: object;
  readonly members?: (instance: object) => ServiceMembers;
  /** Commands that `handleCommand` takes, where no instance says. */
  readonly supportedCommands?: readonly ServiceCommandType[];
  /** The long loop, the startup work, or one periodic run. Absent: waits for the stop. */
  readonly execute?: (context: RunContext, instance: object | undefined) => unknown;
  /** The run that a poke of a periodic service makes; `execute` where absent. */
  readonly triggerNow?: (context: RunContext, instance: object | undefined) => unknown;
  readonly processBatch?: (instance: object | undefined, batch: { batchSize?: number; filter?: string }, context: ActionContext) => unknown;
  readonly isReady?: (instance: object | undefined, signal: AbortSignal) => boolean | Promise<boolean>;
  readonly check?: (instance: object | undefined, signal: AbortSignal) => HealthReport | Promise<HealthReport>;
  readonly handleCommand?: (instance: object | undefined, command: ServiceCommand, signal: AbortSignal) => unknown;
  /** Present where a class overrides it: every call passes through. */
  readonly executeAction?: (instance: object, action: string, parameters: unknown, context: ActionContext) => unknown;
}

/**
 * A service as frozen data: what it is called, how it behaves, what it offers. Decorated classes, `defineService` and
 * classes that only implement the interfaces all become one of these, and nothing past this point knows which it was.
 */
export interface ServiceDefinition<Shape extends ServiceShape = ServiceShape> {
  readonly [shape]: Shape;
  readonly name: string;
  readonly kind: ServiceKind;
  /** As given; defaults are applied where they are used, below configuration. */
  readonly options: ServiceOptions;
  readonly actions: ReadonlyMap<string, ActionDefinition>;
  readonly events: ReadonlyMap<string, ServiceEvent<unknown, unknown>>;
  readonly behaviour: ServiceBehaviour;
  /** What is wrong with it, in sentences; a host with any refuses to start and reports them together. */
  readonly problems: readonly string[];
}

/** A definition of any shape. */
export type AnyServiceDefinition = ServiceDefinition;

const brand: unique symbol = Symbol.for("sora.definition") as never;

const noProblems: readonly string[] = Object.freeze([]);
const nothing: ReadonlyMap<string, never> = new FrozenMap<string, never>([]);

/** Freezes `parts` into a definition; its actions already are. */
export function createDefinition<Shape extends ServiceShape>(parts: Omit<ServiceDefinition, typeof shape>): ServiceDefinition<Shape> {
  return Object.freeze(new Definition(parts)) as unknown as ServiceDefinition<Shape>;
}

/** True for a definition made by any copy of the package. */
export function isServiceDefinition(value: unknown): value is AnyServiceDefinition {
  return typeof value === "object" && value !== null && brand in value;
}

class Definition {
  readonly name: string;
  readonly kind: ServiceKind;
  readonly options: ServiceOptions;
  readonly actions: ReadonlyMap<string, ActionDefinition>;
  readonly events: ReadonlyMap<string, ServiceEvent<unknown, unknown>>;
  readonly behaviour: ServiceBehaviour;
  readonly problems: readonly string[];

  constructor(parts: Omit<ServiceDefinition, typeof shape>) {
    this.name = parts.name;
    this.kind = parts.kind;
    this.options = parts.options;
    this.actions = parts.actions.size === 0 ? nothing : new FrozenMap(parts.actions);
    this.events = parts.events.size === 0 ? nothing : new FrozenMap(parts.events);
    this.behaviour = Object.freeze(parts.behaviour);
    this.problems = parts.problems.length === 0 ? noProblems : Object.freeze(parts.problems);
  }

  get [brand](): true {
    return true;
  }
}
