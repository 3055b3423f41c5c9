/** What stands in for a secret. */
export const redacted = "***";

const secretKey =
  /passw|passphrase|secret|token|credential|authorization|cookie|connection[\s._-]?string|(private|api|access|account|shared|master|signing|encryption|hmac)[\s._-]?key/i;
const shortWord = /pwd|pass|auth|bearer|jwt|otp|dsn/i;
const secretWord = /(^|_)(pwd|pass|auth|bearer|jwt|otp|dsn)(_|$)/i;
const countOfTokens = /tokens$|^max|count$|limit$/i;

const deepest = 8;
const widest = 1_000;

/**
 * `value` as it may be shown under `key`: secrets become "***". A secret is whatever stands under a key that looks like one
 * (password, token, connection string, …), the user info of a URL, and `password=…` pairs in a string. The result is a copy
 * of plain data, cut at 8 levels and 1,000 members a level; circles, members that throw, functions and bytes become a note
 * in square brackets. Never throws, never changes `value`.
 */
export function redactValue(key: string, value: unknown): unknown {
  return redactMember(key, value, []);
}

/** Whether what stands under `key` is taken for a secret. */
export function isSecretKey(key: string): boolean {
  if (key.length > 256) return false;
  if (secretKey.test(key)) return true;
  return shortWord.test(key) && secretWord.test(key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[^A-Za-z0-9]+/g, "_"));
}

/** `text` without the user info of the URLs in it, and without the values of its `password=…` pairs. */
export function redactText(text: string): string {
  let shown = text;
  if (shown.includes("://")) {
    shown = shown.replace(/:\/\/[^\s/?#"'<>]{1,1024}@/g, `://${redacted}@`);
    // a password with an unescaped "/", "?" or "#" in it; digits before those are a port
    shown = shown.replace(/:\/\/[^\s/?#@:]{0,256}:(?!\d{1,5}[/?#])[^\s@]{0,256}@/g, `://${redacted}@`);
  }
  if (shown.includes("=")) {
    shown = shown.replace(
      /((?:password|passwd|pwd|secret|token|api_?key|account_?key|access_?key)\s?=\s?)(?:"[^"]*"|'[^']*'|[^;&\s"']+(?:[ \t][^;&"'=\r\n]{0,256}(?=;))?)/gi,
      `$1${redacted}`,
    );
  }
  return shown;
}

function redactMember(key: string, value: unknown, around: readonly object[]): unknown {
  if (value === undefined || value === null || value === "") return value;
  if (isSecretKey(key) && !(typeof value === "boolean" || (typeof value === "number" && countOfTokens.test(key)))) return redacted;
  switch (typeof value) {
    case "string":
      return redactText(value);
    case "bigint":
      return String(value);
    case "symbol":
      return `[${String(value)}]`;
    case "function":
      return "[a function]";
    case "object":
      return redactObject(value, around);
    default:
      return value;
  }
}

function redactObject(object: object, around: readonly object[]): unknown {
  if (around.includes(object)) return "[circular]";
  if (around.length >= deepest) return "[deeper]";
  try {
    const inside = [...around, object];
    if (object instanceof Date) return object;
    if (object instanceof URL) return redactText(object.href);
    if (ArrayBuffer.isView(object) || object instanceof ArrayBuffer) return `[${object.byteLength} bytes]`;
    if (Array.isArray(object) || object instanceof Set) return redactList(object, inside);
    if (object instanceof Map)
      return redactMembers(
        Array.from(object, ([key, value]) => [String(key), () => value] as const),
        inside,
      );
    const names = object instanceof Error ? errorMembers(object) : Object.keys(object);
    return redactMembers(
      names.map(name => [name, () => (object as Record<string, unknown>)[name]] as const),
      inside,
    );
  } catch {
    return "[unreadable]";
  }
}

function errorMembers(error: Error): string[] {
  return ["name", "message", "stack", "cause", ...Object.keys(error)].filter(name => name in error);
}

function redactList(list: Iterable<unknown>, around: readonly object[]): unknown[] {
  const shown: unknown[] = [];
  for (const element of list) {
    if (shown.length === widest) {
      shown.push("[more]");
      break;
    }
    shown.push(redactMember("", element, around));
  }
  return shown;
}

function redactMembers(members: readonly (readonly [string, () => unknown])[], around: readonly object[]): Record<string, unknown> {
  const shown = members.slice(0, widest).map(([key, read]) => {
    try {
      return [key, redactMember(key, read(), around)] as const;
    } catch {
      return [key, "[unreadable]"] as const;
    }
  });
  if (members.length > widest) shown.push(["…", `[${members.length - widest} more]`]);
  return Object.fromEntries(shown);
}
