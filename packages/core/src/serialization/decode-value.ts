import { tag } from "./encode-value.ts";

/** The value that `encodeValue` made `text` of. @throws SyntaxError where the text is none of its making. */
export function decodeValue(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return text.includes(`"${tag}"`) ? restore(value) : value;
}

function restore(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(restore);
  const { [tag]: kind, value: inner } = value as { [tag]?: unknown; value?: unknown };
  if (typeof kind === "string") return restoreTagged(kind, inner);
  return objectOf(Object.entries(value).map(([key, member]) => [key, restore(member)]));
}

function restoreTagged(kind: string, value: unknown): unknown {
  switch (kind) {
    case "date":
      return new Date((value as string | null) ?? Number.NaN);
    case "bigint":
      return BigInt(value as string);
    case "number":
      return Number(value);
    case "bytes":
      return new Uint8Array(Buffer.from(value as string, "base64"));
    case "set":
      return new Set((value as unknown[]).map(restore));
    case "map":
      return new Map(pairs(value as unknown[]));
    case "object":
      return objectOf(pairs(value as unknown[]) as [string, unknown][]);
    default:
      throw new SyntaxError(`Cannot read a stored value: it holds a "${kind}", which this version does not know.`);
  }
}

function pairs(flat: readonly unknown[]): [unknown, unknown][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [restore(flat[index * 2]), restore(flat[index * 2 + 1])]);
}

/** An own member named `__proto__` stays one. */
function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries);
}
