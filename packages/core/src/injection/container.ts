import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { constructIn } from "./inject.ts";
import { disposeValue, isDisposable } from "./dispose-value.ts";
import { toBindings } from "./provider.ts";
import { injectableName } from "./token.ts";
import type { Binding, InjectionScope, Provider } from "./provider.ts";
import type { Injectable } from "./token.ts";

/** Awaits what the factory of the named dependency makes, as long as there is time. */
export type Patience = (made: Promise<unknown>, name: string) => Promise<unknown>;

type Factory = Extract<Binding, { kind: "factory" }>;

/** Values made in one scope, and the order they were made in. */
abstract class Scope implements InjectionScope {
  readonly #values = new Map<object, unknown>();
  /** What is to be disposed of, each once, in the order it was made. */
  readonly #made = new Set<unknown>();
  /** What is being made right now, the outermost first. */
  readonly #making: object[] = [];
  /** Promises of factories that have not settled. */
  readonly #pending = new Set<Promise<unknown>>();
  #disposed = false;

  abstract get<T>(key: Injectable<T>): T;

  /** Whether `value` belongs to somebody who outlives this scope. */
  protected abstract outlives(value: unknown): boolean;

  protected held(key: object): { readonly value: unknown } | undefined {
    return this.#values.has(key) ? { value: this.#values.get(key) } : undefined;
  }

