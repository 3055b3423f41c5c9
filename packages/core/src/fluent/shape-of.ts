import type { ActionContext } from "../actions/action-context.ts";
import type { KebabCase } from "../definition/names.ts";
import type { ParsedInput } from "../definition/schema.ts";
import type { ServiceDefinition, ServiceShape } from "../definition/service-definition.ts";

/** Carries a base class's built-in commands in its type; nothing is there at run time. */
export declare const commandsOf: unique symbol;

/** `process-batch`'s parameters. */
export interface BatchParameters {
  /** At least 1. Default: the service's own. */
  readonly batchSize?: number;
  readonly filter?: string;
}

/** What every periodic service can be told. */
export interface PeriodicCommands {
  /** One full run that begins after this call; the caller awaits it. */
  readonly trigger: { readonly args: []; readonly result: void };
  /** The same run as `trigger`. */
  readonly "check-queue": { readonly args: []; readonly result: void };
  /** One batch; never shared with another caller. */
  readonly "process-batch": { readonly args: [batch?: BatchParameters]; readonly result: unknown };
}

/** Members that are the framework's, so not actions of a service. */
type Reserved =
  | "name" | "isCritical" | "logger" | "configuration" | "settings" | "clock" | "lifetime" | "execute" | "executeCore" | "executePeriodic" | "isReady"
  | "check" | "emit" | "executeAction" | "handleCommand" | "supportedCommands" | "onTriggerNow" | "onProcessBatch" | "period" | "initialDelay"
  | "runOnStartup" | "startupOrder" | "delay" | "periodicTimer" | "services" | "progress" | "configure" | "dispose";

type Any<T> = 0 extends 1 & T ? true : false;
type IsContext<P> = Any<P> extends true ? false : [P] extends [ActionContext<infer _>] ? true : false;
type Argument<P> = undefined extends ParsedInput<P> ? [parameters?: ParsedInput<P>] : [parameters: ParsedInput<P>];

/** The arguments after the action's name: none, or the method's first parameter unless that is the context. */
export type CallArguments<A extends readonly unknown[]> = A extends readonly [] ? [] : A extends readonly [infer P, ...unknown[]] ? (IsContext<P> extends true ? [] : Argument<P>) : A extends readonly [(infer P)?, ...unknown[]] ? [parameters?: ParsedInput<P>] : [];

/** The face of one method as an action. */
type MethodShape<M> = M extends (...args: infer A) => infer R ? { readonly args: CallArguments<A>; readonly result: Awaited<R> } : never;

/** Every public method of a service class under its action name, and its base class's commands. */
export type ClassShape<T> = {
  [K in Exclude<keyof T & string, Reserved> as T[K] extends (...args: never[]) => unknown ? KebabCase<K> : never]: MethodShape<T[K]>;
} & (T extends { readonly [commandsOf]?: infer C } ? Exclude<C, undefined> : unknown);

/** A service as named in code: its class or its definition. */
export type ServiceTarget = { readonly prototype: object } | ServiceDefinition;

/** The typed face of a class or definition. */
export type ShapeOf<X> = X extends ServiceDefinition<infer S> ? S : X extends { readonly prototype: infer T } ? ClassShape<T> : ServiceShape;

/** An action's arguments after its name. */
export type ArgsOf<A> = A extends { readonly args: infer R extends readonly unknown[] } ? R : never;

/** What an action's call resolves to. */
export type ResultOf<A> = A extends { readonly result: infer R } ? R : never;
