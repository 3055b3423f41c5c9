import type { JsonSchema } from "./json-schema.ts";

export const text: JsonSchema = { type: "string" };
export const count: JsonSchema = { type: "integer", minimum: 0 };
export const flag: JsonSchema = { type: "boolean" };
export const anyValue: JsonSchema = { description: "Any JSON value." };

/** A moment for examples. */
export const at = 1_767_225_600_000;

export function time(description: string): JsonSchema {
  return { type: "integer", description: `${description}, in milliseconds since the epoch.` };
}

/** One of these texts. */
export function oneOf(texts: readonly string[]): JsonSchema {
  return { type: "string", enum: [...texts] };
}

/** A schema for each member of `T`; the names of those that JSON may lack end in `?`. */
export type Members<T> = { readonly [K in keyof T & string as MayLack<T, K> extends true ? `${K}?` : K]-?: JsonSchema };

type MayLack<T, K extends keyof T> = unknown extends T[K] ? IsOptional<T, K> : undefined extends T[K] ? true : false;
type IsOptional<T, K extends keyof T> = Pick<T, never> extends Pick<T, K> ? true : false;

/** An object with the members of `T`, which has to be named; the compiler holds the two to each other. More members may come in later versions. */
export function shape<T = never>(members: [T] extends [never] ? never : NoInfer<Members<T>>, description: string, example?: NoInfer<T>): JsonSchema {
  const names = Object.keys(members);
  const required = names.filter(name => !name.endsWith("?"));
  return {
    type: "object",
    description,
    ...(required.length === 0 ? undefined : { required }),
    properties: Object.fromEntries(names.map(name => [name.replace("?", ""), (members as Readonly<Record<string, JsonSchema>>)[name]])),
    ...(example === undefined ? undefined : { examples: [example] }),
  };
}
