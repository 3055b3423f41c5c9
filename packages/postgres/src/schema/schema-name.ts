import { shown } from "@sora/core/internal";
import type { Report } from "@sora/core/internal";

/** Names of PostgreSQL are cut at 63 bytes without a word, and the channel's is a little longer than the schema's. */
const longest = 50;

/** What a schema's name is held to. Any characters will do but U+0000, since it is quoted wherever it stands; `$sora$` is what functions end with. */
export function checkSchemaName(what: string, value: unknown, report: Report): void {
  const named = typeof value === "string" && value !== "" && value.isWellFormed() && Buffer.byteLength(value) <= longest;
  if (!named || value.includes("\0") || value.includes("$sora$") || value.startsWith("pg_"))
    report(`${what} is ${shown(value)}; it is the name of a schema, of 1 to ${longest} bytes, that does not begin with pg_`);
}

/** As it stands in a statement. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The channel on which hosts that share a schema tell each other. */
export function channelOf(schema: string): string {
  return `${schema}:bell`;
}
