import { describe, expect, test } from "vitest";
import { controlOf } from "../control/control-of.ts";
import { defineService } from "../definition/define-service.ts";
import { type } from "../definition/type.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import { queueName } from "./store/queue-name.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ServiceDefinition } from "../definition/service-definition.ts";
import type { TestHost } from "../testing/test-host.ts";
import type { ActionStore } from "./store/action-store.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { QueueClaim, WorkerTurn } from "./store/worker-turn.ts";

/** A store, and what the last claim asked it for. */
function watched(): { readonly store: DurableStore; readonly asked: readonly QueueClaim[] } {
  const memory = createMemoryStore();
  const control: { store: DurableStore; asked: readonly QueueClaim[] } = { store: memory, asked: [] };
  const actions = new Proxy(memory.actions, {
    get(target, name: keyof ActionStore) {
      if (name !== "turn") return (Reflect.get(target, name) as (...args: never) => unknown).bind(target);
      return (turn: WorkerTurn) => {
        if (turn.claim !== undefined) control.asked = turn.claim.queues;
        return target.turn(turn);
      };
    },
  });
  control.store = new Proxy(memory, {
    get(target, name) {
      const value: unknown = name === "actions" ? actions : Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  return control;
}

/** What a host that has nothing to do asks for. */
async function askedFor(service: ServiceDefinition): Promise<readonly QueueClaim[]> {
  const control = watched();
  await using host = await createTestHost({ services: [service], store: control.store });
  await host.clock.settle();
  return control.asked;
}

const go = async (): Promise<void> => {};
const parameters = type<{ readonly n: number }>();
const migrate = { 1: (old: unknown) => old };

describe("ClaimableQueues", () => {
  test("asks for the service's concurrency once, in a group of all its actions", async () => {
    const groups = [{ name: "Two", most: 3 }];
    expect(await askedFor(defineService("Two", { concurrency: 3, actions: { a: go, b: go } }))).toEqual([
      { queue: "Two/a@1", groups },
      { queue: "Two/b@1", groups },
    ]);
  });

  test("asks for an action's concurrency of its queue, and in a group where it has several versions", async () => {
    const one = defineService("One", { actions: { a: { concurrency: 2, run: go }, b: go } });
    expect(await askedFor(one)).toEqual(expect.arrayContaining([{ queue: "One/a@1", most: 2 }, { queue: "One/b@1" }]));
    const versioned = defineService("Versioned", { concurrency: 5, actions: { a: { concurrency: 2, version: 2, migrate, parameters, run: go }, b: go } });
    const ofService = { name: "Versioned", most: 5 };
    const groups = [{ name: "Versioned/a", most: 2 }, ofService];
    expect(await askedFor(versioned)).toEqual([
      { queue: "Versioned/a@2", groups },
      { queue: "Versioned/a@1", groups },
      { queue: "Versioned/b@1", groups: [ofService] },
    ]);
  });

  test("asks for what is left of each limit, and for nothing where one of them is used up", async () => {
    const actions = {
      a: { concurrency: 1, run: async (_: unknown, { delay }: ActionContext) => delay("1m") },
      b: async ({ delay }: ActionContext) => delay("1m"),
    };
    const service = defineService("Busy", { concurrency: 2, actions });
    const control = watched();
    await using host = await createTestHost({ services: [service], store: control.store });
    await host.services(service).do("a").enqueue();
    await host.clock.settle();
    await host.services(service).do("a").enqueue();
    await host.clock.settle();
    expect(control.asked).toEqual([{ queue: "Busy/b@1", groups: [{ name: "Busy", most: 1 }] }]);
  });
});

describe("a service's concurrency on two hosts that share a store", () => {
  const began: string[] = [];
  const pair = (host: string, limits: { readonly service?: number; readonly ofA?: number }) =>
    defineService("Shared", {
      ...(limits.service !== undefined && { concurrency: limits.service }),
      actions: {
        a: {
          ...(limits.ofA !== undefined && { concurrency: limits.ofA }),
          version: 2,
          migrate: { 1: () => ({ n: 0 }) },
          parameters,
          run: async (_: { readonly n: number }, { delay }: ActionContext) => {
            began.push(`${host} a`);
            await delay("6s");
          },
        },
        b: async () => void began.push(`${host} b`),
      },
    });

  test("lets the second host begin at once what the first has no room for", async () => {
    began.length = 0;
    const [store, clock] = [createMemoryStore(), createVirtualClock()];
    const service = pair("one", { service: 1 });
    await using one = await createTestHost({ services: [service], store, clock, name: "one" });
    await using two = await createTestHost({ services: [pair("two", { service: 1 })], store, clock, name: "two" });
    await one.actions.pause("Shared");
    const a = await one.services(service).do("a", { n: 1 }).enqueue();
    const b = await one.services(service).do("b").withTimeout("1s").withRetry({ attempts: 1 }).enqueue();
    await one.actions.resume("Shared");
    await clock.settle();
    expect(began.map(entry => entry.slice(-1)).toSorted()).toEqual(["a", "b"]);
    expect(new Set(began.map(entry => entry.slice(0, 3))).size).toBe(2);
    expect([(await a.status()).state, (await b.status()).state]).toEqual(["running", "completed"]);
    await two.stop();
  });

  test("lets the second host begin at once another version of an action that the first has no room for", async () => {
    began.length = 0;
    const [store, clock] = [createMemoryStore(), createVirtualClock()];
    await using one = await createTestHost({ services: [pair("one", { ofA: 1 })], store, clock, name: "one" });
    await using two = await createTestHost({ services: [pair("two", { ofA: 1 })], store, clock, name: "two" });
    await one.actions.pause("Shared");
    const versions = [1, 2].map(version => queueName({ service: "Shared", action: "a", version }));
    await store.actions.enqueue(versions.map((queue, n) => ({ id: `${n}`, queue, parameters: '{"n":1}', envelope: "{}", priority: 0, attempts: 1 })));
    await one.actions.resume("Shared");
    await clock.settle();
    expect(began.toSorted()).toEqual(["one a", "two a"]);
    await two.stop();
  });
});

describe("what is stored for a service that no host runs", () => {
  const work = (enabled: boolean) => defineService("Work", { enabled, actions: { go } });

  /** Which queues that have something no worker can run, as the host sees it. */
  async function unclaimable(host: TestHost): Promise<readonly string[]> {
    await host.clock.advance("1s"); // the count is good for so long
    const census = await controlOf(host).durable();
    return (census?.lines ?? []).flatMap(line => (line.unclaimable ? [line.service] : []));
  }

  test("is listed as such where it is disabled by its definition or by configuration", async () => {
    await using host = await createTestHost({ services: [work(false)] });
    await controlOf(host).find("Work").enqueue("go", undefined);
    expect(await unclaimable(host)).toEqual(["Work"]);
    const configuration = { Sora: { BackgroundServices: { Services: { Work: { Enabled: false } } } } };
    await using other = await createTestHost({ services: [work(true)], configuration });
    await controlOf(other).find("Work").enqueue("go", undefined);
    expect(await unclaimable(other)).toEqual(["Work"]);
  });

  test("is not where it is one that waits for its time, though its worker rests", async () => {
    await using host = await createTestHost({ services: [work(true)] });
    await controlOf(host).find("Work").enqueue("go", undefined, undefined, { delay: 3_600_000 });
    await host.clock.advance("1m");
    expect(await unclaimable(host)).toEqual([]);
  });

  test("is listed on other hosts once the last that ran it has stopped it, and not any more once it is started again", async () => {
    const [memory, clock] = [createMemoryStore({ lease: 15_000 }), createVirtualClock()];
    const store = new Proxy(memory, {
      get(target, name) {
        const value: unknown = name === "shared" ? true : Reflect.get(target, name);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    await using one = await createTestHost({ services: [work(true)], store, clock, name: "one" });
    await using two = await createTestHost({ services: [work(false)], store, clock, name: "two" });
    await controlOf(two).find("Work").enqueue("go", undefined, undefined, { delay: 3_600_000 });
    expect(await unclaimable(two)).toEqual([]);
    await controlOf(one).find("Work").stop();
    expect(await unclaimable(one)).toEqual(["Work"]);
    await clock.advance("5s");
    expect(await unclaimable(two)).toEqual(["Work"]);
    await controlOf(one).find("Work").start();
    await clock.advance("5s");
    expect(await unclaimable(two)).toEqual([]);
    await clock.advance("1h");
    expect((await two.actions.list()).actions).toMatchObject([{ state: "completed" }]);
  });
});
