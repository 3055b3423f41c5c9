import type { StoredCall } from "../durable/stored-call.ts";
import type { CallMetadata } from "./service-context.ts";

/**
 * What can cancel a call: an `AbortSignal`, or anything that has this much of one. A server that tells of each client's going away by an object of its own saves a
 * third of what a call through it costs.
 */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** What a caller asks of one call, beyond the action and its parameters. Absent means: as the definition says, or inherited from the calling context. */
export interface CallOptions {
  readonly priority?: number;
  /** Milliseconds; Infinity is the same as none. */
  readonly timeout?: number;
  /** Milliseconds that the caller itself has left, where it is no call of this host; the smaller of this and the call's own timeout counts. */
  readonly left?: number;
  readonly correlationId?: string;
  readonly signal?: CancelSignal;
  readonly metadata?: CallMetadata | undefined;
  /** What it knows of the stored action it is an attempt at. */
  readonly stored?: StoredCall;
  /** Told when the action itself begins: where it never is, nothing of the action has run. */
  readonly began?: () => void;
  /** Told when an action that began has ended, which is later than the answer where it does not heed its signal. */
  readonly ended?: () => void;
}
