import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isSecretKey, redacted } from "../logging/redact.ts";
import { isUnchecked } from "./type.ts";

declare const parsedInput: unique symbol;

/**
 * The type of a method's first parameter when callers may send less than the method gets: the schema's output, which
 * remembers the schema's input. With `z.object({ to: z.string().default("en") })` the method reads `to: string` and a
 * caller may leave it out.
 */
export type Parsed<S extends StandardSchemaV1> = StandardSchemaV1.InferOutput<S> & {
  readonly [parsedInput]?: { readonly input: StandardSchemaV1.InferInput<S> };
};

/** What a caller sends for a parameter of type `P`: the remembered input of {@link Parsed}, else `P` itself. */
export type ParsedInput<P> = 0 extends 1 & P
  ? P
  : typeof parsedInput extends keyof P
    ? Extract<P[typeof parsedInput & keyof P], { readonly input: unknown }>["input"]
    : P;

/** One thing a schema found wrong, with the path to it as a JSON-pointer-like list. */
export interface SchemaIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type SchemaOutcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

/** Checks `value`, at once where the schema is synchronous. What a schema throws, it throws; what an asynchronous one rejects with, it rejects with. */
export function checkSchema(schema: StandardSchemaV1 | undefined, value: unknown): SchemaOutcome | Promise<SchemaOutcome> {
  if (schema === undefined || isUnchecked(schema)) return { ok: true, value };
  const result = schema["~standard"].validate(value);
  return "then" in result ? Promise.resolve(result).then(settled => outcome(settled, value)) : outcome(result, value);
}

function outcome(result: StandardSchemaV1.Result<unknown>, value: unknown): SchemaOutcome {
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, issues: result.issues.map(issue => issueOf(issue, value)) };
}

/** Some libraries quote what they were given; what stands under a name that promises a secret is taken out, since messages reach logs, statuses and callers. */
function issueOf({ message, path: parts }: StandardSchemaV1.Issue, value: unknown): SchemaIssue {
  const path = Array.from(parts ?? [], segment);
  const seen = path.some(part => isSecretKey(String(part))) ? memberAt(value, path) : undefined;
  const secret = typeof seen === "string" || typeof seen === "number" || typeof seen === "bigint" ? String(seen) : "";
  return { message: secret === "" ? message : message.replaceAll(secret, redacted), path };
}

function memberAt(value: unknown, path: readonly (string | number)[]): unknown {
  try {
    return path.reduce<unknown>((inner, part) => (inner as Record<string | number, unknown>)[part], value);
  } catch {
    return undefined; // nothing there, or a Proxy that throws
  }
}

function segment(part: PropertyKey | StandardSchemaV1.PathSegment): string | number {
  const key = typeof part === "object" ? part.key : part;
  return typeof key === "symbol" ? String(key) : key;
}

/** `$.items[2].name: expected string`, one line an issue. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  return issues
    .map(issue => `${issue.path.reduce<string>((path, part) => path + (typeof part === "number" ? `[${part}]` : `.${part}`), "$")}: ${issue.message}`)
    .join("; ");
}

/** True for anything that speaks Standard Schema: an object, or a function as arktype's are. Never throws. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  try {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || !("~standard" in value)) return false;
    const standard = value["~standard"];
    return typeof standard === "object" && standard !== null && "validate" in standard && typeof standard.validate === "function";
  } catch {
    return false; // a Proxy whose traps throw is no schema
  }
}
