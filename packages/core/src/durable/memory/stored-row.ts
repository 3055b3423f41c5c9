import type { HeapItem, TimerHeap } from "../../schedule/timer-heap.ts";
import type { ActionState, NewAction, StoredAction, StoredError } from "../store/stored-action.ts";
import type { MemoryQueue } from "./memory-queue.ts";

/** Where a row is, whatever the time: `pending` is shown as `waiting` or `delayed`. */
export type RowState = "pending" | "failed" | "running" | "completed" | "dead" | "cancelled";

/** An action in a memory store. It is in one heap at most: by its time, among what can be claimed, or by the end of its retention. */
export class StoredRow implements HeapItem {
  heapIndex = -1;
  /** The heap it was put into last. */
  heap: TimerHeap<StoredRow> | undefined;
  readonly id: string;
  /** The order of storing. */
  readonly order: number;
  enqueuedAt: number;
  readonly after: string | undefined;
  readonly key: string | undefined;
  readonly keyLimit: number;
  readonly idempotencyKey: string | undefined;
  readonly debounceKey: string | undefined;
  queue: MemoryQueue;
  parameters: string | undefined;
  envelope: string;
  priority: number;
  attempts: number;
  dueAt: number;
  state: RowState = "pending";
  attempt = 0;
  fence = 0;
  suspect = false;
  /** Whether its key lets it in, where it has one. */
  letIn = true;
  /** Whether it waits for the one before it in its chain; of one that is cancelled, whether it did to its end. */
  chained = false;
  /** Retention once it is cancelled; set where it was asked to be cancelled while it ran. */
  cancelKeepFor: number | undefined;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  result: string | undefined;
  error: StoredError | undefined;
  progress: string | undefined;
  worker: string | undefined;

  constructor(action: NewAction, queue: MemoryQueue, order: number, now: number) {
    this.id = action.id;
    this.order = order;
    this.enqueuedAt = now;
    this.after = action.after;
    this.key = action.debounceKey ?? action.key;
    this.keyLimit = action.debounceKey === undefined ? (action.keyLimit ?? 1) : 1;
    this.idempotencyKey = action.idempotencyKey;
    this.debounceKey = action.debounceKey;
    this.queue = queue;
    this.parameters = action.parameters;
    this.envelope = action.envelope;
    this.priority = action.priority;
    this.attempts = action.attempts;
    this.dueAt = dueTime(action, now);
  }

  /** Whether its time is all that may still hold it up. */
  get free(): boolean {
    return this.letIn && !this.chained;
  }

  /** Takes it out of the heap it is in, if any. */
  displace(): void {
    if (this.heapIndex >= 0) this.heap?.remove(this);
    this.heap = undefined;
  }

  stateAt(now: number): ActionState {
    return this.state !== "pending" ? this.state : this.dueAt > now ? "delayed" : "waiting";
  }

  snapshot(now: number): StoredAction {
    return {
      id: this.id,
      queue: this.queue.name,
      state: this.stateAt(now),
      ...(this.parameters !== undefined && { parameters: this.parameters }),
      envelope: this.envelope,
      priority: this.priority,
      attempt: this.attempt,
      attempts: this.attempts,
      enqueuedAt: this.enqueuedAt,
      dueAt: this.dueAt,
      ...(this.startedAt !== undefined && { startedAt: this.startedAt }),
      ...(this.finishedAt !== undefined && { finishedAt: this.finishedAt }),
      ...(this.result !== undefined && { result: this.result }),
      ...(this.error !== undefined && { error: this.error }),
      ...(this.progress !== undefined && { progress: this.progress }),
      ...(this.worker !== undefined && { worker: this.worker }),
      ...(this.key !== undefined && { key: this.key }),
      ...(this.after !== undefined && { after: this.after }),
      cancelRequested: this.cancelKeepFor !== undefined,
    };
  }
}

/** When an action stored now may begin. */
export function dueTime(action: Pick<NewAction, "at" | "delay">, now: number): number {
  return Math.max(now, action.at ?? now + (action.delay ?? 0));
}
