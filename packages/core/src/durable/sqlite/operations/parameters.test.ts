import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DurableStore } from "../../store/durable-store.ts";
import { InlineStore } from "../fixtures/inline-store.ts";

let inline: InlineStore;
let harness: ReturnType<InlineStore["harness"]>;
let store: DurableStore;
beforeEach(async () => {
  inline = new InlineStore();
  harness = inline.harness();
  store = await harness.open();
  await store.actions.join({ id: "w", node: "n", queues: [] });
});
afterEach(() => inline[Symbol.dispose]());

const [short, long, longer] = ["short", "long ".repeat(1_000), "longer ".repeat(1_000)] as const;
const action = (id: string, parameters: string | undefined, debounceKey?: string) => ({
  id,
  queue: "S/a@1",
  envelope: "{}",
  priority: 0,
  attempts: 3,
  ...(parameters !== undefined && { parameters }),
  ...(debounceKey !== undefined && { debounceKey }),
});

/** How many stand apart from their rows. */
function apart(): unknown {
  return inline.select("SELECT count(*) FROM sora_parameters")[0]?.[0];
}

describe("parameters", () => {
  test("stand apart where they are long, and are read, listed and handed out the same", async () => {
    await store.actions.enqueue([action("none", undefined), action("short", short), action("long", long)]);
    expect(apart()).toBe(1);
    const expected = [undefined, short, long];
    expect((await store.actions.get(["none", "short", "long"])).map(({ parameters }) => parameters)).toEqual(expected);
    expect((await store.actions.list({})).actions.map(({ parameters }) => parameters)).toEqual(expected.toReversed());
    const { claimed } = await store.actions.turn({ worker: "w", settle: [], claim: { queues: [{ queue: "S/a@1" }], most: 5, suspect: false } });
    expect(claimed.map(({ parameters }) => parameters)).toEqual(expected);
  });

  test("move when they are replaced by others", async () => {
    const seen: unknown[] = [];
    for (const parameters of [short, long, longer, undefined, long, short]) {
      await store.actions.enqueue([action(`${seen.length}`, parameters, "k")]);
      const [stored] = await store.actions.get(["0"]);
      expect(stored?.parameters).toBe(parameters);
      seen.push(apart());
    }
    expect(seen).toEqual([0, 1, 1, 0, 1, 0]);
  });

  test("go with their action", async () => {
    await store.actions.enqueue([action("completed", long), action("cancelled", long), action("purged", long)]);
    await store.actions.cancel(["cancelled"], 0);
    expect(apart()).toBe(2);
    const { claimed } = await store.actions.turn({ worker: "w", settle: [], claim: { queues: [{ queue: "S/a@1" }], most: 5, suspect: false } });
    const settle = claimed.map(({ id, fence }) => ({ id, fence, kind: "completed", keepFor: id === "purged" ? 0.001 : 0 }) as const);
    await store.actions.turn({ worker: "w", settle });
    expect(apart()).toBe(1);
    await harness.advance(1);
    expect(await store.actions.purge(10)).toEqual({ deleted: 1, cancelled: [] });
    expect(apart()).toBe(0);
  });
});
