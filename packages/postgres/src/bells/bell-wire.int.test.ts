import { systemClock } from "@sora/core/adapter";
import type { DurableStore, NewAction, StoreBell } from "@sora/core/adapter";
import { createMemoryLogger } from "@sora/core/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { TestSchema } from "../fixtures/test-schema.ts";
import { noServer, testServer, whySkipped } from "../fixtures/test-server.ts";

const action = (id: string): NewAction => ({ id, queue: "Bell/ring@1", envelope: "{}", priority: 0, attempts: 1 });

function heardBy(store: DurableStore): StoreBell[] {
  const heard: StoreBell[] = [];
  store.listen(bell => heard.push(bell));
  return heard;
}

/** How long to wait for what is rung, on a busy machine too. */
const patient = { timeout: 10_000 };

/** Has one action of those that are waiting completed, which is the only thing that rings "settled"; whoever hears of it has heard what was rung before. */
async function settleOne(store: DurableStore): Promise<StoreBell> {
  await store.actions.join({ id: "w", node: "n", queues: [] });
  const { claimed } = await store.actions.turn({ worker: "w", settle: [], claim: { queues: [{ queue: "Bell/ring@1" }], most: 1, suspect: true } });
  const { id, fence } = claimed[0]!;
  await store.actions.turn({ worker: "w", settle: [{ id, fence, kind: "completed", keepFor: 0 }] });
  return { kind: "settled", ids: [id] };
}

describe.skipIf(noServer)(`bells between hosts${whySkipped}`, () => {
  let schema: TestSchema;
  afterEach(() => schema[Symbol.asyncDispose]());

  /** Ends the connections of the stores that listen, as a server or a router does. */
  const cut = (): Promise<unknown> =>
    schema.pool.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sora bells' AND query LIKE '%synchronous_commit%' OR application_name = 'sora bells' AND query LIKE '%' || $1 || '%'",
      [schema.name],
    );

  test("another host hears of what is stored, settled and to be cancelled, and each hears himself once", async () => {
    schema = new TestSchema();
    const [here, there] = [await schema.open(), await schema.open()];
    const [own, others] = [heardBy(here), heardBy(there)];
    await here.actions.enqueue([action("a"), action("b")]);
    await vi.waitFor(() => expect(others).toEqual([{ kind: "ready" }]), patient);
    await here.actions.join({ id: "w", node: "n", queues: [] });
    const { claimed } = await here.actions.turn({ worker: "w", settle: [], claim: { queues: [{ queue: "Bell/ring@1" }], most: 2, suspect: true } });
    await here.actions.cancel(["b"]);
    await vi.waitFor(() => expect(others).toContainEqual({ kind: "cancelling", ids: ["b"] }), patient);
    await here.actions.turn({ worker: "w", settle: [{ id: "a", fence: claimed[0]!.fence, kind: "completed", keepFor: 0 }] });
    await vi.waitFor(() => expect(others).toContainEqual({ kind: "settled", ids: ["a"] }), patient);
    expect(own).toEqual([{ kind: "ready" }, { kind: "cancelling", ids: ["b"] }, { kind: "settled", ids: ["a"] }]);
  });

  test("a thousand enqueues at once take few notifications", async () => {
    schema = new TestSchema();
    const [here, there] = [await schema.open(), await schema.open()];
    const others = heardBy(there);
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => here.actions.enqueue([action(`a${n}`)])));
    const last = await settleOne(here);
    await vi.waitFor(() => expect(others).toContainEqual(last), patient);
    expect(others).toContainEqual({ kind: "ready" });
    expect(others.length).toBeLessThan(200);
  });

  test("a connection that is cut is made again, and then everything is rung for", async () => {
    schema = new TestSchema();
    const [here, there] = [await schema.open(), await schema.open()];
    await here.actions.enqueue([action("early")]);
    const others = heardBy(there);
    for (let round = 0; round < 3; round++) {
      others.length = 0;
      await cut();
      await vi.waitFor(() => expect(others.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["ready", "scheduled", "settled", "cancelling"])), {
        timeout: 10_000,
      });
      others.length = 0;
      await vi.waitFor(
        async () => {
          await here.actions.enqueue([action(`late ${round} ${others.length} ${performance.now()}`)]);
          expect(others).toContainEqual({ kind: "ready" });
        },
        { timeout: 10_000 },
      );
    }
  });

  test("what somebody else writes to the channel harms nobody", async () => {
    schema = new TestSchema();
    const store = await schema.open();
    const heard = heardBy(store);
    for (const text of ["", "{", "null", "[]", '"ready"', '{"kind":"nonsense"}', '{"kind":"settled","ids":"a"}', '{"trial":"not mine"}']) {
      await schema.pool.query("SELECT pg_notify($1, $2)", [`${schema.name}:bell`, text]);
    }
    await vi.waitFor(() => expect(heard).toEqual([{ kind: "settled" }]), patient);
  });

  test("that notifications do not arrive is found out, and said once", { timeout: 30_000 }, async () => {
    schema = new TestSchema();
    const logger = createMemoryLogger();
    // PostgreSQL passes notifications on within a database only, so whoever listens in another hears nothing, as behind a pooler.
    const listen = new URL("/postgres", testServer).href;
    const store = schema.store({ listen });
    await store.open({ clock: systemClock, logger });
    const said = (): readonly string[] => logger.lines.filter(({ level }) => level === "warn").map(({ message }) => message);
    await vi.waitFor(() => expect(said()).toEqual([expect.stringMatching(/do not arrive.*`listen`/s)]), { timeout: 20_000, interval: 100 });
    await store[Symbol.asyncDispose]();
  });

  test("a store that does not listen rings for itself alone", async () => {
    schema = new TestSchema();
    const [here, there, third] = [await schema.open({ listen: false }), await schema.open(), await schema.open()];
    const [own, others] = [heardBy(here), heardBy(there)];
    await here.actions.enqueue([action("a")]);
    await vi.waitFor(() => expect(own).toEqual([{ kind: "ready" }]), patient);
    const heard = await settleOne(third);
    await vi.waitFor(() => expect(others).toContainEqual(heard), patient);
    expect(others).toEqual([heard]);
  });
});
