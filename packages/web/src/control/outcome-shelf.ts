/** Something under way, or what has become of it. */
export interface Shelved {
  readonly finished: boolean;
  /** Characters it holds. */
  readonly size: number;
}

/** How much a shelf keeps. */
export interface ShelfBounds {
  readonly entries: number;
  /** Characters in all. */
  readonly size: number;
}

/** Keeps what is under way and, within bounds, what has ended: the oldest of that goes first, and what is under way never. */
export class OutcomeShelf<T extends Shelved> {
  readonly #bounds: ShelfBounds;
  readonly #entries = new Map<string, T>();
  #size = 0;

  constructor(bounds: ShelfBounds) {
    this.#bounds = bounds;
  }

  get(id: string): T | undefined {
    return this.#entries.get(id);
  }

  /** Puts something there that is under way. False where all there is room for is under way already. */
  add(id: string, entry: T): boolean {
    if (this.#entries.size >= this.#bounds.entries && !this.#dropOldest()) return false;
    this.#entries.set(id, entry);
    return true;
  }

  /** Counts what the entry holds now that it has finished. */
  finish(id: string, entry: T): void {
    if (this.#entries.get(id) !== entry) return;
    this.#size += entry.size;
    while (this.#size > this.#bounds.size && this.#dropOldest());
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (entry.finished) this.#size -= entry.size;
    this.#entries.delete(id);
  }

  #dropOldest(): boolean {
    for (const [id, entry] of this.#entries) {
      if (!entry.finished) continue;
      this.remove(id);
      return true;
    }
    return false;
  }
}
