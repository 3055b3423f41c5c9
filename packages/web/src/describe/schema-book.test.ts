import { type as ark } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { describeSchema } from "@sora/core/internal";
import { componentName, SchemaBook } from "./schema-book.ts";

type Schema = NonNullable<Parameters<typeof describeSchema>[0]>;

const Tree = z.object({
  name: z.string(),
  get children() {
    return z.array(Tree);
  },
});
interface Branch {
  readonly label: string;
  readonly branches: readonly Branch[];
}
const Branch: v.GenericSchema<Branch> = v.object({ label: v.string(), branches: v.array(v.lazy(() => Branch)) });

async function bookOf(
  schemas: Readonly<Record<string, Schema>>,
): Promise<{ readonly references: Record<string, unknown>; readonly all: Record<string, unknown> }> {
  const book = new SchemaBook();
  const references: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(schemas)) references[name] = book.add(name, await describeSchema(schema, "input"));
  return { references, all: book.all() };
}

describe("SchemaBook", () => {
  test("lets a schema that refers to itself refer to its place in the book, of all three libraries", async () => {
    const { references, all } = await bookOf({ Zod: Tree, Valibot: Branch, Arktype: ark({ name: "string", "parts?": "this[]" }) });
    expect(references).toEqual({
      Zod: { $ref: "#/components/schemas/Zod" },
      Valibot: { $ref: "#/components/schemas/Valibot" },
      Arktype: { $ref: "#/components/schemas/Arktype" },
    });
    expect(all["Zod"]).toMatchObject({ properties: { children: { items: { $ref: "#/components/schemas/Zod" } } } });
    expect(all["Valibot_Part1"]).toMatchObject({ properties: { branches: { items: { $ref: "#/components/schemas/Valibot_Part1" } } } });
    expect(all["Valibot"]).toMatchObject({ properties: { branches: { items: { $ref: "#/components/schemas/Valibot_Part1" } } } });
    expect(all["Arktype"]).toMatchObject({ properties: { parts: { $ref: "#/components/schemas/Arktype_Part1" } } });
    expect(all["Arktype_Part1"]).toEqual({ type: "array", items: { $ref: "#/components/schemas/Arktype" } });
    expect(Object.keys(all).toSorted()).toEqual(["Arktype", "Arktype_Part1", "Valibot", "Valibot_Part1", "Zod"]);
    expect(JSON.stringify(all)).not.toMatch(/\$defs|\$schema/);
  });

  test("gives definitions that the user named their names", async () => {
    const Address = z.object({ city: z.string() }).meta({ id: "Address" });
    const { all } = await bookOf({ Order: z.object({ from: Address, to: Address }) });
    expect(all).toMatchObject({
      Order: { properties: { from: { $ref: "#/components/schemas/Order_Address" }, to: { $ref: "#/components/schemas/Order_Address" } } },
      Order_Address: { properties: { city: { type: "string" } } },
    });
  });

  test("follows references to deeper places, and leaves alone what only looks like one", () => {
    const book = new SchemaBook();
    book.add("Deep", {
      properties: {
        a: { type: "string" },
        b: { $ref: "#/properties/a" },
        $ref: { type: "string" },
        c: { $ref: "#/$defs/one~1two/items" },
        d: { $ref: "https://example.com/schema" },
      },
      default: { $ref: "#" },
      enum: [{ $ref: "#" }],
      $defs: { "one/two": { items: { const: { $ref: "#" } } } },
    });
    expect(book.all()).toEqual({
      Deep: {
        properties: {
          a: { type: "string" },
          b: { $ref: "#/components/schemas/Deep/properties/a" },
          $ref: { type: "string" },
          c: { $ref: "#/components/schemas/Deep_one_two/items" },
          d: { $ref: "https://example.com/schema" },
        },
        default: { $ref: "#" },
        enum: [{ $ref: "#" }],
      },
      Deep_one_two: { items: { const: { $ref: "#" } } },
    });
  });

  test("keeps names apart, takes any name, and any value for what nobody can describe", () => {
    const book = new SchemaBook();
    expect(book.add("Same", { type: "string" })).toEqual({ $ref: "#/components/schemas/Same" });
    expect(book.add("Same", { type: "number" })).toEqual({ $ref: "#/components/schemas/Same2" });
    expect(book.add("Unknown", undefined)).toEqual({});
    expect(book.add("Big", { default: 1n })).toEqual({});
    expect(book.all()).toEqual({ Same: { type: "string" }, Same2: { type: "number" } });
    expect(componentName("a b/c{d}é")).toBe("a_b_c_d__");
  });
});
