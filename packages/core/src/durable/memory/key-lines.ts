import type { HeapItem } from "../../schedule/timer-heap.ts";
import { TimerHeap } from "../../schedule/timer-heap.ts";
import type { StoredRow } from "./stored-row.ts";

/** A row's place in the line of its key; the row itself may be in the heap of its time meanwhile. */
class Place implements HeapItem {
  heapIndex = -1;
  readonly row: StoredRow;

  constructor(row: StoredRow) {
    this.row = row;
  }
}

/** One key: how many are let in, and who waits. */
class KeyLine {
  inside = 0;
  readonly places: Map<StoredRow, Place> = new Map<StoredRow, Place>();
  readonly waiting: TimerHeap<Place> = new TimerHeap<Place>();
}

/** The lines of all keys. Where limits differ, each row waits until it is first and fewer are inside than its own limit. */
export class KeyLines {
  readonly #lines = new Map<string, KeyLine>();

  /** Lets a row in, or has it stand in line. */
  join(row: StoredRow): void {
    if (row.key === undefined) return;
    let line = this.#lines.get(row.key);
    if (line === undefined) this.#lines.set(row.key, (line = new KeyLine()));
    row.letIn = line.waiting.size === 0 && line.inside < row.keyLimit;
    if (row.letIn) return void line.inside++;
    const place = new Place(row);
    line.places.set(row, place);
    line.waiting.push(place, row.order);
  }

  /** Takes out a row that has its outcome or is deleted; those that are let in for it, in order. */
  leave(row: StoredRow): readonly StoredRow[] {
    const line = row.key === undefined ? undefined : this.#lines.get(row.key);
    if (line === undefined) return [];
    const place = line.places.get(row);
    if (place === undefined) line.inside--;
    else {
      line.places.delete(row);
      line.waiting.remove(place);
    }
    const admitted: StoredRow[] = [];
    for (let first = line.waiting.peek(); first !== undefined && line.inside < first.row.keyLimit; first = line.waiting.peek()) {
      line.waiting.pop();
      line.places.delete(first.row);
      line.inside++;
      first.row.letIn = true;
      admitted.push(first.row);
    }
    if (line.inside === 0) this.#lines.delete(row.key as string);
    return admitted;
  }
}
