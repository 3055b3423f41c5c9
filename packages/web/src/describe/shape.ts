import type { JsonSchema } from "./json-schema.ts";

export const text: JsonSchema = { type: "string" };
export const count: JsonSchema = { type: "integer", minimum: 0 };
export const anyValue: JsonSchema = { description: "Any JSON value." };

/** A moment for examples. */
export const at = 1_767_225_600_000;

export function time(description: string): JsonSchema {
  return { type: "integer", description: `${description}, in milliseconds since the epoch.` };
}

/** An object with these members, of which those that end in `?` may be missing. More may come in later versions. */
export function shape(members: Readonly<Record<string, JsonSchema>>, description: string, example?: unknown): JsonSchema {
  const names = Object.keys(members);
  const required = names.filter(name => !name.endsWith("?"));
  return {
    type: "object",
    description,
    ...(required.length === 0 ? undefined : { required }),
    properties: Object.fromEntries(names.map(name => [name.replace("?", ""), members[name]])),
    ...(example === undefined ? undefined : { examples: [example] }),
  };
}
