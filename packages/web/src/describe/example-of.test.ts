import { type as ark } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { describeSchema } from "@sora/core/internal";
import { exampleOf } from "./example-of.ts";

type Schema = NonNullable<Parameters<typeof describeSchema>[0]>;

const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});
const Chain = z.object({ next: z.lazy((): z.ZodType => z.union([Chain, z.null()])) });
interface Branch {
  readonly label: string;
  readonly branches: readonly Branch[];
}
const Branch: v.GenericSchema<Branch> = v.object({ label: v.string(), branches: v.array(v.lazy(() => Branch)) });

const schemas: Readonly<Record<string, Schema>> = {
  "what users mostly have": z.object({
    fileId: z.string(),
    from: z.string().default("auto"),
    to: z.string().length(5),
    priority: z.int().min(1).max(10).optional(),
    tags: z.array(z.string()).min(2),
  }),
  "examples of its own": z.object({
    code: z
      .string()
      .regex(/^[A-Z]{3}-\d{7}$/)
      .meta({ examples: ["ABC-1234567"] }),
  }),
  numbers: z.object({
    a: z.number().gt(5).lt(6),
    b: z.int().multipleOf(7).min(50),
    c: z.number().negative(),
    d: z.int().max(-10),
    e: z.number().min(0.5).max(0.6),
    f: z.int(),
  }),
  texts: z.object({
    a: z.email(),
    b: z.uuid(),
    c: z.iso.datetime(),
    d: z.iso.date(),
    e: z.url(),
    f: z.ipv4(),
    g: z.string().max(2),
    h: z.string().min(40),
    i: z.string().regex(/^\d+$/),
    j: z.string().regex(/^[a-z]+$/),
  }),
  choices: z.object({
    a: z.enum(["x", "y"]),
    b: z.literal(7),
    c: z.union([z.string().min(3), z.number()]),
    d: z.nullable(z.boolean()),
    e: z.discriminatedUnion("kind", [z.object({ kind: z.literal("a"), n: z.number() }), z.object({ kind: z.literal("b") })]),
  }),
  collections: z.object({
    a: z.tuple([z.string(), z.number()]),
    b: z.record(z.string(), z.int()),
    c: z.array(z.array(z.boolean())),
    d: z.tuple([z.string()]).rest(z.number()),
    e: z.array(z.string()).max(0),
  }),
  intersections: z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() })),
  "a text alone": z.string(),
  "a list alone": z.array(z.number()),
  "nothing in particular": z.object({ anything: z.unknown(), any: z.any() }),
  "a recursive zod schema": Tree,
  "a zod schema that recurs through a union": Chain,
  "a recursive valibot schema": Branch,
  "a recursive arktype schema": ark({ name: "string", "parts?": "this[]" }),
  "arktype's numbers and texts": ark({ email: "string.email", size: "1 < number <= 5", kind: "'a' | 'b'", "when?": "string.date.iso" }),
  "valibot's numbers and texts": v.object({
    email: v.pipe(v.string(), v.email()),
    size: v.pipe(v.number(), v.integer(), v.minValue(3)),
    kind: v.picklist(["a", "b"]),
    pair: v.tuple([v.string(), v.number()]),
  }),
};

describe("exampleOf", () => {
  test.each(Object.entries(schemas))("makes what the schema accepts of %s", async (_name, schema) => {
    const described = await describeSchema(schema, "input");
    const example = exampleOf(described ?? {});
    expect(example).toBeDefined();
    expect(JSON.parse(JSON.stringify(example))).toEqual(example);
    const outcome = await schema["~standard"].validate(example);
    expect([example, outcome.issues]).toEqual([example, undefined]);
  });

  test("makes nothing where only the user could, and comes to an end where a schema can have no value", () => {
    expect(exampleOf({ type: "string", pattern: "^QZ\\d{9}$" })).toBeUndefined();
    expect(exampleOf({ type: "string", pattern: "(" })).toBeUndefined();
    expect(exampleOf({ type: "object", required: ["self"], properties: { self: { $ref: "#" } } })).toBeUndefined();
    expect(exampleOf({ $ref: "#" })).toBeUndefined();
    expect(exampleOf({ $ref: "#/$defs/none" })).toBeUndefined();
    expect(exampleOf({ type: "integer", minimum: 3, maximum: 2 })).toBeUndefined();
    expect(exampleOf({ type: "array", minItems: 1, items: false })).toBeUndefined();
    expect(exampleOf({})).toBeUndefined();
  });
});
