import type { ServiceLifetime } from "../definition/service-options.ts";
import type { Injectable, InjectableClass } from "./token.ts";

/** What a factory in `provide` gets: the scope it makes its value for. */
export interface InjectionScope {
  /**
   * The value of `key`, made if need be.
   *
   * @throws SoraError `SORA_DEPENDENCY_UNKNOWN`, `SORA_DEPENDENCY_CYCLE` or `SORA_DEPENDENCY_SCOPE`.
   */
  get<T>(key: Injectable<T>): T;
}

/** How long a provided value lives. Default `"singleton"`. */
export interface ProvideOptions {
  readonly lifetime?: ServiceLifetime;
}

/** A value, a class, or a factory; written out so that a factory's `scope` has its type. */
type Provided = ((scope: InjectionScope) => unknown) | object | string | number | bigint | boolean | symbol | null | undefined;

/**
 * One entry of `provide`: a class (made with `new`, its fields may `inject`), or a key with a value, a class, or a factory
 * `scope => value`. A singleton's factory may return a promise: the host awaits it before any service is made, in the order listed.
 * What the host made it disposes, last made first (`Symbol.asyncDispose`, `Symbol.dispose`, or a `dispose` method); a value it was given it leaves alone.
 */
export type Provider =
  | InjectableClass<unknown>
  | readonly [key: Injectable<never> | object, value: Provided]
  | readonly [key: Injectable<never> | object, value: Provided, options: ProvideOptions];

/** A provider made uniform: a value as it is, or how to make one and how long it lives. */
export type Binding =
  | { readonly kind: "value"; readonly key: object; readonly value: unknown }
  | { readonly kind: "factory"; readonly key: object; readonly lifetime: ServiceLifetime; readonly make: (scope: InjectionScope) => unknown };

/** The binding of one provider. A function is a factory, unless it is a class. */
export function toBinding(provider: Provider): Binding {
  if (!Array.isArray(provider)) return { kind: "factory", key: provider, lifetime: "singleton", make: () => construct(provider) };
  const [key, value, options] = provider as readonly [object, unknown, ProvideOptions?];
  if (typeof value !== "function") return { kind: "value", key, value };
  const make = isClass(value) ? () => construct(value) : (value as (scope: InjectionScope) => unknown);
  return { kind: "factory", key, lifetime: options?.lifetime ?? "singleton", make };
}

function construct(constructor: unknown): object {
  return new (constructor as new () => object)();
}

/** A class's `prototype` cannot be reassigned; an ordinary function's can, and an arrow has none. */
function isClass(value: object): boolean {
  return Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}
