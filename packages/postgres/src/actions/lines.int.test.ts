import { systemClock } from "@sora/core/adapter";
import type { ClaimedAction, DurableStore, NewAction, StoreTransaction } from "@sora/core/adapter";
import { afterEach, describe, expect, test } from "vitest";
import { TestSchema } from "../fixtures/test-schema.ts";
import { noServer, whySkipped } from "../fixtures/test-server.ts";

const queue = "Lines/stand@1";
const action = (id: string, change: Partial<NewAction> = {}): NewAction => ({ id, queue, envelope: "{}", priority: 0, attempts: 3, ...change });

/** A worker that takes one turn at a time. */
class Worker {
  readonly #store: DurableStore;
  readonly #id: string;

  constructor(store: DurableStore, id: string) {
    this.#store = store;
    this.#id = id;
  }

  static async join(store: DurableStore, id: string): Promise<Worker> {
    await store.actions.join({ id, node: "test", queues: [queue] });
    return new Worker(store, id);
  }

  async turn(done: readonly ClaimedAction[] = [], most = 10): Promise<readonly ClaimedAction[]> {
    const settle = done.map(({ id, fence }) => ({ id, fence, kind: "completed", keepFor: 60_000 }) as const);
    return (await this.#store.actions.turn({ worker: this.#id, settle, claim: { queues: [{ queue }], most, suspect: true } })).claimed;
  }

  /** Asks until it is given something: what could not be seen to at once is seen to by one of the next turns. */
  async something(): Promise<readonly ClaimedAction[]> {
    const end = systemClock.monotonic() + 5_000;
    for (;;) {
      const claimed = await this.turn();
      if (claimed.length > 0 || systemClock.monotonic() > end) return claimed;
      await systemClock.sleep(10);
    }
  }
}

/** A transaction of a user's that stays open until it is told to end. */
interface OpenTransaction {
  readonly within: StoreTransaction;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

describe.skipIf(noServer)(`lines of keys and chains beside open transactions${whySkipped}`, () => {
  let schema: TestSchema;
  const ending: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0)) await end();
    await schema[Symbol.asyncDispose]();
  });

  async function open(): Promise<DurableStore> {
    schema = new TestSchema();
    return schema.open();
  }

  async function begin(store: DurableStore, isolation = "READ COMMITTED"): Promise<OpenTransaction> {
    const client = await schema.pool.connect();
    await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
    await client.query("SELECT 1"); // whatever is older than a snapshot has its snapshot now
    let over: Promise<void> | undefined;
    const end = (how: string): Promise<void> => (over ??= client.query(how).then(() => client.release()));
    ending.push(() => end("ROLLBACK"));
    return { within: store.within(client), commit: () => end("COMMIT"), rollback: () => end("ROLLBACK") };
  }

  const ids = (claimed: readonly ClaimedAction[]): string[] => claimed.map(({ id }) => id);

  test("an open transaction that has enqueued with a key holds up nobody but that key", async () => {
    const store = await open();
    const transaction = await begin(store);
    await transaction.within.enqueue([action("first", { key: "k" })]);
    const second = store.actions.enqueue([action("second", { key: "k" })]);
    const others = await Promise.all([store.actions.enqueue([action("other", { key: "l" })]), store.actions.enqueue([action("plain")])]);
    expect(others.flat().map(({ outcome }) => outcome)).toEqual(["stored", "stored"]);
    expect(await store.actions.get(["second"])).toEqual([]);
    await transaction.commit();
    expect(await second).toEqual([{ id: "second", outcome: "stored" }]);
    const worker = await Worker.join(store, "w");
    const claimed = await worker.turn();
    expect(ids(claimed).toSorted()).toEqual(["first", "other", "plain"]);
    expect(ids(await worker.turn(claimed))).toEqual(["second"]);
  });

  test("an idempotency key in an open transaction is waited for, and free again when that is rolled back", async () => {
    const store = await open();
    const [kept, dropped] = [await begin(store), await begin(store)];
    await kept.within.enqueue([action("a", { idempotencyKey: "kept" })]);
    await dropped.within.enqueue([action("b", { idempotencyKey: "dropped" })]);
    const again = store.actions.enqueue([action("c", { idempotencyKey: "kept" })]);
    const fresh = store.actions.enqueue([action("d", { idempotencyKey: "dropped" })]);
    await Promise.all([kept.commit(), dropped.rollback()]);
    expect(await again).toEqual([{ id: "a", outcome: "existing" }]);
    expect(await fresh).toEqual([{ id: "d", outcome: "stored" }]);
  });

  test.each(["commit", "rollback"] as const)("a worker does not wait for an open transaction to free a place in its line: %s", async how => {
    const store = await open();
    const worker = await Worker.join(store, "w");
    await store.actions.enqueue([action("first", { key: "k" }), action("second", { key: "k" })]);
    const [first] = await worker.turn();
    const transaction = await begin(store);
    await transaction.within.enqueue([action("third", { key: "k" })]);
    expect(ids(await worker.turn([first!]))).toEqual([]); // the line is somebody else's just now
    expect((await store.actions.get(["first"]))[0]?.state).toBe("completed");
    await transaction[how]();
    const second = await worker.something();
    expect(ids(second)).toEqual(["second"]);
    expect(ids(await worker.turn(second))).toEqual(how === "commit" ? ["third"] : []);
  });

  test.each(["REPEATABLE READ", "SERIALIZABLE"])("what is enqueued under a snapshot older than the line is let in all the same: %s", async isolation => {
    const store = await open();
    const worker = await Worker.join(store, "w");
    await store.actions.enqueue([action("first", { key: "k" })]);
    const first = await worker.turn();
    const transaction = await begin(store, isolation);
    expect(await worker.turn(first)).toEqual([]);
    await transaction.within.enqueue([action("second", { key: "k" })]); // sees the first still running
    await transaction.commit();
    expect(ids(await worker.something())).toEqual(["second"]);
  });

  test("one that is to come after another goes on, though that one was completed before its transaction", async () => {
    const store = await open();
    const worker = await Worker.join(store, "w");
    await store.actions.enqueue([action("before"), action("dying")]);
    const claimed = await worker.turn();
    const transaction = await begin(store);
    await transaction.within.enqueue([action("after", { after: "before" })]);
    expect(await worker.turn(claimed.filter(({ id }) => id === "before"))).toEqual([]);
    await transaction.commit();
    expect(ids(await worker.something())).toEqual(["after"]);
  });

  test.each(["REPEATABLE READ", "SERIALIZABLE"])(
    "what has its outcome, and a snapshot does not show, is not stored a second time: %s",
    { timeout: 30_000 },
    async isolation => {
      const store = await open();
      const worker = await Worker.join(store, "w");
      const hidden: Partial<NewAction>[] = [{ idempotencyKey: "i" }, {}, { key: "k" }];
      for (const [n, change] of hidden.entries()) {
        const transaction = await begin(store, isolation);
        await store.actions.enqueue([action(`done ${n}`, change)]);
        expect(await worker.turn(await worker.turn())).toEqual([]);
        const again = action(change.idempotencyKey === undefined ? `done ${n}` : "another", change);
        await expect(transaction.within.enqueue([again])).rejects.toMatchObject({ retryable: true, details: { code: "40001" } });
        await transaction.rollback();
        const anew = await begin(store, isolation);
        expect(await anew.within.enqueue([again])).toEqual([{ id: `done ${n}`, outcome: "existing" }]);
        expect(await anew.within.enqueue([action(`fresh ${n}`, { ...change, idempotencyKey: `fresh ${n}` })])).toMatchObject([{ outcome: "stored" }]);
        await anew.commit();
        expect(ids(await worker.turn(await worker.something()))).toEqual([]);
      }
      const running = await begin(store, isolation);
      await store.actions.enqueue([action("running", { idempotencyKey: "r" })]);
      await expect(running.within.enqueue([action("another", { idempotencyKey: "r" })])).rejects.toMatchObject({ details: { code: "40001" } });
    },
  );

  test("a duplicate that is there all the same keeps no other outcome from being written, and no worker's actions from being recovered", async () => {
    const store = await open();
    const worker = await Worker.join(store, "w");
    const lost = await Worker.join(store, "lost");
    await store.actions.enqueue([action("one"), action("two")]);
    await worker.turn(await worker.turn());
    for (const id of ["one", "two"])
      await schema.pool.query(
        `INSERT INTO ${schema.quoted}.action (rank, enqueued_at, due_at, attempts, phase, id, queue, envelope) VALUES (0, 0, 0, 1, 'r', $1, $2, '{}')`,
        [id, queue],
      );
    await store.actions.enqueue([action("innocent"), action("neighbour")]);
    const claimed = await worker.turn([], 1);
    await lost.turn([], 1);
    expect(ids(await worker.turn([...claimed, ...(await worker.turn([], 1))], 1))).toEqual(["neighbour"]);
    expect((await store.actions.get(["innocent"]))[0]?.state).toBe("completed");
    await store.actions.leave("lost");
    expect(await store.actions.recover(10)).toMatchObject([{ id: "two", state: "dead" }]);
    expect(await store.actions.get(["one", "two"])).toMatchObject([{ state: "completed" }, { state: "completed" }]);
  });

  test("one whose chain opens just when its key lets it in begins", async () => {
    const store = await open();
    const [one, other] = [await Worker.join(store, "one"), await Worker.join(store, "other")];
    await store.actions.enqueue([action("holds the key", { key: "k" })]);
    await store.actions.enqueue([action("before"), action("both", { after: "before", key: "k" })]);
    const holder = await one.turn([], 1);
    await other.turn([], 1);
    const client = await schema.pool.connect();
    ending.push(async () => client.release());
    await client.query("BEGIN");
    await client.query(`SELECT ${schema.quoted}.turn('other', ARRAY['before'], ARRAY[1], NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
    const letIn = one.turn(holder);
    await systemClock.sleep(200); // it waits for the row by now
    await client.query("COMMIT");
    expect(ids([...(await letIn), ...(await one.something())])).toEqual(["both"]);
  });

  test.each(["settling", "cancelling", "recovering"])(
    "a place in a line beside an open transaction is told of by %s, so that somebody looks at it again",
    async by => {
      const store = await open();
      const worker = await Worker.join(store, "w");
      await store.actions.enqueue([action("first", { key: "k", attempts: 1 }), action("second", { key: "k" })]);
      const claimed = by === "cancelling" ? [] : await worker.turn();
      const transaction = await begin(store);
      await transaction.within.enqueue([action("third", { key: "k" })]);
      let rang = false;
      using _bells = store.listen(({ kind }) => void (rang ||= kind === "ready"));
      await systemClock.sleep(50); // bells of what was stored have been heard
      rang = false;
      if (by === "cancelling") await store.actions.cancel(["first"]);
      else if (by === "settling")
        await store.actions.turn({ worker: "w", settle: claimed.map(({ id, fence }) => ({ id, fence, kind: "completed", keepFor: 0 })) });
      else {
        await store.actions.leave("w");
        await store.actions.recover(10);
      }
      await expect.poll(() => rang).toBe(true);
      await transaction.rollback();
    },
  );

  test("a debounced action that comes due just when it is replaced is replaced", async () => {
    const store = await open();
    await store.actions.enqueue([action("old", { debounceKey: "d", delay: 50 })]);
    await systemClock.sleep(60);
    const client = await schema.pool.connect();
    ending.push(async () => client.release());
    await client.query("BEGIN");
    await client.query(`SELECT ${schema.quoted}.come_due(${schema.quoted}.now_ms(), 10)`);
    const replaced = store.actions.enqueue([action("new", { debounceKey: "d", delay: 50, parameters: '"new"' })]);
    await systemClock.sleep(200); // it waits for the row by now
    await client.query("COMMIT");
    expect(await replaced).toEqual([{ id: "old", outcome: "replaced" }]);
    expect((await store.actions.get(["old"]))[0]?.parameters).toBe('"new"');
  });

  test("keys under load from three processes: never more at once than their limits, and nothing is left waiting", { timeout: 120_000 }, async () => {
    const first = await open();
    const stores = [first, await schema.open(), await schema.open()];
    const count = process.env["SORA_NIGHTLY"] === "1" ? 20_000 : 900;
    const limit = (key: number): number => (key % 3) + 1;
    const all = Array.from({ length: count }, (_, n) =>
      action(`a${n}`, { key: `key ${n % 10}`, keyLimit: limit(n % 10), ...(n % 7 === 0 && n > 0 ? { after: `a${n - 1}` } : undefined) }),
    );

    const inside = new Map<string, number>();
    const done = new Set<string>();
    let broken = 0;
    const enqueuing = Promise.all(
      stores.map(async (store, s) => {
        for (let n = s; n < count; n += 3) {
          if (n % 3 === 0) await systemClock.sleep(0);
          await store.actions.enqueue([all[n]!]);
        }
      }),
    );
    const working = stores.map(async (store, s) => {
      const worker = await Worker.join(store, `w${s}`);
      let running: readonly ClaimedAction[] = [];
      const end = systemClock.monotonic() + 90_000;
      while (done.size < count && systemClock.monotonic() < end) {
        for (const { id } of running) {
          done.add(id);
          const key = all[Number(id.slice(1))]!.key!;
          inside.set(key, inside.get(key)! - 1);
        }
        running = await worker.turn(running, 7);
        for (const { id } of running) {
          const { key, keyLimit } = all[Number(id.slice(1))]!;
          inside.set(key!, (inside.get(key!) ?? 0) + 1);
          if (inside.get(key!)! > keyLimit!) broken++;
        }
        await systemClock.sleep(1);
      }
    });
    await enqueuing;
    await Promise.all(working);
    expect(broken).toBe(0);
    expect(done.size).toBe(count);
  });

  test("a purge waits for nobody: what somebody else has locked is cancelled by one of the next", async () => {
    const store = await open();
    await store.actions.enqueue([action("a"), action("b", { after: "a" }), action("c", { after: "a" })]);
    await store.actions.cancel(["a"], 0);
    const client = await schema.pool.connect();
    await client.query(`BEGIN; SELECT FROM ${schema.quoted}.action WHERE id = 'b' FOR UPDATE`);
    expect(await store.actions.purge(10)).toEqual({ deleted: 0, cancelled: ["c"] });
    await client.query("ROLLBACK");
    client.release();
    expect(await store.actions.purge(10, 0)).toEqual({ deleted: 1, cancelled: ["b"] });
  });

  test("a cancel that keeps nothing sees what was being stored to wait for it, and the purge what is being stored then", async () => {
    const store = await open();
    await store.actions.enqueue([action("a")]);
    const storing = async (id: string, ask: () => Promise<unknown>): Promise<unknown> => {
      const client = await schema.pool.connect();
      await client.query("BEGIN");
      await client.query(`SELECT ${schema.quoted}.store_calls($1)`, [JSON.stringify([[action(id, { after: "a" })]])]);
      const asked = ask();
      await Promise.race([asked, systemClock.sleep(100)]); // so that it has begun, and waits where it has to
      await client.query("COMMIT");
      client.release();
      return asked;
    };
    expect(await storing("b", () => store.actions.cancel(["a"], 0))).toEqual(["cancelled"]);
    expect(await store.actions.get(["a", "b"])).toMatchObject([{ id: "b", state: "waiting" }, { id: "a", state: "cancelled" }]); // prettier-ignore
    expect(await store.actions.cancel(["b"], 0)).toEqual(["cancelled"]);
    expect(await storing("c", () => store.actions.purge(10))).toEqual({ deleted: 0, cancelled: [] });
    expect(await store.actions.purge(10)).toEqual({ deleted: 0, cancelled: ["c"] });
  });

  test("one that is being retried while a purge deletes what it waited for is left as it is", async () => {
    const store = await open();
    await store.actions.enqueue([action("a"), action("b", { after: "a" })]);
    await store.actions.cancel(["b", "a"], 1);
    await systemClock.sleep(10);
    const client = await schema.pool.connect();
    ending.push(async () => client.release());
    await client.query(`BEGIN; SELECT FROM ${schema.quoted}.finished WHERE id = 'b' FOR UPDATE`);
    expect(await store.actions.purge(10, 60_000)).toEqual({ deleted: 1, cancelled: [] });
    await client.query(`SELECT ${schema.quoted}.retry('{b}'); COMMIT`);
    expect(ids(await (await Worker.join(store, "w")).turn())).toEqual([]);
    expect(await store.actions.get(["a", "b"])).toMatchObject([{ id: "b", state: "cancelled" }]);
  });

  test.each(["storing", "retrying"])("%s what waits for an action finds that one, though it is retried just then", async by => {
    const store = await open();
    await store.actions.enqueue([action("a"), action("b", { after: "a" })]);
    await store.actions.cancel(["b", "a"]);
    const client = await schema.pool.connect();
    ending.push(async () => client.release());
    await client.query(`BEGIN; SELECT ${schema.quoted}.retry('{a}')`);
    const asked = by === "storing" ? store.actions.enqueue([action("c", { after: "a" })]) : store.actions.retry(["b"]);
    await systemClock.sleep(200); // it waits for the row by now
    await client.query("COMMIT");
    await asked;
    expect(ids(await (await Worker.join(store, "w")).turn())).toEqual(["a"]);
    expect(await store.actions.get([by === "storing" ? "c" : "b"])).toMatchObject([{ state: "waiting" }]);
  });
});
