import type { ActionContext } from "../actions/action-context.ts";
import type { FrameworkMember } from "../definition/framework-members.ts";
import type { KebabCase } from "../definition/names.ts";
import type { ParsedInput } from "../definition/schema.ts";
import type { ServiceContract } from "../definition/service-contract.ts";
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

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsContext<P> = IsAny<P> extends true ? false : [P] extends [ActionContext<infer _>] ? true : false;

/** One argument, which may be left out where it may be `undefined`. */
export type ArgumentOf<P> = undefined extends P ? [parameters?: P] : [parameters: P];

/** The arguments after the action's name: none, or the method's first parameter unless that is the context. */
export type CallArguments<A extends readonly unknown[]> = A extends readonly []
  ? []
  : A extends readonly [infer P, ...unknown[]]
    ? IsContext<P> extends true
      ? []
      : ArgumentOf<ParsedInput<P>>
    : A extends readonly [(infer P)?, ...unknown[]]
      ? IsContext<NonNullable<P>> extends true
        ? []
        : [parameters?: ParsedInput<P>]
      : [];

/** The face of one method as an action. */
type MethodShape<M> = M extends (...args: infer A) => infer R ? { readonly args: CallArguments<A>; readonly result: Awaited<R> } : never;

/** Every public method of a service class under its action name. */
type MethodsShape<T> = {
  [K in Exclude<keyof T & string, FrameworkMember> as T[K] extends (...args: never[]) => unknown ? KebabCase<K> : never]: MethodShape<T[K]>;
};

/** The face of a service class: its public methods, and its base class's commands where no method has their name. */
export type ClassShape<T> = T extends { readonly [commandsOf]?: infer C }
  ? MethodsShape<T> & Omit<Exclude<C, undefined>, keyof MethodsShape<T>>
  : MethodsShape<T>;

/** A service as named in code: its class, its definition, or the contract of one that runs elsewhere. */
export type ServiceTarget = { readonly prototype: object } | ServiceDefinition | ServiceContract;

/** The typed face of a class, definition or contract. */
export type ShapeOf<X> =
  X extends ServiceDefinition<infer S>
    ? S
    : X extends ServiceContract<infer S>
      ? S
      : X extends abstract new (...args: never[]) => infer T
        ? ClassShape<T>
        : X extends { readonly prototype: infer T }
          ? ClassShape<T>
          : ServiceShape;

/** The typed face of a service named by a type alone: its class, or `typeof` its definition or contract. */
export type RemoteShapeOf<T> = T extends ServiceDefinition | ServiceContract ? ShapeOf<T> : ClassShape<T>;

/** An action's arguments after its name. */
export type ArgsOf<A> = A extends { readonly args: infer R extends readonly unknown[] } ? R : never;

/** What an action's call resolves to. */
export type ResultOf<A> = A extends { readonly result: infer R } ? R : never;
