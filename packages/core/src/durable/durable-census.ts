import type { DurableCounts } from "./action-story.ts";
import type { QueueParts } from "./store/queue-name.ts";
import type { ActionState } from "./store/stored-action.ts";

/** How many stored actions of one kind stand in a state. */
export interface CensusLine extends QueueParts {
  readonly state: ActionState;
  readonly count: number;
  /** Whether no worker of the store says that it can run them: a service that is gone, disabled, stopped or failed everywhere, or a version that nobody lifts. */
  readonly unclaimable: boolean;
}

/** Stored actions at this moment: what waits in the store, whoever stored it, and what this host has done. */
export interface DurableCensus {
  /** Of the store, for people. */
  readonly store: string;
  readonly lines: readonly CensusLine[];
  /** Messages that wait to be published, and those that could not be. */
  readonly outbox: { readonly waiting: number; readonly dead: number };
  /** Workers on the store, this host's included. */
  readonly workers: number;
  /** On this host, since it started. */
  readonly counts: Readonly<DurableCounts>;
  readonly running: number;
  readonly concurrency: number;
}
