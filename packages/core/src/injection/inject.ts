import { SoraError } from "../errors/sora-error.ts";
import { injectableName } from "./token.ts";
import type { Injectable } from "./token.ts";
import type { InjectionScope } from "./provider.ts";

/** What is under construction right now. Construction is synchronous, so one slot is enough; it is shared by all copies of the package. */
interface Construction {
  scope?: InjectionScope | undefined;
  /** What a base class of a service binds itself to. */
  binding?: object | undefined;
}

const slot = Symbol.for("sora.construction");

function construction(): Construction {
  return ((globalThis as Record<symbol, Construction>)[slot] ??= {});
}

/**
 * The dependency `key` stands for, in a field initializer or constructor of a service or provided class, or in a factory.
 *
 * @throws SoraError `SORA_INJECTION_CONTEXT` anywhere else, `SORA_DEPENDENCY_UNKNOWN` for what `provide` does not list,
 *   `SORA_DEPENDENCY_CYCLE`, and `SORA_DEPENDENCY_SCOPE` where a singleton asks for something scoped.
 */
export function inject<T>(key: Injectable<T>): T {
  const scope = construction().scope;
  if (scope === undefined) {
    throw new SoraError("SORA_INJECTION_CONTEXT", `Cannot inject ${injectableName(key)}: nothing is being constructed by a host.`);
  }
  return scope.get(key);
}

/** Calls `make` with `inject()` answering from `scope`, and with `binding` for the base class of a service under construction. */
export function constructIn<T>(scope: InjectionScope, binding: object | undefined, make: () => T): T {
  const current = construction();
  const { scope: outerScope, binding: outerBinding } = current;
  current.scope = scope;
  current.binding = binding;
  try {
    return make();
  } finally {
    current.scope = outerScope;
    current.binding = outerBinding;
  }
}

/** The binding of the service under construction; taken once, so that an object made by its fields does not get it too. */
export function takeBinding(): object | undefined {
  const current = construction();
  const binding = current.binding;
  current.binding = undefined;
  return binding;
}
