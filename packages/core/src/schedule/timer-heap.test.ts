import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HeapItem } from "./timer-heap.ts";
import { TimerHeap } from "./timer-heap.ts";

interface Item extends HeapItem {
  readonly name: number;
}

const item = (name: number): Item => ({ name, heapIndex: -1 });

describe("TimerHeap", () => {
  test("gives items by time, and those of one time in the order pushed", () => {
    const heap = new TimerHeap<Item>();
    for (const [name, key] of [[1, 20], [2, 10], [3, 20], [4, 10], [5, 5]] as const) heap.push(item(name), key); // prettier-ignore
    expect(Array.from({ length: 5 }, () => heap.pop()?.name)).toEqual([5, 2, 4, 1, 3]);
  });

  test("is empty at first: no item, and Infinity for a time", () => {
    const heap = new TimerHeap<Item>();
    expect([heap.size, heap.peek(), heap.pop(), heap.topKey(), heap.takeAll()]).toEqual([0, undefined, undefined, Number.POSITIVE_INFINITY, []]);
  });

  test("keeps an item's order of pushing when it is moved among others of one time", () => {
    const heap = new TimerHeap<Item>();
    const items = Array.from({ length: 50 }, (_, i) => item(i));
    for (const each of items) heap.push(each, 0);
    for (const each of items.toReversed()) heap.move(each, 1_000);
    expect(items.map(() => heap.pop()?.name)).toEqual(items.map(each => each.name));
  });

  test("takes everything out in the order pushed, and serves again after", () => {
    const heap = new TimerHeap<Item>();
    const items = Array.from({ length: 40 }, (_, i) => item(i));
    for (const each of items) heap.push(each, (each.name * 7) % 11);
    expect(heap.takeAll()).toEqual(items);
    expect([heap.size, new Set(items.map(each => each.heapIndex))]).toEqual([0, new Set([-1])]);
    heap.push(items[3] as Item, 9);
    expect(heap.pop()).toBe(items[3]);
  });

  test("does what a sorted list does, whatever is pushed, moved, removed and popped", () => {
    const key = fc.integer({ min: -5, max: 5 });
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant("push" as const), key }) },
      fc.record({ do: fc.constant("move" as const), key, which: fc.nat() }),
      fc.record({ do: fc.constant("remove" as const), which: fc.nat() }),
      fc.record({ do: fc.constant("pop" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const heap = new TimerHeap<Item>();
        let model: { item: Item; key: number; order: number }[] = [];
        let pushed = 0;
        const popped: [Item | undefined, Item | undefined][] = [];
        const removed: number[] = [];
        for (const each of steps) {
          const chosen = "which" in each ? model[each.which % Math.max(model.length, 1)] : undefined;
          if (each.do === "push") {
            const added = { item: item(pushed), key: each.key, order: pushed++ };
            model.push(added);
            heap.push(added.item, each.key);
          } else if (each.do === "pop") {
            popped.push([heap.pop(), model.shift()?.item]);
          } else if (chosen !== undefined && each.do === "move") {
            heap.move(chosen.item, each.key);
            chosen.key = each.key;
          } else if (chosen !== undefined) {
            heap.remove(chosen.item);
            removed.push(chosen.item.heapIndex);
            model = model.filter(other => other !== chosen);
          }
          model.sort((a, b) => a.key - b.key || a.order - b.order);
          expect([heap.size, heap.peek(), heap.topKey()]).toEqual([model.length, model[0]?.item, model[0]?.key ?? Number.POSITIVE_INFINITY]);
          for (const other of model) expect(heap.keyOf(other.item)).toBe(other.key);
        }
        for (const [got, expected] of popped) expect(got).toBe(expected);
        expect(removed.every(index => index === -1)).toBe(true);
        for (const { item: expected } of model) expect(heap.pop()).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });
});
