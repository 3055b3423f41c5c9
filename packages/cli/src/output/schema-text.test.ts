import { expect, test } from "vitest";
import { schemaText } from "./schema-text.ts";
import * as z from "zod";

const json = (schema: z.ZodType): unknown => z.toJSONSchema(schema, { io: "input" });

test.each([
  [z.object({ name: z.string(), times: z.number().default(2), tags: z.array(z.string()).optional() }), "name: string, times?: number = 2, tags?: string[]"],
  [z.object({ to: z.enum(["a", "b"]), deep: z.object({ x: z.union([z.string(), z.null()]) }) }), 'to: "a" | "b", deep: { x: string | null }'],
  [z.object({ a: z.object({ b: z.object({ c: z.object({ d: z.string() }) }) }) }), "a: { b: { c: { … } } }"],
  [z.string(), "string"],
  [z.object({ only: z.literal("x"), any: z.any() }), 'only: "x", any: any'],
])("schemaText says a schema as a person would say a type: %#", (schema, text) => {
  expect(schemaText(json(schema))).toBe(text);
});

test.each([undefined, null, true, 5, "x", []])("schemaText says nothing of %j", value => {
  expect(schemaText(value)).toBe("");
});
