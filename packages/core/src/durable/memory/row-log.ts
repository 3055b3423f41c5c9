import type { StoredRow } from "./stored-row.ts";

/** Fewer gaps than this are not worth closing. */
const gapsToClose = 1_024;

/** Rows in the order of storing, for lists. Those taken out leave a gap, and the gaps are closed when they are the greater part. */
export class RowLog {
  #rows: (StoredRow | undefined)[] = [];
  #orders: number[] = [];
  #gaps = 0;

  /** Behind all others: its order is higher. */
  add(row: StoredRow): void {
    this.#rows.push(row);
    this.#orders.push(row.order);
  }

  remove(row: StoredRow): void {
    this.#rows[this.#indexOf(row.order)] = undefined;
    this.#gaps++;
    if (this.#gaps > gapsToClose && this.#gaps > this.#rows.length / 2) this.#close();
  }

  /** At most `limit` that match and were stored before `order`, the last stored first. */
  backwards(order: number, limit: number, matches: (row: StoredRow) => boolean): readonly StoredRow[] {
    const found: StoredRow[] = [];
    for (let index = this.#indexOf(order) - 1; index >= 0 && found.length < limit; index--) {
      const row = this.#rows[index];
      if (row !== undefined && matches(row)) found.push(row);
    }
    return found;
  }

  /** Where a row of this order is, or would be. */
  #indexOf(order: number): number {
    let low = 0;
    let high = this.#orders.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#orders[middle] as number) < order) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #close(): void {
    this.#rows = this.#rows.filter(row => row !== undefined);
    this.#orders = this.#rows.map(row => (row as StoredRow).order);
    this.#gaps = 0;
  }
}
