/** A JSON Schema of draft 2020-12, as far as a contract looks into it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords whose value is one schema. */
const single = new Set([
  "additionalProperties",
  "items",
  "contains",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
  "unevaluatedItems",
  "unevaluatedProperties",
  "contentSchema",
  "additionalItems",
]);
/** Keywords whose value is a list of schemas. */
const lists = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
/** Keywords whose value is schemas by a name that is no keyword. */
const maps = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);

export function isJsonSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy with every schema in it, from the inside out and itself last, put through `change`. Values that only look like schemas, such as a `default`, stay. */
export function mapSchemas(schema: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const inside = (value: unknown): unknown => (isJsonSchema(value) ? mapSchemas(value, change) : value);
  const copy = Object.entries(schema).map(([keyword, value]): readonly [string, unknown] => {
    if (single.has(keyword)) return [keyword, Array.isArray(value) ? value.map(inside) : inside(value)];
    if (lists.has(keyword) && Array.isArray(value)) return [keyword, value.map(inside)];
    if (maps.has(keyword) && isJsonSchema(value)) return [keyword, Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inside(member)]))];
    return [keyword, value];
  });
  return change(Object.fromEntries(copy));
}

/** What a reference inside `root` points to (RFC 6901, in a fragment); `undefined` where it leads nowhere. */
export function resolveReference(root: JsonSchema, reference: string): unknown {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  let at: unknown = root;
  for (const segment of pointerSegments(reference))
    at = isJsonSchema(at) && Object.hasOwn(at, segment) ? at[segment] : Array.isArray(at) ? (at as unknown[])[Number(segment)] : undefined;
  return at;
}

/** The segments of a `#/…` reference. */
export function pointerSegments(reference: string): string[] {
  return reference
    .slice(2)
    .split("/")
    .map(part => unescape(part).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function unescape(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
