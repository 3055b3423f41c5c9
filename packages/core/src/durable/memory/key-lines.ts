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

/** One key: who is let in, and who waits. */
class KeyLine {
  readonly inside: Set<StoredRow> = new Set<StoredRow>();
  readonly places: Map<StoredRow, Place> = new Map<StoredRow, Place>();
  readonly waiting: TimerHeap<Place> = new TimerHeap<Place>();

  wait(row: StoredRow): void {
    const place = new Place(row);
    row.letIn = false;
    this.places.set(row, place);
    this.waiting.push(place, row.order);
  }

  /** Lets in those who stand first, while there is room; who they are, in order. */
  admit(): readonly StoredRow[] {
    const admitted: StoredRow[] = [];
    for (let first = this.waiting.peek(); first !== undefined && this.inside.size < first.row.keyLimit; first = this.waiting.peek()) {
      this.waiting.pop();
      this.places.delete(first.row);
      this.inside.add(first.row);
      first.row.letIn = true;
      admitted.push(first.row);
    }
    return admitted;
  }
}

/** The lines of all keys. Where limits differ, each row waits until it is first and fewer are inside than its own limit. */
export class KeyLines {
  readonly #lines = new Map<string, KeyLine>();

  /** Lets a row in, or has it stand in line. */
  join(row: StoredRow): void {
    if (row.key === undefined) return;
    const line = this.#line(row.key);
    line.wait(row);
    line.admit();
  }

  /**
   * Has a row that begins anew stand in line again. Those that were let in and wait for their chain step back into the line for it, since they may wait for this very row. Those that are let in for it, in order.
   */
  rejoin(row: StoredRow): readonly StoredRow[] {
    if (row.key === undefined) return [];
    const line = this.#line(row.key);
    for (const other of line.inside) {
      if (!other.chained) continue;
      line.inside.delete(other);
      line.wait(other);
    }
    line.wait(row);
    return line.admit();
  }

  /** Takes out a row that has its outcome or is deleted; those that are let in for it, in order. */
  leave(row: StoredRow): readonly StoredRow[] {
    const line = row.key === undefined ? undefined : this.#lines.get(row.key);
    if (line === undefined) return [];
    const place = line.places.get(row);
    if (place === undefined) line.inside.delete(row);
    else {
      line.places.delete(row);
      line.waiting.remove(place);
    }
    const admitted = line.admit();
    if (line.inside.size === 0) this.#lines.delete(row.key as string);
    return admitted;
  }

  #line(key: string): KeyLine {
    let line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, (line = new KeyLine()));
    return line;
  }
}
