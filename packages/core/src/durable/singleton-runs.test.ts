import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { TriggerNowCommand } from "../commands/service-command.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { RunContext } from "../actions/run-context.ts";
import type { TestHost } from "../testing/test-host.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";
import type { ActionReceipt } from "./action-receipt.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { WorkerTurn, WorkerTurnAnswer } from "./store/worker-turn.ts";

const lease = 15_000;
const takeover = lease + 2 * (lease / 3) * 1.2;

/** A store between hosts, and how often each action was handed out. */
function sharedStore(): { readonly store: DurableStore; readonly claims: Map<string, number> } {
  const claims = new Map<string, number>();
  const store = withTurns(createMemoryStore({ lease }), async answer => {
    for (const { id } of answer.claimed) claims.set(id, (claims.get(id) ?? 0) + 1);
  });
  return { store: new Proxy(store, { get: (target, name) => (name === "shared" ? true : bound(target, name)) }), claims };
}

/** The store, with something to be done after each turn, or before it. */
function withTurns(store: DurableStore, after: (answer: WorkerTurnAnswer) => Promise<void>, before = async (): Promise<void> => {}): DurableStore {
  const turn = async (given: WorkerTurn): Promise<WorkerTurnAnswer> => {
    await before();
    const answer = await store.actions.turn(given);
    await after(answer);
    return answer;
  };
  const actions = new Proxy(store.actions, { get: (target, name) => (name === "turn" ? turn : bound(target, name)) });
  return new Proxy(store, { get: (target, name) => (name === "actions" ? actions : bound(target, name)) });
}

interface Stage {
  readonly store: DurableStore;
  readonly clock: VirtualClock;
  readonly ran: string[];
  readonly takes?: number;
  readonly worker?: boolean;
  /** It is a little slower than the others at what it asks for. */
  readonly slow?: boolean;
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === "function" ? value.bind(target) : value;
}

/** One of the hosts that share `store`, with a singleton whose runs tell where they began. */
async function up(name: string, { store, clock, ran, takes = 0, worker = true, slow = false }: Stage) {
  const only = defineService("Only", {
    every: "10h",
    singleton: true,
    execute: async ({ delay, signal }: RunContext) => {
      ran.push(name);
      if (takes > 0) await delay(takes, signal);
    },
    actions: {
      anywhere: async () => void ran.push(`anywhere on ${name}`),
      asking: async () => void (await host.commands.send("Only", new TriggerNowCommand())),
    },
  });
  const reached = slow
    ? withTurns(
        store,
        async () => {},
        () => clock.sleep(20),
      )
    : store;
  const host: TestHost = await createTestHost({ services: [only], store: reached, clock, name, worker });
  await clock.advance("1s");
  return { singleton: () => host.services(only), stop: () => host.stop(), [Symbol.asyncDispose]: async () => void (await host.stop()) };
}

describe("a stored run of a singleton", () => {
  test.each(["trigger", "check-queue", "process-batch"] as const)("begins on the host that holds its lease, whichever enqueued it: %s", async command => {
    const { store, claims } = sharedStore();
    const stage: Stage = { store, clock: createVirtualClock(), ran: [] };
    const { clock, ran } = stage;
    await using a = await up("a", { ...stage, slow: true });
    await using b = await up("b", stage);
    const receipts: ActionReceipt[] = [];
    for (const host of [b, b, b, b, a, b, b, b]) {
      receipts.push(await host.singleton().do(command).withRetry({ attempts: 1 }).enqueue());
      await clock.advance("100ms");
    }
    await clock.advance("10s");
    for (const receipt of receipts) expect(await receipt.status()).toMatchObject({ state: "completed", attempt: 1 });
    expect(new Set(ran)).toEqual(new Set(["a"]));
    expect([...claims.values()]).toEqual(receipts.map(() => 1));
  });

  test("waits, and spends no attempt, while the host that holds the lease does not work on stored actions", async () => {
    const { store, claims } = sharedStore();
    const stage: Stage = { store, clock: createVirtualClock(), ran: [] };
    const { clock, ran } = stage;
    const a = await up("a", { ...stage, worker: false });
    await using b = await up("b", stage);
    const receipt = await b.singleton().do("trigger").withRetry({ attempts: 1 }).enqueue();
    await clock.advance("2m");
    expect(await receipt.status()).toMatchObject({ state: "waiting", attempt: 0 });
    const workers = await store.actions.workers();
    expect(workers.flatMap(({ queues }) => queues)).toContain("Only/trigger@1"); // it is known who could run it
    expect(claims.size).toBe(0);
    await a.stop();
    await clock.advance(takeover);
    expect(await receipt.status()).toMatchObject({ state: "completed", attempt: 1 });
    expect(ran).toEqual(["b"]);
  });

  test("that waits for its turn as the lease is lost is given back, is handed out no more there, and runs where the lease is next", async () => {
    const { store, claims } = sharedStore();
    const stage: Stage = { store, clock: createVirtualClock(), ran: [] };
    const { clock } = stage;
    await using a = await up("a", { ...stage, takes: 3_600_000 });
    const underWay = await a.singleton().do("trigger").withRetry({ attempts: 1 }).enqueue();
    await clock.advance("1s");
    const waiting = await a.singleton().do("trigger").withRetry({ attempts: 1 }).enqueue();
    await clock.advance("1s");
    await using _b = await up("b", stage);
    const held = await store.leases.holder("singleton:Only");
    await store.leases.release(held as NonNullable<typeof held>);
    await store.leases.acquire("singleton:Only", "somebody", 60_000);
    await clock.advance("40s");
    expect(await underWay.status()).toMatchObject({ state: "dead", attempt: 1, error: { code: "SORA_LEASE_LOST" } }); // it had begun
    expect(await waiting.status()).toMatchObject({ state: "waiting", attempt: 0 });
    expect(claims.get(waiting.id)).toBe(1);
    await clock.advance("1m");
    expect(await waiting.status()).toMatchObject({ attempt: 1 });
    expect(claims.get(waiting.id)).toBe(2);
  });

  test("is not what its actions are: those run on any host, and one of them that asks for a run where none may begin has failed", async () => {
    const { store, claims } = sharedStore();
    const stage: Stage = { store, clock: createVirtualClock(), ran: [] };
    const { clock, ran } = stage;
    await using a = await up("a", { ...stage, worker: false });
    await using _b = await up("b", stage);
    await a.singleton().do("anywhere").enqueue();
    const asking = await a.singleton().do("asking").withRetry({ attempts: 2, delay: 1_000, jitter: "none" }).enqueue();
    await clock.advance("10s");
    expect(ran).toEqual(["anywhere on b"]);
    expect(await asking.status()).toMatchObject({ state: "dead", attempt: 2, error: { code: "SORA_SERVICE_UNAVAILABLE" } });
    expect(claims.get(asking.id)).toBe(2);
  });
});
