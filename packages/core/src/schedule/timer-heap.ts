/** What a {@link TimerHeap} holds; the heap alone writes `heapIndex`. */
export interface HeapItem {
  /** Where the item is in its heap; -1 in none. An item is in one heap at a time. */
  heapIndex: number;
}

/**
 * Items ordered by a time, and those of one time by when they were pushed. `push`, `move`, `remove` and `pop` take
 * O(log n), `peek` and `topKey` O(1); an item costs 16 bytes and its reference. Times and orders lie in flat arrays of
 * numbers, so that a comparison touches no item.
 */
export class TimerHeap<T extends HeapItem> {
  #keys: Float64Array = new Float64Array(16);
  #orders: Float64Array = new Float64Array(16);
  readonly #items: T[] = [];
  #pushed = 0;

  get size(): number {
    return this.#items.length;
  }

  /** The earliest item, or undefined where there is none. */
  peek(): T | undefined {
    return this.#items[0];
  }

  /** The earliest time; Infinity where there is none. */
  topKey(): number {
    return this.#items.length === 0 ? Number.POSITIVE_INFINITY : (this.#keys[0] as number);
  }

  /** The time of an item that is in this heap. */
  keyOf(item: T): number {
    return this.#keys[item.heapIndex] as number;
  }

  /** Adds an item that is in no heap, behind all those of the same time; where an order is given, which is then given for all, in that order among them. */
  push(item: T, key: number, order: number = this.#pushed++): void {
    const index = this.#items.length;
    if (index === this.#keys.length) this.#grow();
    this.#items.push(item);
    this.#up(index, key, order, item);
  }

  /** Gives an item of this heap another time. Among those of that time it keeps its order of pushing. */
  move(item: T, key: number): void {
    const index = item.heapIndex;
    const order = this.#orders[index] as number;
    if (key < (this.#keys[index] as number)) this.#up(index, key, order, item);
    else this.#down(index, key, order, item);
  }

  /** Takes an item of this heap out. */
  remove(item: T): void {
    const index = item.heapIndex;
    const lastIndex = this.#items.length - 1;
    const last = this.#items.pop() as T;
    item.heapIndex = -1;
    if (index === lastIndex) return;
    const key = this.#keys[lastIndex] as number;
    const order = this.#orders[lastIndex] as number;
    const parent = (index - 1) >> 1;
    if (index > 0 && this.#precedes(key, order, parent)) this.#up(index, key, order, last);
    else this.#down(index, key, order, last);
  }

  /** Takes the earliest item out, or undefined where there is none. */
  pop(): T | undefined {
    const top = this.#items[0];
    if (top !== undefined) this.remove(top);
    return top;
  }

  /** Takes all the items out, in the order they were pushed. */
  takeAll(): T[] {
    const orders = this.#orders;
    const items = this.#items.toSorted((a, b) => (orders[a.heapIndex] as number) - (orders[b.heapIndex] as number));
    for (const item of items) item.heapIndex = -1;
    this.#items.length = 0;
    return items;
  }

  #precedes(key: number, order: number, index: number): boolean {
    const other = this.#keys[index] as number;
    return key < other || (key === other && order < (this.#orders[index] as number));
  }

  #up(from: number, key: number, order: number, item: T): void {
    const keys = this.#keys;
    const orders = this.#orders;
    const items = this.#items;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#precedes(key, order, parent)) break;
      const moved = items[parent] as T;
      keys[index] = keys[parent] as number;
      orders[index] = orders[parent] as number;
      items[index] = moved;
      moved.heapIndex = index;
      index = parent;
    }
    keys[index] = key;
    orders[index] = order;
    items[index] = item;
    item.heapIndex = index;
  }

  #down(from: number, key: number, order: number, item: T): void {
    const keys = this.#keys;
    const orders = this.#orders;
    const items = this.#items;
    const size = items.length;
    const parents = size >> 1;
    let index = from;
    while (index < parents) {
      let child = 2 * index + 1;
      let childKey = keys[child] as number;
      const right = child + 1;
      if (right < size) {
        const rightKey = keys[right] as number;
        if (rightKey < childKey || (rightKey === childKey && (orders[right] as number) < (orders[child] as number))) {
          child = right;
          childKey = rightKey;
        }
      }
      const childOrder = orders[child] as number;
      if (key < childKey || (key === childKey && order < childOrder)) break;
      const moved = items[child] as T;
      keys[index] = childKey;
      orders[index] = childOrder;
      items[index] = moved;
      moved.heapIndex = index;
      index = child;
    }
    keys[index] = key;
    orders[index] = order;
    items[index] = item;
    item.heapIndex = index;
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    const orders = new Float64Array(keys.length);
    orders.set(this.#orders);
    this.#orders = orders;
  }
}
