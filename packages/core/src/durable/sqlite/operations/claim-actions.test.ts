import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DurableStore } from "../../store/durable-store.ts";
import type { NewAction } from "../../store/stored-action.ts";
import type { WorkerTurnAnswer } from "../../store/worker-turn.ts";
import { InlineStore } from "../fixtures/inline-store.ts";

// What the contract asks of a few rows, asked of more than are read, or moved, at a time.
let inline: InlineStore;
let harness: ReturnType<InlineStore["harness"]>;
let store: DurableStore;
beforeAll(() => {
  inline = new InlineStore();
});
afterAll(() => inline[Symbol.dispose]());
beforeEach(async () => {
  harness = inline.harness();
  store = await harness.open();
  await store.actions.join({ id: "w", node: "n", queues: [] });
});

const queues = ["A/a@1", "B/b@1", "C/c@1"];

function actions(count: number, more: (n: number) => Partial<NewAction>): NewAction[] {
  return Array.from({ length: count }, (_, n) => ({ id: `${n}`, queue: "A/a@1", envelope: "{}", priority: 0, attempts: 3, ...more(n) }));
}

function claim(most: number): Promise<WorkerTurnAnswer> {
  return store.actions.turn({ worker: "w", settle: [], claim: { queues: queues.map(queue => ({ queue })), most, suspect: true } });
}

/** By priority, then in the order of storing. */
function inOrder(given: readonly NewAction[]): string[] {
  return given.toSorted((one, other) => other.priority - one.priority || Number(one.id) - Number(other.id)).map(({ id }) => id);
}

describe("claimActions", () => {
  test("goes on behind what it has read of a queue, in order over all of them", async () => {
    const given = actions(3_000, n => ({ queue: queues[(n * 7) % 3] as string, priority: (n * 31) % 5 }));
    await store.actions.enqueue(given);
    const { claimed } = await claim(2_500);
    expect(claimed.map(({ id }) => id)).toEqual(inOrder(given).slice(0, 2_500));
    expect((await claim(Number.POSITIVE_INFINITY)).claimed.map(({ id }) => id)).toEqual(inOrder(given).slice(2_500));
  });

  test("brings in what has come due at once in parts, and says that there is more", async () => {
    await store.actions.enqueue(actions(4_500, n => ({ delay: 1_000 + (n % 10) })));
    expect(await claim(10)).toMatchObject({ claimed: [], dueIn: 1_000 });
    await harness.advance(2_000);
    const parts: number[] = [];
    for (let answer = await claim(10_000); answer.claimed.length > 0; answer = await claim(10_000)) {
      parts.push(answer.claimed.length);
      expect(answer.dueIn ?? "nothing").toBe(parts.length < 3 ? 1 : "nothing");
    }
    expect(parts).toEqual([2_000, 2_000, 500]);
  });

  test("says when the next comes due of the queues it was asked for, though many others come first", async () => {
    await store.actions.enqueue(actions(30, n => ({ queue: "Other/a@1", delay: 1_000 + n })));
    await store.actions.enqueue([{ ...(actions(1, () => ({ delay: 5_000 }))[0] as NewAction), id: "mine" }]);
    expect((await claim(1)).dueIn).toBe(5_000);
    await store.actions.enqueue(actions(100, n => ({ id: `more ${n}`, queue: "Other/a@1", delay: 2_000 + n })));
    expect((await claim(1)).dueIn).toBeLessThanOrEqual(5_000); // too soon is allowed, too late is not
  });
});
