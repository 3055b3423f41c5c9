import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { DurableEvents } from "./durable-events.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ActionReceipt } from "./action-receipt.ts";
import type { TestHost } from "../testing/test-host.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";
import type { ActionStore } from "./store/action-store.ts";
import type { DurableStore } from "./store/durable-store.ts";

const lease = 15_000;

interface Breakable {
  readonly store: DurableStore;
  /** Refuses, as one that is out of reach. */
  broken: (method: keyof ActionStore) => boolean;
  /** Does what it is asked, and its answer is lost. */
  mute: (method: keyof ActionStore) => boolean;
  /** What an answer waits for. */
  late: (method: keyof ActionStore) => Promise<void> | undefined;
}

/** A store whose actions a test can make fail. */
function breakable(store: DurableStore): Breakable {
  const control: Breakable = { store, broken: () => false, mute: () => false, late: () => undefined };
  const actions = new Proxy(store.actions, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      return async (...args: unknown[]) => {
        if (control.broken(name as keyof ActionStore)) throw new Error("out of reach");
        const answer = await method.apply(target, args);
        if (control.mute(name as keyof ActionStore)) throw new Error("no answer");
        await control.late(name as keyof ActionStore);
        return answer;
      };
    },
  });
  return Object.assign(control, { store: new Proxy(store, { get: (target, name) => (name === "actions" ? actions : member(target, name)) }) });
}

function member(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === "function" ? value.bind(target) : value;
}

interface Stage {
  readonly host: TestHost;
  readonly control: ReturnType<typeof breakable>;
  readonly ran: string[];
  readonly aborted: unknown[];
  enqueue(delay?: number): Promise<ActionReceipt>;
}

/** One of the hosts that share `store`, each cut off from it by itself. */
async function stage(name: string, store: DurableStore, clock: VirtualClock, takes: number): Promise<Stage & AsyncDisposable> {
  const control = breakable(store);
  const ran: string[] = [];
  const aborted: unknown[] = [];
  const service = defineService("Work", {
    actions: {
      go: async ({ delay, signal, attempt }: ActionContext) => {
        ran.push(`${name} ${attempt}`);
        signal.addEventListener("abort", () => aborted.push((signal.reason as { code?: string }).code));
        await delay(takes);
        return name;
      },
    },
  });
  const host = await createTestHost({ services: [service], store: control.store, clock, name });
  const enqueue = (delay?: number): Promise<ActionReceipt> => {
    const call = host.services(service).do("go");
    return delay === undefined ? call.enqueue() : call.withDelay(delay).enqueue();
  };
  return { host, control, ran, aborted, enqueue, [Symbol.asyncDispose]: async () => void (await host.stop()) };
}

describe("a worker that does not renew its lease", () => {
  test("has its work taken over within one and a half leases, each once, and its late outcome refused", async () => {
    const store = createMemoryStore({ lease });
    const clock = createVirtualClock();
    await using dead = await stage("dead", store, clock, 100_000);
    const receipt = await dead.enqueue();
    await clock.settle();
    await using alive = await stage("alive", store, clock, 100);
    dead.control.broken = () => true;
    await clock.advance(lease * 1.5);
    expect(dead.ran).toEqual(["dead 1"]);
    expect(alive.ran).toEqual(["alive 2"]);
    expect(dead.aborted).toEqual(["SORA_LEASE_LOST"]);
    expect(await alive.host.actions.receipt(receipt.id).result()).toBe("alive");
    dead.control.broken = () => false;
    await clock.advance(200_000);
    expect(await alive.host.actions.get(receipt.id)).toMatchObject({ state: "completed", attempt: 2 });
  });

  test("keeps it where one renewal is lost on its way, and neither answered nor refused", async () => {
    const clock = createVirtualClock();
    await using one = await stage("one", createMemoryStore({ lease }), clock, lease * 4);
    let renewals = 0;
    one.control.late = method => (method === "renew" && renewals++ % 2 === 0 ? clock.sleep(86_400_000) : undefined);
    const receipt = await one.enqueue();
    await clock.advance(lease * 4 + 1);
    expect(await receipt.result()).toBe("one");
    expect([one.ran, one.aborted]).toEqual([["one 1"], []]);
    expect(renewals).toBeGreaterThan(4);
  });

  test("goes on under a new lease once it reaches its store again", async () => {
    const store = createMemoryStore({ lease });
    const clock = createVirtualClock();
    await using one = await stage("one", store, clock, 1_000);
    one.control.broken = () => true;
    await one.enqueue().catch(() => {});
    await clock.advance(60_000);
    one.control.broken = () => false;
    const receipt = await one.enqueue();
    await clock.advance(5_000);
    expect(await receipt.result()).toBe("one");
  });

  test("is not one that works for ten leases on a loop that turns", async () => {
    const store = createMemoryStore({ lease });
    const clock = createVirtualClock();
    await using one = await stage("one", store, clock, lease * 10);
    const receipt = await one.enqueue();
    await clock.settle();
    await using two = await stage("two", store, clock, lease * 10);
    await clock.advance(lease * 10 + 1);
    expect(await receipt.result()).toBe("one");
    expect([one.ran, two.ran]).toEqual([["one 1"], []]);
  });
});

