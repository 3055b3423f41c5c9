import { checkOptions } from "../options/option-check.ts";
import { oneOf } from "../options/value-checks.ts";
import { shown } from "../options/shown.ts";
import { injectableName } from "./token.ts";
import type { OptionChecks } from "../options/option-check.ts";
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

const provideChecks: OptionChecks<ProvideOptions> = { lifetime: oneOf("singleton", "scoped", "transient") };

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

/**
 * The bindings of all providers by their keys. Where a key comes twice the last one holds, in the first one's place: so a test replaces a dependency, and what stands
 * between the two still finds it made.
 */
export function toBindings(providers: readonly Provider[]): ReadonlyMap<object, Binding> {
  const bindings = new Map<object, Binding>();
  for (const provider of providers) {
    const binding = toBinding(provider);
    bindings.set(binding.key, binding);
  }
  return bindings;
}

/** Why something is no provider; `undefined` where it is one. */
export function providerProblem(provider: unknown): string | undefined {
  if (!Array.isArray(provider))
    return typeof provider === "function" && isClass(provider)
      ? undefined
      : `is ${shown(provider)}; list a class, or [key, value], [key, Class] or [key, scope => value]`;
  const [key, , options]: readonly unknown[] = provider;
  const name = isKey(key) ? injectableName(key) : undefined;
  if (name === undefined) return `has ${shown(key)} for a key, which is a class or a token: is it declared further down, or does its module import this one?`;
  if (provider.length < 2) return `gives ${name} no value`;
  if (provider.length > 3) return `has more than a key, a value and options; list each provider by itself`;
  if (options === undefined) return undefined;
  const problems: string[] = [];
  if (typeof options === "object" && options !== null)
    checkOptions(options as ProvideOptions, provideChecks, { owner: "a provider" }, problem => void problems.push(problem));
  else problems.push(`they are ${shown(options)}`);
  if (problems.length > 0) return `gives ${name} options that cannot be: ${problems.join("; ")}`;
  const { lifetime = "singleton" } = options as ProvideOptions;
  return typeof provider[1] === "function" || lifetime === "singleton" ? undefined : `gives ${name} the lifetime ${lifetime}, but a value that is made already`;
}

function isKey(key: unknown): key is object {
  return (typeof key === "object" || typeof key === "function") && key !== null;
}

/** The binding of one provider. A function is a factory, unless it is a class. */
function toBinding(provider: Provider): Binding {
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
