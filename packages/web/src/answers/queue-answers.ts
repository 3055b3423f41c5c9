import { actionStates } from "@sora/core/adapter";
import type { ActionState, PausedQueue } from "@sora/core";

/** States that are counted. Completed actions are not: nobody waits for them, and they grow with the retention. */
export type CountedState = Exclude<ActionState, "completed">;

export const countedStates: readonly CountedState[] = actionStates.filter(state => state !== "completed");

/** Stored actions of one kind: how many stand in each state. */
export interface StoredQueue extends Readonly<Record<CountedState, number>> {
  readonly service: string;
  readonly action: string;
  readonly version: number;
  readonly paused: boolean;
  /** Whether no worker of the store can run what waits here. */
  readonly unclaimable: boolean;
}

/** What is stored, and who works on it: `GET /api/queues`. */
export interface StoredQueues {
  /** The store, for people; absent where the host has none. */
  readonly store?: string;
  /** Workers on the store. */
  readonly workers: number;
  /** Stored actions under way on this host. */
  readonly running: number;
  /** How many may be; 0 where other hosts do the work. */
  readonly concurrency: number;
  readonly queues: readonly StoredQueue[];
  readonly paused: readonly PausedQueue[];
}

/** What was paused or resumed. */
export interface QueueAnswer extends PausedQueue {
  readonly paused: boolean;
}
