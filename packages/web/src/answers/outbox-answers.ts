import type { DeadMessage } from "@sora/core";

/** How much waits, and what could not be published: `GET /api/outbox`. */
export interface OutboxState {
  readonly waiting: number;
  readonly dead: number;
  readonly messages: readonly DeadMessage[];
}

/** How many dead messages are tried again. */
export interface OutboxRetryAnswer {
  readonly retried: number;
}