  /** Has the value stand where its promise stood. */
  protected settle(key: object, promise: Promise<unknown>, value: unknown): void {
    this.#values.set(key, value);
    const made = [...this.#made];
    this.#made.clear();
    for (const one of made) {
      if (one !== promise) this.#made.add(one);
      else if (isDisposable(value) && !this.outlives(value)) this.#made.add(value);
    }
  }

  protected has(value: unknown): boolean {
    return this.#made.has(value);
  }

  protected make(binding: Factory, scope: InjectionScope, keep: boolean): unknown {
    if (this.#disposed)
      throw new SoraError(
        "SORA_INJECTION_CONTEXT",
        `Cannot make ${injectableName(binding.key)}: what asks for it has ended, and its dependencies are disposed of.`,
        { fix: "Inject before the work ends, and await what the work begins." },
      );
    if (this.#making.includes(binding.key)) {
      const circle = [...this.#making.slice(this.#making.indexOf(binding.key)), binding.key].map(injectableName).join(" → ");
      throw new SoraError("SORA_DEPENDENCY_CYCLE", `Cannot make ${injectableName(binding.key)}: it depends on itself, ${circle}.`);
    }
    this.#making.push(binding.key);
    try {
      const value = constructIn(scope, undefined, () => binding.make(scope));
      if (keep) this.#values.set(binding.key, value);
      if (value instanceof Promise) this.#follow(value);
      if ((value instanceof Promise || isDisposable(value)) && !this.outlives(value)) this.#made.add(value);
      return value;
    } finally {
      this.#making.pop();
    }
  }

  #follow(promise: Promise<unknown>): void {
    const settled = (): void => void this.#pending.delete(promise); // of one that rejects, whoever awaits it is told; nobody is no reason to end the process
    this.#pending.add(promise);
    promise.then(settled, settled);
  }

  /** For a message: what is being made, down to `key`. */
  protected pathTo(key: object): string {
    return [...this.#making, key].map(injectableName).join(" → ");
  }

  /**
   * Disposes of what was made here, last made first, each once; what is not there yet comes last, since it may never be. Every value is tried; the errors come together at
   * the end. Nothing is made here any more.
   */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const errors: unknown[] = [];
    const disposed = new Set<unknown>();
    const reversed = [...this.#made].reverse();
    const isPending = (made: unknown): boolean => this.#pending.has(made as Promise<unknown>);
    for (const made of [...reversed.filter(one => !isPending(one)), ...reversed.filter(isPending)]) {
      const value: unknown = made instanceof Promise ? await made.catch(() => undefined) : made; // a factory that failed has made nothing
      if (disposed.has(value) || (made instanceof Promise && this.outlives(value))) continue;
      disposed.add(value);
      try {
        await disposeValue(value);
      } catch (error) {
        errors.push(error);
      }
    }
    this.#made.clear();
    this.#values.clear();
    if (errors.length > 0)
      throw new AggregateError(
        errors,
        `${errors.length === 1 ? "One dependency" : `${errors.length} dependencies`} could not be disposed of: ${errors.map(describeError).join("; ")}`,
      );
  }
}

/** The host's dependencies: values given, and singletons made on demand. Scopes for calls and runs hang below it. */
export class Container extends Scope {
  readonly #bindings: ReadonlyMap<object, Binding>;
  readonly #given = new Set<unknown>();
  #services: ReadonlySet<object> = new Set();

  constructor(providers: readonly Provider[]) {
    super();
    this.#bindings = toBindings(providers);
    for (const binding of this.#bindings.values()) if (binding.kind === "value") this.#given.add(binding.value);
  }

  /**
   * Makes every singleton that has a factory, in the order listed, awaiting those that return a promise, by `patience` where it is given. The classes in `services` are the
   * host's services: each is made when the service is, and nobody injects it.
   *
   * @throws SoraError `SORA_STARTUP_FAILED` naming the dependency whose factory failed; what `patience` throws.
   */
  async start(services: ReadonlySet<object> = new Set(), patience?: Patience): Promise<void> {
    this.#services = services;
    for (const binding of this.#bindings.values()) {
      if (binding.kind !== "factory" || binding.lifetime !== "singleton" || services.has(binding.key)) continue;
      try {
        const value = this.#singleton(binding);
        if (value instanceof Promise) this.settle(binding.key, value, await (patience?.(value, injectableName(binding.key)) ?? value));
      } catch (error) {
        if (SoraError.is(error)) throw error;
        throw new SoraError("SORA_STARTUP_FAILED", `Cannot make ${injectableName(binding.key)}, which the host provides: ${describeError(error)}`, {
          details: { dependency: injectableName(binding.key) },
          cause: error,
        });
      }
    }
  }

  binding(key: object): Binding | undefined {
    return this.#bindings.get(key);
  }

  get<T>(key: Injectable<T>): T {
    const binding = this.require(key);
    if (binding.kind === "value") return binding.value as T;
    if (binding.lifetime === "scoped") {
      throw new SoraError(
        "SORA_DEPENDENCY_SCOPE",
        `Cannot give ${injectableName(key)} to something that lives as long as the host (${this.pathTo(key)}): it is scoped to one call or run.`,
      );
    }
    if (binding.lifetime === "transient") return this.make(binding, this, false) as T;
    const value = this.#singleton(binding);
    if (value instanceof Promise) {
      throw new SoraError("SORA_DEPENDENCY_UNKNOWN", `Cannot give ${injectableName(key)} yet (${this.pathTo(key)}): its factory has not finished.`, {
        fix: "List it in `provide` before what depends on it; factories are awaited in order.",
      });
    }
    return value as T;
  }

  /** A scope for one call or run. */
  createScope(): CallScope {
    return new CallScope(this);
  }

  /** Whether every scope gives the same value for `key`. */
  isShared(key: object): boolean {
    const binding = this.#bindings.get(key);
    return binding === undefined || binding.kind === "value" || binding.lifetime === "singleton";
  }

  require(key: object): Binding {
    const name = injectableName(key);
    if (this.#services.has(key)) {
      throw new SoraError("SORA_DEPENDENCY_UNKNOWN", `Cannot inject ${name}: it is a service of this host, which may be restarted.`, {
        fix: `Call it: \`this.services(${name}).do(…)\`, or \`context.services(${name})\`.`,
      });
    }
    const binding = this.#bindings.get(key);
    if (binding === undefined) {
      const circular = key === undefined ? "it is declared further down, or its module imports this one" : "the host does not provide it";
      throw new SoraError("SORA_DEPENDENCY_UNKNOWN", `Cannot inject ${name}: ${circular}.`);
    }
    return binding;
  }

  /** Whether the value is the program's own, or lives as long as the host. */
  keeps(value: unknown): boolean {
    return this.#given.has(value) || this.has(value);
  }

  protected override outlives(value: unknown): boolean {
    return this.#given.has(value);
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

  protected override outlives(value: unknown): boolean {
    return this.#container.keeps(value);
  }
}
