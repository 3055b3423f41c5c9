import { isJsonSchema, resolveReference } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const formats: Readonly<Record<string, string>> = {
  "date-time": "2026-01-31T12:00:00.000Z",
  date: "2026-01-31",
  time: "12:00:00",
  duration: "PT1H",
  email: "someone@example.com",
  "idn-email": "someone@example.com",
  hostname: "example.com",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  base64: "c29yYQ==",
};

/** Tried against a pattern, since making text that fits one is beyond an example. */
const texts = [
  "text",
  "Text",
  "TEXT",
  "a",
  "A",
  "1",
  "0",
  "42",
  "1234",
  "12345678",
  "abc123",
  "en",
  "en-US",
  "a-b",
  "a.b",
  "a_b",
  "2026-01-31",
  ...Object.values(formats),
  "",
];

const deepest = 6;

/**
 * A value that the schema allows, made from its own examples and defaults first and by its types where it has none; `undefined` where none can be made. It is a guess
 * where a schema holds conditions of its own: check it before showing it.
 */
export function exampleOf(schema: JsonSchema): unknown {
  return make(schema, { root: schema, within: [] });
}

interface Making {
  readonly root: JsonSchema;
  /** References being followed, so that a recursive schema comes to an end. */
  readonly within: readonly string[];
}

function make(schema: unknown, making: Making): unknown {
  if (!isJsonSchema(schema) || making.within.length > deepest) return undefined;
  const { examples, example, default: usual, enum: values, $ref } = schema;
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  for (const given of [example, usual, schema["const"]]) if (given !== undefined) return given;
  if (Array.isArray(values)) return values[0];
  if (typeof $ref === "string")
    return making.within.includes($ref) ? undefined : make(resolveReference(making.root, $ref), { root: making.root, within: [...making.within, $ref] });
  for (const choice of [schema["anyOf"], schema["oneOf"]]) if (Array.isArray(choice)) return firstOf(choice, schema, making);
  if (Array.isArray(schema["allOf"])) return together(schema["allOf"], schema, making);
  return ofType(schema, making);
}

function firstOf(choices: readonly unknown[], around: JsonSchema, making: Making): unknown {
  const { anyOf: _any, oneOf: _one, ...rest } = around;
  for (const choice of choices) {
    const value = isJsonSchema(choice) ? make("$ref" in choice ? choice : { ...rest, ...choice }, making) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

function together(parts: readonly unknown[], around: JsonSchema, making: Making): unknown {
  const { allOf: _all, ...rest } = around;
  const values = [...parts, rest].map(part => make(part, making)).filter(value => value !== undefined);
  return values.every(isJsonSchema) ? Object.assign({}, ...values) : values[0];
}

function ofType(schema: JsonSchema, making: Making): unknown {
  const [type] = Array.isArray(schema["type"]) ? (schema["type"] as unknown[]) : [schema["type"]];
  if (type === "object" || (type === undefined && "properties" in schema)) return objectExample(schema, making);
  if (type === "array") return arrayExample(schema, making);
  if (type === "string") return textExample(schema);
  if (type === "integer" || type === "number") return numberExample(schema, type === "integer");
  if (type === "boolean") return true;
  return type === "null" ? null : undefined;
}

function objectExample(schema: JsonSchema, making: Making): unknown {
  const required = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]).map(String) : [];
  const properties = isJsonSchema(schema["properties"]) ? schema["properties"] : {};
  const members = new Map<string, unknown>();
  for (const [name, member] of Object.entries(properties)) {
    const value = make(member, making);
    if (value !== undefined) members.set(name, value);
    else if (required.includes(name)) {
      if (!isJsonSchema(member) || Object.keys(member).length > 0) return undefined;
      members.set(name, "anything");
    }
  }
  if (members.size === 0 && isJsonSchema(schema["additionalProperties"])) {
    const value = make(schema["additionalProperties"], making);
    const name = make(schema["propertyNames"] ?? {}, making);
    if (value !== undefined) members.set(typeof name === "string" ? name : "name", value);
  }
  return Object.fromEntries(members);
}

function arrayExample(schema: JsonSchema, making: Making): unknown {
  const head = Array.isArray(schema["prefixItems"])
    ? (schema["prefixItems"] as unknown[])
    : Array.isArray(schema["items"])
      ? (schema["items"] as unknown[])
      : [];
  const values = head.map(item => make(item, making));
  if (values.includes(undefined)) return undefined;
  const least = numberIn(schema["minItems"]) ?? 0;
  const item = head.length > 0 && least <= head.length ? undefined : make(schema["items"], making);
  const wished = Math.min(head.length > 0 ? 0 : 1, numberIn(schema["maxItems"]) ?? 1);
  while (values.length < Math.max(least, wished) && item !== undefined) values.push(item);
  return values.length < least ? undefined : values;
}

function textExample({ format, pattern, minLength, maxLength }: JsonSchema): string | undefined {
  const least = numberIn(minLength) ?? 0;
  const most = numberIn(maxLength) ?? Infinity;
  if (least > 10_000) return undefined;
  const fits = (text: string): boolean => text.length >= least && text.length <= most && (typeof pattern !== "string" || matches(pattern, text));
  const known = typeof format === "string" ? formats[format] : undefined;
  return [...(known === undefined ? [] : [known]), ...texts, "text".padEnd(least, " text"), "text".slice(0, Math.min(most, 4))].find(fits);
}

function numberExample({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: JsonSchema, whole: boolean): number | undefined {
  const step = numberIn(multipleOf) ?? (whole ? 1 : 0.5);
  const above = numberIn(exclusiveMinimum);
  const below = numberIn(exclusiveMaximum);
  const from = numberIn(minimum) ?? above;
  const to = numberIn(maximum) ?? below;
  const fits = (value: number): boolean =>
    value >= (numberIn(minimum) ?? -Infinity) &&
    value <= (numberIn(maximum) ?? Infinity) &&
    value > (above ?? -Infinity) &&
    value < (below ?? Infinity) &&
    (!whole || Number.isInteger(value)) &&
    (multipleOf === undefined || Number.isInteger(value / step));
  const candidates = [
    1,
    step,
    0,
    ...(from === undefined ? [] : [from, Math.ceil(from / step) * step, from + step]),
    ...(to === undefined ? [] : [to, to - step]),
    ...(from === undefined || to === undefined ? [] : [(from + to) / 2]),
  ];
  return candidates.find(fits);
}

function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return false;
  }
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
