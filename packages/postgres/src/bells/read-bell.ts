import type { StoreBell } from "@sora/core/adapter";

/** What comes over the channel: a bell with who rang it, or a trial of whether anything comes. */
export type ChannelMessage = { readonly bell: StoreBell; readonly from: string | undefined } | { readonly trial: string };

/** Undefined for what is none: anybody may write to a channel, and hosts of a later version ring for what this one knows nothing of. */
export function readChannelMessage(text: string): ChannelMessage | undefined {
  let message: Readonly<Record<string, unknown>>;
  try {
    message = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const { kind, ids, from, trial } = message;
  if (typeof trial === "string") return { trial };
  const sender = typeof from === "string" ? from : undefined;
  if (kind === "ready" || kind === "scheduled") return { bell: { kind }, from: sender };
  if (kind !== "settled" && kind !== "cancelling") return undefined;
  const named = Array.isArray(ids) && ids.every(id => typeof id === "string") ? { ids } : undefined;
  return { bell: { kind, ...named }, from: sender };
}

export function bellMessage(bell: StoreBell, from: string): string {
  return JSON.stringify({ ...bell, from });
}
