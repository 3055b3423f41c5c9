import { ambientHost, currentContext } from "../host/ambient.ts";
import { serviceStatus } from "../lifecycle/service-snapshots.ts";
import { clientFor } from "./service-client.ts";
import type { ServiceStatus } from "../lifecycle/service-status.ts";
import type { ServiceBuilder } from "./builders.ts";
import type { RemoteShapeOf, ServiceTarget, ShapeOf } from "./shape-of.ts";

/** The untyped face of a service named at run time. */
export type NamedServiceShape = Readonly<Record<string, { readonly args: [parameters?: unknown]; readonly result: unknown }>>;

/**
 * The fluent API without a host in hand. A chain goes to the host of the surrounding call, run or handler, else to the only host started in this process;
 * which one is decided when it is executed.
 */
export const SoraServices: {
  /** A service by its class, its definition, or its contract. */
  of<X extends ServiceTarget>(service: X): ServiceBuilder<ShapeOf<X>>;
  /** A service by name, typed without loading it: by its class (`import type { TranslationService }`), or by `typeof` its definition or contract. */
  remote<T>(name: string): ServiceBuilder<RemoteShapeOf<T>>;
  /** The untyped door, for names known only at run time; whatever their case. */
  named(name: string): ServiceBuilder<NamedServiceShape>;
  /** Every service of the host, as it is now. */
  all(): Promise<ServiceStatus[]>;
} = Object.freeze({
  of: service => clientFor(service, undefined, undefined) as never,
  remote: name => clientFor(name, undefined, undefined) as never,
  named: name => clientFor(name, undefined, undefined) as never,
  all: async () => Array.from(ambientHost(currentContext()).registry, serviceStatus),
});
