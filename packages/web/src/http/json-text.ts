import { SoraError } from "@sora/core";
import { hollowKind } from "@sora/core/internal";

/** The longest answer, in characters. */
const longest = 8 * 1024 * 1024;
/** How deep a value is taken on trust not to be a circle. */
const trusted = 32;
const deepest = 500;

/**
 * The result of an action as JSON; `undefined` for a result that is none. What JSON has no word for is written as people expect: a `Date` as its ISO string, a bigint as a
 * string of digits, bytes as base64, a `Set` as an array, a `Map` as an object, or as pairs where its keys are not all strings, an `Error` as its name and message. NaN and the
 * infinities become null, members that are undefined are left out.
 *
 * @throws SoraError `SORA_RESULT_NOT_SERIALIZABLE`, with the path, for a function, a symbol, a circle, a member that throws, an object of which nothing would be kept,
 * such as a `RegExp`, and a text of more than 8 Mi characters.
 */
export function jsonText(value: unknown): string | undefined {
  const text = write(value);
  if (text !== undefined && text.length > longest) throw notSerializable("$", `it is ${text.length} characters long, more than ${longest}`);
  return text;
}

function write(value: unknown): string | undefined {
  try {
    if (typeof value !== "object" || value === null ? isJsonValue(value) : isPlain(value, 0)) return JSON.stringify(value);
  } catch {
    // a member that throws: the careful way finds out which
  }
  return JSON.stringify(plain(value, "$", []));
}

function isJsonValue(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** Whether `JSON.stringify` writes all of it, which it does many times faster than anything made of script: nothing but literals, arrays and plain objects, down to a depth without circles. */
function isPlain(value: object, depth: number): boolean {
  if (depth === trusted) return false;
  if (Array.isArray(value)) {
    for (const element of value)
      if (typeof element === "object" && element !== null ? !isPlain(element as object, depth + 1) : !isJsonValue(element)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value instanceof Date && !Object.hasOwn(value, "toJSON");
  for (const key in value) {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === "object" && member !== null ? !isPlain(member, depth + 1) : !isJsonValue(member)) return false;
  }
  return true;
}

/** A copy that is plain. */
function plain(value: unknown, path: string, around: readonly object[]): unknown {
  switch (typeof value) {
    case "bigint":
      return String(value);
    case "function":
    case "symbol":
      throw notSerializable(path, `it is a ${typeof value}`);
    case "object":
      if (value === null) return null;
      if (around.includes(value)) throw notSerializable(path, "it is part of a circle");
      if (around.length === deepest) throw notSerializable(path, `it is nested deeper than ${deepest}`);
      try {
        return plainObject(value, path, [...around, value]);
      } catch (error) {
        throw SoraError.is(error) ? error : notSerializable(path, "it cannot be read");
      }
    default:
      return value;
  }
}

function plainObject(value: object, path: string, within: readonly object[]): unknown {
  if ("toJSON" in value && typeof value.toJSON === "function") return plain(value.toJSON(""), path, within);
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("base64");
  if (Array.isArray(value) || value instanceof Set) return Array.from(value, (element, index) => plain(element, `${path}[${index}]`, within));
  if (value instanceof Map) {
    if (Array.from(value.keys()).every(key => typeof key === "string")) return members(value, path, within);
    return Array.from(value, (pair, index) => plain(pair, `${path}[${index}]`, within));
  }
  if (value instanceof Error) return { name: value.name, message: value.message };
  const kind = hollowKind(value);
  if (kind !== undefined) throw notSerializable(path, `it is of the kind ${kind}, of which nothing would be kept`);
  return members(Object.entries(value), path, within);
}

function members(entries: Iterable<readonly [string, unknown]>, path: string, within: readonly object[]): object {
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of entries) copy[key] = plain(member, `${path}.${key}`, within);
  return copy;
}

function notSerializable(path: string, why: string): SoraError {
  const shown = path.slice(0, 200);
  return new SoraError("SORA_RESULT_NOT_SERIALIZABLE", `The result cannot leave the process: at ${shown} ${why}.`, { details: { path: shown } });
}

/** The text of an object that has members, with one more, whose value is JSON already; the same text where there is none. */
export function withMember(text: string, name: string, value: string | undefined): string {
  return value === undefined ? text : `${text.slice(0, -1)},${JSON.stringify(name)}:${value}}`;
}
