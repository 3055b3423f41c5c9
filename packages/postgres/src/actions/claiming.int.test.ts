import { systemClock } from "@sora/core/adapter";
import type { ClaimRequest, DurableStore, NewAction, Settlement } from "@sora/core/adapter";
import { afterAll, describe, expect, test } from "vitest";
import { TestSchema } from "../fixtures/test-schema.ts";
import { noServer, whySkipped } from "../fixtures/test-server.ts";

const queue = "Load/work@1";
const claim: ClaimRequest = { queues: [{ queue }], most: 50, suspect: true };
const actions = (count: number, change: Partial<NewAction> = {}): NewAction[] =>
  Array.from({ length: count }, (_, n) => ({ id: `${change.queue ?? queue}-${n}`, queue, envelope: "{}", priority: n % 3, attempts: 3, ...change }));

/** Takes work and completes it until there is none; the ids it was given. */
async function workOff(store: DurableStore, worker: string): Promise<readonly string[]> {
  await store.actions.join({ id: worker, node: "test", queues: [queue] });
  const begun: string[] = [];
  let settle: readonly Settlement[] = [];
  for (;;) {
    const { claimed } = await store.actions.turn({ worker, settle, claim });
    if (claimed.length === 0 && settle.length === 0) return begun;
    begun.push(...claimed.map(({ id }) => id));
    settle = claimed.map(({ id, fence }) => ({ id, fence, kind: "completed", keepFor: 0 }));
  }
}

describe.skipIf(noServer)(`turns of many workers at once${whySkipped}`, () => {
  const schema = new TestSchema();
  afterAll(() => schema[Symbol.asyncDispose]());

  // A claim by `UPDATE … WHERE id IN (SELECT … LIMIT n FOR UPDATE SKIP LOCKED)` was seen to take minutes here: under statistics of an empty table the subquery runs again for each row.
  test("ten work off 20,000 actions, each once, in seconds, with plans and statistics that are of an empty table", { timeout: 120_000 }, async () => {
    const stores = await Promise.all(Array.from({ length: 10 }, () => schema.open({ poolSize: 1, listen: false })));
    await schema.pool.query(`ALTER TABLE ${schema.quoted}.action SET (autovacuum_enabled = false)`);
    await schema.pool.query(`ANALYZE ${schema.quoted}.action`);
    for (const [n, store] of stores.entries()) expect(await workOff(store, `early-${n}`)).toEqual([]);
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => stores[n % 10]!.actions.enqueue(actions(1_000).map(action => ({ ...action, id: `${n}/${action.id}` })))),
    );

    const begin = systemClock.monotonic();
    const begun = (await Promise.all(stores.map((store, n) => workOff(store, `worker-${n}`)))).flat();
    expect(systemClock.monotonic() - begin).toBeLessThan(60_000);
    expect(begun.length).toBe(20_000);
    expect(new Set(begun).size).toBe(20_000);
    expect(await stores[0]!.actions.counts()).toEqual([]);
  });

  test("no more is handed out in one turn than its answer can bring in time, and the rest at once with the next", { timeout: 60_000 }, async () => {
    const store = await schema.open({ listen: false });
    await store.actions.join({ id: "large", node: "test", queues: [queue] });
    await store.actions.enqueue(actions(5, { priority: 0, parameters: JSON.stringify("x".repeat(4_000_000)) }));
    await store.actions.enqueue([{ id: "small", queue, envelope: "{}", priority: 0, attempts: 3 }]);
    const turns: (readonly string[])[] = [];
    for (let n = 0; n < 4; n++) {
      const { claimed, dueIn } = await store.actions.turn({ worker: "large", settle: [], claim });
      turns.push(claimed.map(({ id, attempt }) => `${id.split("-").at(-1)} ${attempt}`));
      expect(dueIn).toBe(n === 0 ? 0 : undefined);
    }
    expect(turns).toEqual([["0 1", "1 1", "2 1"], ["3 1", "4 1", "small 1"], [], []]); // prettier-ignore
    await store.actions.cancel(turns.flat(), 0);
    await store.actions.leave("large");
    await store.actions.recover(10, 0);
    await schema.empty();
  });

  test("what is left for the next turn because of its size takes no token of its rate", { timeout: 60_000 }, async () => {
    const store = await schema.open({ listen: false });
    await store.actions.join({ id: "heavy", node: "test", queues: [queue] });
    await store.actions.enqueue(actions(5, { priority: 0, parameters: JSON.stringify("x".repeat(4_000_000)) }));
    const queues = [{ queue, rate: { name: "Load/heavy", limit: 5, per: 3_600_000 } }];
    const turn = async (): Promise<number> =>
      (await store.actions.turn({ worker: "heavy", settle: [], claim: { queues, most: 10, suspect: true } })).claimed.length;
    expect([await turn(), await turn(), await turn()]).toEqual([3, 2, 0]);
    await schema.empty();
  });

  test("a rate goes on where the server's clock was set back", async () => {
    const store = await schema.open({ listen: false });
    await store.actions.join({ id: "rated", node: "test", queues: [queue] });
    await store.actions.enqueue(actions(9));
    const queues = [{ queue, rate: { name: "Load/work", limit: 2, per: 1_000 } }];
    const begun = async (): Promise<number> =>
      (await store.actions.turn({ worker: "rated", settle: [], claim: { queues, most: 10, suspect: true } })).claimed.length;
    await schema.advance(3_600_000);
    expect(await begun()).toBe(2);
    await schema.advance(-3_600_000);
    await begun();
    await schema.advance(2_000);
    expect(await begun()).toBe(2);
    await schema.empty();
  });

  test("those who ask at the same moment share what there is, and leave none of it", async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => schema.open({ poolSize: 1, listen: false })));
    const queues = ["A/a@1", "B/b@1", "C/c@1"];
    for (let round = 0; round < 20; round++) {
      await stores[0]!.actions.enqueue(
        queues.flatMap((name, n) => actions(7, { queue: name, priority: n }).map(action => ({ ...action, id: `${round}/${action.id}` }))),
      );
      const shares = await Promise.all(
        stores.map(async (store, n) => {
          const worker = `${round}-${n}`;
          await store.actions.join({ id: worker, node: "test", queues });
          const share: string[] = [];
          for (;;) {
            const { claimed } = await store.actions.turn({
              worker,
              settle: [],
              claim: { queues: queues.map(name => ({ queue: name })), most: 4, suspect: false },
            });
            if (claimed.length === 0) return share;
            share.push(...claimed.map(({ id }) => id));
          }
        }),
      );
      expect(shares.flat().toSorted()).toEqual(queues.flatMap(name => actions(7, { queue: name }).map(({ id }) => `${round}/${id}`)).toSorted());
    }
  });
});
