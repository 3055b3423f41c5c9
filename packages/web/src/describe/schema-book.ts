import { isJsonSchema, mapSchemas, pointerSegments } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Names that a library made up; `__schema0` is zod's, `intersection12` arktype's, `0` valibot's. */
const madeUp = /^(?:__schema|intersection|union|type|alias|morph|domain|proto|unit)?\d*$/;

/**
 * Collects schemas under names that a contract can refer to. What a schema defines for itself (`$defs`, often because it refers to itself) becomes a schema of the
 * book, and references follow.
 */
export class SchemaBook {
  readonly #schemas = new Map<string, JsonSchema>();

  /** Adds a schema under `name`, or one like it where that is taken; a reference to it. A schema that nobody can describe is any value. */
  add(name: string, described: JsonSchema | undefined): JsonSchema {
    const plain = described === undefined ? undefined : asPlainData(described);
    if (plain === undefined) return {};
    const { $schema: _schema, $id: _id, $defs = {}, definitions = {}, ...root } = plain;
    const defined = { ...(definitions as Record<string, unknown>), ...($defs as Record<string, unknown>) };
    const own = this.#claim(name);
    const names = new Map<string, string>();
    // A root that only says where in its definitions it stands is that definition.
    const alias = Object.keys(root).length === 1 ? definitionName(root["$ref"]) : undefined;
    if (alias !== undefined && isJsonSchema(defined[alias])) names.set(alias, own);
    for (const part of Object.keys(defined))
      if (!names.has(part))
        names.set(part, this.#claim(`${own}_${madeUp.test(part) ? `Part${names.size + (alias === undefined ? 1 : 0)}` : componentName(part)}`));
    const follow = (schema: JsonSchema): JsonSchema =>
      typeof schema["$ref"] === "string" ? { ...schema, $ref: followed(schema["$ref"], own, names) } : schema;
    for (const [part, schema] of Object.entries(defined)) this.#schemas.set(names.get(part) as string, isJsonSchema(schema) ? mapSchemas(schema, follow) : {});
    if (alias === undefined || names.get(alias) !== own) this.#schemas.set(own, mapSchemas(root, follow));
    return reference(own);
  }

  /** Adds a schema of our own, whose references are the book's already. */
  put(name: string, schema: JsonSchema): JsonSchema {
    const own = this.#claim(name);
    this.#schemas.set(own, schema);
    return reference(own);
  }

  /** Every schema by its name. */
  all(): Record<string, JsonSchema> {
    return Object.fromEntries(this.#schemas);
  }

  #claim(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#schemas.has(name); n++) name = `${wanted}${n}`;
    this.#schemas.set(name, {});
    return name;
  }
}

/** A reference to a schema of the book. */
export function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A name with nothing in it that a contract, or a program generated from it, could not take. */
export function componentName(name: string): string {
  return name.replaceAll(/[^\w.-]/g, "_");
}

function definitionName(ref: unknown): string | undefined {
  if (typeof ref !== "string" || !/^#\/(?:\$defs|definitions)\/[^/]+$/.test(ref)) return undefined;
  return pointerSegments(ref)[1];
}

/** Where a reference inside a schema leads once that is in the book. */
function followed(ref: string, own: string, names: ReadonlyMap<string, string>): string {
  if (ref === "#") return `#/components/schemas/${own}`;
  const match = /^#\/(?:\$defs|definitions)\/([^/]+)(.*)$/.exec(ref);
  const name = match === null ? undefined : names.get(pointerSegments(`#/${match[1]}`)[0] as string);
  if (match !== null && name !== undefined) return `#/components/schemas/${name}${match[2]}`;
  return ref.startsWith("#/") ? `#/components/schemas/${own}${ref.slice(1)}` : ref;
}

function asPlainData(schema: JsonSchema): JsonSchema | undefined {
  try {
    return JSON.parse(JSON.stringify(schema)) as JsonSchema;
  } catch {
    return undefined; // a default that JSON does not have
  }
}