describe("a worker whose store refuses", () => {
  test("loses no outcome, and is unhealthy until it is back", async () => {
    const store = createMemoryStore({ lease });
    const clock = createVirtualClock();
    await using one = await stage("one", store, clock, 1_000);
    const receipt = await one.enqueue();
    await clock.settle();
    one.control.broken = method => method === "turn";
    await clock.advance(8_000);
    expect(await one.host.health()).toMatchObject({ entries: { DurableActions: { status: "unhealthy", critical: true } } });
    expect(one.host.logs.filter(({ level }) => level === "error")).toHaveLength(1);
    one.control.broken = () => false;
    await clock.advance(2_000);
    expect(await receipt.result()).toBe("one");
    await clock.advance(30_000);
    expect(await one.host.health()).toMatchObject({ entries: { DurableActions: { status: "healthy" } } });
    expect(one.ran).toEqual(["one 1"]);
  });
});

describe("a worker whose store does not answer for long, and then refuses", () => {
  test("is unhealthy from five seconds on, without a break", async () => {
    const clock = createVirtualClock();
    await using one = await stage("one", createMemoryStore({ lease }), clock, 1_000);
    await clock.settle();
    one.control.late = async method => {
      if (method !== "turn") return;
      await clock.sleep(8_000);
      throw new Error("out of reach");
    };
    await one.enqueue();
    const seen: (string | undefined)[] = [];
    for (let second = 1; second <= 20; second++) {
      await clock.advance(1_000);
      seen.push((await one.host.health()).entries["DurableActions"]?.status);
    }
    expect(seen.slice(0, 4)).not.toContain("unhealthy");
    expect(new Set(seen.slice(6))).toEqual(new Set(["unhealthy"]));
  });
});

describe("a worker whose store does what it is asked, and does not answer", () => {
  test("begins what it never heard that it was given, in the same attempt, and writes no outcome twice", async () => {
    const store = createMemoryStore({ lease });
    const clock = createVirtualClock();
    await using one = await stage("one", store, clock, 1_000);
    let answers = false;
    one.control.mute = method => method === "turn" && !answers;
    const receipt = await one.enqueue();
    await clock.settle();
    expect(await one.host.actions.get(receipt.id)).toMatchObject({ state: "running", attempt: 1 });
    expect(one.ran).toEqual([]);
    answers = true;
    await clock.advance(500);
    expect(one.ran).toEqual(["one 1"]);
    answers = false;
    await clock.advance(1_000);
    answers = true;
    await clock.advance(2 * lease);
    expect(await one.host.actions.get(receipt.id)).toMatchObject({ state: "completed", attempt: 1 });
    expect(one.ran).toEqual(["one 1"]);
  });
});

describe("a worker whose store answers when its lease is over", () => {
  test("begins nothing of what it was given then, which is recovered", async () => {
    const store = createMemoryStore({ lease });
    const clock = createVirtualClock();
    await using one = await stage("one", store, clock, 1_000);
    await clock.settle();
    one.control.broken = method => method === "renew";
    one.control.late = method => (method === "turn" ? clock.sleep(2 * lease) : undefined);
    const receipt = await one.enqueue();
    await clock.advance(lease);
    expect(await one.host.actions.get(receipt.id)).toMatchObject({ state: "running", attempt: 1 });
    one.control.broken = () => false;
    one.control.late = () => undefined;
    await clock.advance(2 * lease);
    expect(await receipt.result()).toBe("one");
    expect(one.ran).toEqual(["one 2"]);
  });
});

describe("a worker whose store takes nearly a lease to let it join", () => {
  test("renews at once, so that what it is given is not taken from it", async () => {
    const store = createMemoryStore({ lease });
    const clock = createVirtualClock();
    const slow = breakable(store);
    slow.late = method => (method === "join" ? clock.sleep(lease * 0.95) : undefined);
    await using one = await stage("one", slow.store, clock, lease * 2);
    const receipt = await one.enqueue();
    await clock.advance(lease * 1.1);
    expect(one.ran).toEqual(["one 1"]);
    expect(await store.actions.recover(10, 1_000)).toEqual([]); // as another host does
    await clock.advance(lease * 3);
    expect(await receipt.result()).toBe("one");
  });
});

