import type { CallMetadata } from "./service-context.ts";

/** What a caller asks of one call, beyond the action and its parameters. Absent means: as the definition says, or inherited from the calling context. */
export interface CallOptions {
  readonly priority?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly correlationId?: string;
  readonly signal?: AbortSignal;
  readonly metadata?: CallMetadata;
}
