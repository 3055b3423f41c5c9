import { oneLine } from "./printable.ts";

type Schema = Readonly<Record<string, unknown>>;

/** A JSON Schema in a line, as a person would say the type: `name: string, times?: number = 2`. Empty where there is none. */
export function schemaText(schema: unknown): string {
  if (!isSchema(schema)) return "";
  return oneLine(isSchema(schema["properties"]) ? members(schema, 2) : type(schema, 2));
}

function members(schema: Schema, depth: number): string {
  const required = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]) : [];
  return Object.entries(schema["properties"] as Schema)
    .map(([name, member]) => {
      const fallback = isSchema(member) && member["default"] !== undefined ? ` = ${JSON.stringify(member["default"])}` : "";
      return `${name}${required.includes(name) && fallback === "" ? "" : "?"}: ${type(member, depth)}${fallback}`;
    })
    .join(", ");
}

function type(schema: unknown, depth: number): string {
  if (!isSchema(schema)) return "any";
  if (schema["const"] !== undefined) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["enum"])) return schema["enum"].map(value => JSON.stringify(value)).join(" | ");
  const several = schema["anyOf"] ?? schema["oneOf"];
  if (Array.isArray(several)) return several.map(one => type(one, depth)).join(" | ");
  if (Array.isArray(schema["type"])) return schema["type"].join(" | ");
  if (schema["type"] === "array") return `${type(schema["items"], depth)}[]`;
  if (isSchema(schema["properties"])) return depth === 0 ? "{ … }" : `{ ${members(schema, depth - 1)} }`;
  return typeof schema["type"] === "string" ? schema["type"] : "any";
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
