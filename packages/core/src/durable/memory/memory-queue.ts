import { TimerHeap } from "../../schedule/timer-heap.ts";
import { parseQueueName } from "../store/queue-name.ts";
import type { ActionState } from "../store/stored-action.ts";
import type { RowState, StoredRow } from "./stored-row.ts";

/**
 * The actions of one queue that are not finished, so ordered that the next one is found without looking at the others: by their time while that is to come; then, once nothing but a
 * worker is lacking, by priority and the order of storing.
 */
export class MemoryQueue {
  readonly name: string;
  readonly service: string;
  readonly action: string;
  readonly #delayed = new TimerHeap<StoredRow>();
  readonly #failed = new TimerHeap<StoredRow>();
  readonly #ready = new TimerHeap<StoredRow>();
  readonly #suspects = new TimerHeap<StoredRow>();
  readonly #counts: Record<RowState, number> = { pending: 0, failed: 0, running: 0, completed: 0, dead: 0, cancelled: 0 };

  constructor(name: string) {
    const { service, action } = parseQueueName(name);
    this.name = name;
    this.service = service;
    this.action = action;
  }

  /** Counts a row in or out under its present state. */
  count(row: StoredRow, by: 1 | -1): void {
    this.#counts[row.state] += by;
  }

  /** How many stand in each state, `completed` apart. */
  counts(now: number): readonly (readonly [ActionState, number])[] {
    this.promote(now);
    const { pending, failed, running, dead, cancelled } = this.#counts;
    const delayed = this.#delayed.size;
    const all: readonly (readonly [ActionState, number])[] = [
      ["waiting", pending - delayed],
      ["delayed", delayed],
      ["running", running],
      ["failed", failed],
      ["dead", dead],
      ["cancelled", cancelled],
    ];
    return all.filter(([, count]) => count > 0);
  }

  /** Puts a row that waits, and is in no heap, where it belongs. */
  place(row: StoredRow, now: number): void {
    if (row.dueAt > now) put(row, row.state === "failed" ? this.#failed : this.#delayed, row.dueAt);
    else if (row.free) put(row, row.suspect ? this.#suspects : this.#ready, -row.priority);
  }

  /** Moves on what has come due. */
  promote(now: number): void {
    for (const heap of [this.#delayed, this.#failed]) while (heap.topKey() <= now) this.place(heap.pop() as StoredRow, now);
  }

  /** The next that can be handed out, after `promote`. */
  peek(suspectToo: boolean): StoredRow | undefined {
    const ready = this.#ready.peek();
    const suspect = suspectToo ? this.#suspects.peek() : undefined;
    return ready === undefined || (suspect !== undefined && precedes(suspect, ready)) ? suspect : ready;
  }

  /** When the next comes due that is not yet, after `promote`; Infinity where none does. */
  nextDue(): number {
    return Math.min(this.#delayed.topKey(), this.#failed.topKey());
  }
}

function put(row: StoredRow, heap: TimerHeap<StoredRow>, key: number): void {
  heap.push(row, key, row.order);
  row.heap = heap;
}

/** Whether one is handed out before another. */
export function precedes(one: StoredRow, other: StoredRow): boolean {
  return one.priority > other.priority || (one.priority === other.priority && one.order < other.order);
}