describe("an action that takes its process with it", () => {
  test("is dead after exactly its attempts, and its neighbours lose one attempt at most", async () => {
    const store = createMemoryStore({ lease });
    const clock = createVirtualClock();
    const deaths: unknown[] = [];
    const began: string[] = [];
    let round = 0;
    const poison = defineService("Mix", {
      actions: {
        harmless: async ({ delay, attempt }: ActionContext) => {
          began.push(`harmless ${attempt}`);
          await delay(500);
        },
        poison: async ({ attempt, delay }: ActionContext) => {
          began.push(`poison ${attempt}`);
          current.control.broken = () => true; // as good as dead: nothing of it reaches the store any more
          await delay(1_000_000);
        },
      },
    });
    const next = async (): Promise<{ host: TestHost; control: ReturnType<typeof breakable> }> => {
      const control = breakable(store);
      return { control, host: await createTestHost({ services: [poison], store: control.store, clock, name: `host${round++}` }) };
    };
    let current = await next();
    const hosts = [current.host];
    const killer = await current.host.services(poison).do("poison").withRetry({ attempts: 3 }).enqueue();
    const others = await Promise.all(Array.from({ length: 3 }, () => current.host.services(poison).do("harmless").withRetry({ attempts: 2 }).enqueue()));
    await clock.settle();
    for (let n = 0; n < 4; n++) {
      current = await next();
      hosts.push(current.host);
      await clock.advance(lease * 2);
      deaths.push(...current.host.events.all(DurableEvents.Dead));
    }
    expect(began.filter(name => name.startsWith("poison"))).toEqual(["poison 1", "poison 2", "poison 3"]);
    expect(await current.host.actions.get(killer.id)).toMatchObject({ state: "dead", attempt: 3 });
    for (const { id } of others) expect(await current.host.actions.get(id)).toMatchObject({ state: "completed" });
    expect(deaths).toHaveLength(1);
    for (const host of hosts) await host.stop();
  });
});

describe("a worker that writes outcomes meanwhile", () => {
  test("looks for what comes due when it does, and no later", async () => {
    const memory = createMemoryStore({ lease });
    const clock = createVirtualClock();
    let isDeaf = false; // to what rings at its own outcomes, which not every store does
    const listen: DurableStore["listen"] = listener => memory.listen(bell => isDeaf || listener(bell));
    await using one = await stage("one", new Proxy(memory, { get: (target, name) => (name === "listen" ? listen : member(target, name)) }), clock, 900);
    const later = await one.enqueue(1_000);
    await one.enqueue();
    await clock.settle();
    isDeaf = true;
    await clock.advance(1_000);
    expect(await later.status()).toMatchObject({ state: "running" });
  });
});

describe("a worker that has nothing to do", () => {
  /** A store that takes a while to store, and what it is asked in the meantime. */
  function watched(inOrder: boolean): { readonly store: DurableStore; readonly calls: string[] } {
    const memory = createMemoryStore({ lease });
    const calls: string[] = [];
    const actions = new Proxy(memory.actions, {
      get: (target, name: keyof ActionStore) => async (request: unknown) => {
        calls.push(name);
        if (name === "enqueue") await new Promise(resolve => setImmediate(resolve));
        const answer = await (Reflect.get(target, name) as (request: unknown) => Promise<unknown>).call(target, request);
        calls.push(`${name} answered`);
        return answer;
      },
    });
    const get = (target: DurableStore, name: string | symbol): unknown => (name === "actions" ? actions : name === "inOrder" ? inOrder : member(target, name));
    return { store: new Proxy(memory, { get }), calls };
  }

  test.each([true, false])("asks for an action together with its storing only where the store keeps to the order of asking (%j)", async inOrder => {
    const { store, calls } = watched(inOrder);
    await using one = await stage("one", store, createVirtualClock(), 1_000);
    await one.host.clock.settle();
    calls.length = 0;
    await one.enqueue();
    await one.host.clock.settle();
    expect(calls.indexOf("turn") < calls.indexOf("enqueue answered")).toBe(inOrder);
    expect(one.ran).toEqual(["one 1"]);
  });

  test("does not ask for what only others can run", async () => {
    const { store, calls } = watched(true);
    await using one = await stage("one", store, createVirtualClock(), 1_000);
    await one.host.clock.settle();
    calls.length = 0;
    const elsewhere = defineService("Elsewhere", { actions: { go: async () => {} } });
    await one.host.services(elsewhere).do("go").enqueue();
    expect(calls).toEqual(["enqueue", "enqueue answered"]);
  });
});
