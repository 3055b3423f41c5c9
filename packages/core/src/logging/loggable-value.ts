import { describeError } from "../errors/describe-error.ts";

/** Decides what is written for `value` under `key`: the value itself, or what stands in for a secret. */
export type Redact = (key: string, value: unknown) => unknown;

const maximumDepth = 6;
const maximumEntries = 100;
const maximumLength = 10_000;
const unreadable = "[unreadable]";
const errorKeys = ["name", "code", "message", "fix", "details", "stack", "cause", "errors"] as const;

/** What an Error becomes. */
export interface ErrorRecord {
  readonly message: string;
  readonly name?: unknown;
  readonly code?: unknown;
  readonly fix?: unknown;
  readonly details?: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** Whether a copied value was an Error: nothing else is likely to have both a message and a stack. */
export function isErrorRecord(copied: unknown): copied is ErrorRecord {
  return typeof copied === "object" && copied !== null && "message" in copied && typeof copied.message === "string" && "stack" in copied;
}

/**
 * A copy of `value`, found under `key`, that is safe to write as JSON: cycles, depth past 6, more than 100 entries and
 * text past 10,000 characters are cut with a note; a bigint becomes its digits, bytes their count, an Error its name,
 * code, message, fix, details, stack and cause. `redact` sees every value with its key before it is looked into. Never
 * throws, whatever getters, Proxies or `toJSON` do.
 */
export function toLoggable(key: string, value: unknown, redact: Redact): unknown {
  return copy(key, value, redact, []);
}

function copy(key: string, original: unknown, redact: Redact, ancestors: readonly object[]): unknown {
  try {
    const value = redact(key, original);
    if (typeof value === "string") return shorten(value);
    if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
    if (typeof value === "bigint" || typeof value === "symbol") return String(value);
    if (typeof value === "function") return `[function ${value.name}]`;
    if (typeof value !== "object" || value === null) return value;
    if (ancestors.includes(value)) return "[circular]";
    if (ancestors.length >= maximumDepth) return "[too deep]";
    const within = [...ancestors, value];
    return copyObject(key, value, (entryKey, entry) => copy(entryKey, entry, redact, within));
  } catch {
    return unreadable; // a Proxy, a `toJSON` or a redaction that throws
  }
}

type CopyEntry = (key: string, value: unknown) => unknown;

function copyObject(key: string, value: object, copyEntry: CopyEntry): unknown {
  if (value instanceof Error) return copyError(value, copyEntry);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return copyList(key, value, copyEntry);
  if (value instanceof Set) return copyList(key, [...value], copyEntry);
  if (value instanceof Map)
    return copyRecord(
      [...value].map(([name, entry]) => [String(name), () => entry]),
      copyEntry,
    );
  if ("toJSON" in value && typeof value.toJSON === "function") return copyEntry(key, value.toJSON(key));
  return copyRecord(
    Object.keys(value).map(name => [name, () => (value as Record<string, unknown>)[name]]),
    copyEntry,
  );
}

function copyList(key: string, list: readonly unknown[], copyEntry: CopyEntry): unknown[] {
  const items = list.slice(0, maximumEntries).map(item => copyEntry(key, item));
  return list.length > maximumEntries ? [...items, `[${list.length - maximumEntries} more]`] : items;
}

function copyRecord(entries: readonly (readonly [name: string, read: () => unknown])[], copyEntry: CopyEntry): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [name, read] of entries.slice(0, maximumEntries)) setEntry(record, name, copyEntry(name, attempt(read)));
  if (entries.length > maximumEntries) record["…"] = `[${entries.length - maximumEntries} more]`;
  return record;
}

function copyError(error: Error, copyEntry: CopyEntry): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const key of errorKeys) {
    const value = attempt(() => (error as unknown as Record<string, unknown>)[key]);
    if (value !== undefined && !isEmptyObject(value)) record[key] = copyEntry(key, value);
  }
  if (typeof record["message"] !== "string") record["message"] = describeError(error);
  return record;
}

/** Sets a property, `__proto__` like any other; far cheaper than records without a prototype. */
export function setEntry(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
  else record[key] = value;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !(value instanceof Error) && Object.keys(value).length === 0;
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return unreadable;
  }
}

function shorten(text: string): string {
  return text.length <= maximumLength ? text : `${text.slice(0, maximumLength)}… (${text.length - maximumLength} more characters)`;
}
