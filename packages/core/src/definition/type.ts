import type { StandardSchemaV1 } from "@standard-schema/spec";

const unchecked: unique symbol = Symbol.for("sora.unchecked") as never;

const passThrough: StandardSchemaV1 = Object.freeze({
  "~standard": Object.freeze({ version: 1, vendor: "sora", validate: (value: unknown) => ({ value }) }),
  [unchecked]: true,
});

/**
 * A schema that checks nothing, for parameters and event arguments that only the compiler should know: `type<Order>()`.
 * Values pass as they are and untouched, at no cost; nothing about them is known at run time.
 */
export function type<T>(): StandardSchemaV1<T, T> {
  return passThrough as StandardSchemaV1<T, T>;
}

/** True for a schema that {@link type} made, in any copy of the package: a caller may skip the check. */
export function isUnchecked(schema: StandardSchemaV1): boolean {
  return schema === passThrough || (schema as { readonly [unchecked]?: unknown })[unchecked] === true;
}
