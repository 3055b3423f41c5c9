import { decodeValue } from "../serialization/decode-value.ts";
import { encodeValue } from "../serialization/encode-value.ts";
import type { CallMetadata } from "../actions/service-context.ts";
import type { StoredRetry } from "./retry-policy.ts";
import type { StoredAction } from "./store/stored-action.ts";

/** What a stored action carries for whoever runs it, beside its parameters. */
export interface ActionEnvelope {
  readonly correlationId: string;
  readonly metadata?: CallMetadata;
  readonly retry?: StoredRetry;
  /** Milliseconds for one attempt. */
  readonly timeout?: number;
  /** Not begun after this, and no attempt lasts longer; milliseconds since the epoch. */
  readonly deadline?: number;
  /** The same in milliseconds after it was stored. */
  readonly within?: number;
  /** Its place in a chain: which step it is, from 0, of how many. */
  readonly step?: { readonly chain: string; readonly index: number; readonly of: number };
}

export function encodeEnvelope(envelope: ActionEnvelope): string {
  return encodeValue(envelope, "metadata") as string;
}

export function decodeEnvelope(text: string): ActionEnvelope {
  return decodeValue(text) as ActionEnvelope;
}

/** When the deadline of a stored action is over, in milliseconds since the epoch on the store's clock; never where it has none, or what it was stored with cannot be read. */
export function deadlineOf({ envelope, enqueuedAt }: Pick<StoredAction, "envelope" | "enqueuedAt">): number {
  try {
    return deadlineIn(decodeEnvelope(envelope), enqueuedAt);
  } catch {
    return Infinity;
  }
}

export function deadlineIn({ deadline = Infinity, within = Infinity }: ActionEnvelope, enqueuedAt: number): number {
  return Math.min(deadline, enqueuedAt + within);
}
