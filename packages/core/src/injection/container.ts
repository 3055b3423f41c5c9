import { SoraError } from "../errors/sora-error.ts";
import { constructIn } from "./inject.ts";
import { disposeValue } from "./dispose-value.ts";
import { toBinding } from "./provider.ts";
import { injectableName } from "./token.ts";
import type { Binding, InjectionScope, Provider } from "./provider.ts";
import type { Injectable } from "./token.ts";

type Factory = Extract<Binding, { kind: "factory" }>;

/** Values made in one scope, and the order they were made in. */
abstract class Scope implements InjectionScope {
  readonly #values = new Map<object, unknown>();
  readonly #made: unknown[] = [];
  readonly #making: object[] = [];

  abstract get<T>(key: Injectable<T>): T;

  protected held(key: object): { readonly value: unknown } | undefined {
    return this.#values.has(key) ? { value: this.#values.get(key) } : undefined;
  }

  protected hold(key: object, value: unknown): void {
    this.#values.set(key, value);
  }

  protected make(binding: Factory, scope: InjectionScope, keep: boolean): unknown {
    if (this.#making.includes(binding.key)) {
      const circle = [...this.#making.slice(this.#making.indexOf(binding.key)), binding.key].map(injectableName).join(" → ");
      throw new SoraError("SORA_DEPENDENCY_CYCLE", `Cannot make ${injectableName(binding.key)}: it depends on itself, ${circle}.`);
    }
    this.#making.push(binding.key);
    try {
      const value = constructIn(scope, undefined, () => binding.make(scope));
      if (keep) this.#values.set(binding.key, value);
      this.#made.push(value);
      return value;
    } finally {
      this.#making.pop();
    }
  }

  /** Disposes of what was made here, last made first. Every value is tried; the first errors come together at the end. */
  async dispose(): Promise<void> {
    const errors: unknown[] = [];
    for (const value of this.#made.splice(0).reverse()) {
      try {
        await disposeValue(await value);
      } catch (error) {
        errors.push(error);
      }
    }
    this.#values.clear();
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} dependencies could not be disposed of`);
  }
}

/** The host's dependencies: values given, and singletons made on demand. Scopes for calls and runs hang below it. */
export class Container extends Scope {
  readonly #bindings = new Map<object, Binding>();

  constructor(providers: readonly Provider[]) {
    super();
    for (const provider of providers) {
      const binding = toBinding(provider);
      this.#bindings.set(binding.key, binding); // the last one wins, so that tests can replace
    }
  }

  /** Makes every singleton that has a factory, in the order listed, awaiting those that return a promise. Those in `later` are left to whoever needs them. */
  async start(later: ReadonlySet<object> = new Set()): Promise<void> {
    for (const binding of this.#bindings.values()) {
      if (binding.kind !== "factory" || binding.lifetime !== "singleton" || later.has(binding.key)) continue;
      const value = this.#singleton(binding);
      if (value instanceof Promise) this.hold(binding.key, await value);
    }
  }

  binding(key: object): Binding | undefined {
    return this.#bindings.get(key);
  }

  get<T>(key: Injectable<T>): T {
    const binding = this.require(key);
    if (binding.kind === "value") return binding.value as T;
    if (binding.lifetime === "scoped") {
      throw new SoraError("SORA_DEPENDENCY_SCOPE", `Cannot give ${injectableName(key)} to something that lives as long as the host: it is scoped to one call or run.`);
    }
    if (binding.lifetime === "transient") return this.make(binding, this, false) as T;
    const value = this.#singleton(binding);
    if (value instanceof Promise) {
      throw new SoraError("SORA_DEPENDENCY_UNKNOWN", `Cannot give ${injectableName(key)} yet: its factory has not finished.`, {
        fix: "List it in `provide` before what depends on it; factories are awaited in order.",
      });
    }
    return value as T;
  }

  /** A scope for one call or run. */
  createScope(): CallScope {
    return new CallScope(this);
  }

  require(key: object): Binding {
    const binding = this.#bindings.get(key);
    if (binding === undefined) throw new SoraError("SORA_DEPENDENCY_UNKNOWN", `Cannot inject ${injectableName(key)}: the host does not provide it.`);
    return binding;
  }

  #singleton(binding: Factory): unknown {
    const held = this.held(binding.key);
    return held === undefined ? this.make(binding, this, true) : held.value;
  }
}

/** Dependencies of one call or run: scoped ones are made once here, singletons come from the host. */
export class CallScope extends Scope {
  readonly #container: Container;

  constructor(container: Container) {
    super();
    this.#container = container;
  }

  get<T>(key: Injectable<T>): T {
    const binding = this.#container.require(key);
    if (binding.kind === "value" || binding.lifetime === "singleton") return this.#container.get(key);
    if (binding.lifetime === "transient") return this.make(binding, this, false) as T;
    const held = this.held(key);
    return (held === undefined ? this.make(binding, this, true) : held.value) as T;
  }
}
