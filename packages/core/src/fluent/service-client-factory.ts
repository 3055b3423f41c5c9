import type { ServiceBuilder } from "./builders.ts";
import type { ServiceTarget, ShapeOf } from "./shape-of.ts";

/** The fluent API for a class or definition. */
export type ServiceClientFactory = <X extends ServiceTarget>(service: X) => ServiceBuilder<ShapeOf<X>>;
