import { redactValue } from "@sora/core/adapter";
import { withMember } from "../http/json-text.ts";
import type { EventEnvelope } from "@sora/core/adapter";

/** Largest arguments of one event that are sent, in characters of JSON. */
const longest = 262_144;

/**
 * An emitted event as the JSON that clients get: `{ service, event, args, at, correlationId }`. Secrets in the arguments are redacted; dates become ISO 8601, bigints
 * their digits, a Map an object, a Set a list; bytes, functions and circles become a note in square brackets, and so do arguments past 256 Ki characters. Never throws.
 */
export function eventData(service: string, event: string, args: unknown, envelope: EventEnvelope): string {
  const { at, correlationId } = envelope;
  const head = JSON.stringify({ service, event, at, ...(correlationId === undefined ? undefined : { correlationId }) });
  return withMember(head, "args", argsText(args));
}

/** JSON of the arguments; `undefined` where there are none. */
function argsText(args: unknown): string | undefined {
  if (args === undefined) return undefined;
  const text = stringify(redactValue("", args));
  return text === undefined || text.length <= longest ? text : `"[${text.length} characters, too many to stream]"`;
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return '"[unreadable]"'; // a Date whose `toJSON` throws
  }
}
