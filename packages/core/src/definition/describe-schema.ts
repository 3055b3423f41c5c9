import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { DescribedSchema } from "../lifecycle/service-info.ts";

type Direction = "input" | "output";

/** The part of Standard JSON Schema that is asked for. */
interface Describing {
  readonly jsonSchema?: Readonly<Record<Direction, (options: object) => Record<string, unknown>>>;
}

/**
 * A schema as JSON Schema (draft 2020-12): by itself where its library speaks Standard JSON Schema (zod, arktype), through `@valibot/to-json-schema` where that is
 * installed; `undefined` where nobody can say.
 */
export async function describeSchema(schema: StandardSchemaV1 | undefined, direction: Direction): Promise<DescribedSchema> {
  if (schema === undefined) return undefined;
  const { jsonSchema } = schema["~standard"] as Describing;
  try {
    if (jsonSchema !== undefined) return jsonSchema[direction]({ target: "draft-2020-12", libraryOptions: { unrepresentable: "any" } });
    return schema["~standard"].vendor === "valibot" ? await describeValibot(schema, direction) : undefined;
  } catch {
    return undefined; // a schema that cannot be described still checks
  }
}

async function describeValibot(schema: StandardSchemaV1, direction: Direction): Promise<DescribedSchema> {
  const library = "@valibot/to-json-schema"; // a name in a variable: the package is the user's to install
  const { toJsonSchema } = (await import(library)) as { toJsonSchema(schema: unknown, options: object): Record<string, unknown> };
  return toJsonSchema(schema, { typeMode: direction, errorMode: "ignore", target: "draft-2020-12" });
}
