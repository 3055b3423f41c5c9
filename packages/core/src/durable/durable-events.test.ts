import { describe, expect, test } from "vitest";
import { controlOf } from "../control/control-of.ts";
import { createMemoryStore, createTestHost, createVirtualClock } from "../testing/index.ts";
import { defineService } from "../index.ts";
import { DurableEvents } from "./durable-events.ts";
import type { ActionContext, DurableStore } from "../index.ts";
import type { TestHost } from "../testing/index.ts";

let broken = true;
const Bank = defineService("Bank", {
  actions: {
    charge: async () => {
      if (broken) throw new Error("no");
    },
    long: async ({ delay }: ActionContext) => delay("1h"),
  },
});

/** What the host has told, in order: each event by its name, with the attempt it is of. */
function story(host: TestHost): string[] {
  const names = new Map(Object.entries(DurableEvents).map(([name, event]) => [event.name, name]));
  return host.events.all().flatMap(({ event, args }) => {
    const name = names.get(event);
    return name === undefined ? [] : [`${name} ${(args as { attempt: number }).attempt}`];
  });
}

describe("DurableEvents", () => {
  test("tell of one that is tried again, before all that follows", async () => {
    broken = true;
    await using host = await createTestHost({ services: [Bank], store: createMemoryStore() });
    const { id } = await host.services(Bank).do("charge").withRetry({ attempts: 1 }).withCorrelationId("c1").enqueue();
    await host.clock.settle();
    broken = false;
    expect(await host.actions.retry(id)).toBe("dead");
    await host.clock.settle();
    expect(story(host)).toEqual(["Enqueued 0", "Started 1", "Dead 1", "Redriven 0", "Started 1", "Completed 1"]);
    expect(host.events.all(DurableEvents.Redriven)).toMatchObject([
      { args: { id, service: "Bank", action: "charge", attempt: 0, attempts: 1, correlationId: "c1", before: "dead" } },
    ]);
    expect(await host.actions.retry(id)).toBe("completed");
    await host.clock.settle();
    expect(host.events.all(DurableEvents.Redriven)).toHaveLength(1);
  });

  test("tell of the step that a chain is tried again at", async () => {
    broken = true;
    await using host = await createTestHost({ services: [Bank], store: createMemoryStore() });
    const { id } = await host.services(Bank).do("charge").do("charge").enqueue();
    await host.clock.settle();
    await host.actions.retry(id);
    await host.clock.settle();
    expect(host.events.all(DurableEvents.Redriven)).toMatchObject([{ args: { id: `${id}.1`, before: "failed" } }]);
  });

  test("tell of what a schedule stores", async () => {
    broken = false;
    await using host = await createTestHost({ services: [Bank], store: createMemoryStore() });
    await host.services(Bank).do("charge").schedule("hourly", { every: "1h" });
    await host.clock.advance("2h");
    await host.clock.settle();
    expect(story(host)).toEqual(["Enqueued 0", "Started 1", "Completed 1", "Enqueued 0", "Started 1", "Completed 1"]);
    const told = (event: typeof DurableEvents.Enqueued) => host.events.all(event).map(({ args: { id, correlationId } }) => [id, correlationId]);
    expect(told(DurableEvents.Enqueued)).toEqual(told(DurableEvents.Started));
  });

  test("tell of one that was never begun, since its deadline was over or its worker had no room for it, by its end alone", async () => {
    const Narrow = defineService("Narrow", {
      concurrency: 1,
      actions: { hold: async ({ delay }: ActionContext) => delay("10s"), work: async () => {} },
    });
    await using host = await createTestHost({ services: [Narrow], store: createMemoryStore() });
    const work = host.services(Narrow).do("work");
    await host.actions.pause("Narrow");
    await work.withDeadline("1s").enqueue();
    await host.clock.advance("3s");
    await host.actions.resume("Narrow");
    await host.clock.settle();
    expect(story(host)).toEqual(["Enqueued 0", "Dead 1"]);
    const held = host.services(Narrow).do("hold").execute();
    await work.withTimeout("3s").withDeadline("5s").enqueue();
    await host.clock.advance("10s");
    await held;
    expect(story(host)).toEqual(["Enqueued 0", "Dead 1", "Enqueued 0", "Dead 1"]);
    const families = await controlOf(host).metrics().collectWithStore();
    expect(families.find(({ name }) => name === "sora_actions_started_total")?.points).toMatchObject([{ value: 0 }]);
  });

  test("tell of an attempt whose worker was lost, and that another follows", async () => {
    const store = createMemoryStore({ lease: 1_000 });
    const clock = createVirtualClock();
    const lost = await createTestHost({ services: [Bank], store: severed(store), clock, name: "lost" });
    const { id } = await lost.services(Bank).do("long").withRetry({ attempts: 2 }).withCorrelationId("c1").enqueue();
    await clock.settle();
    cut = true;
    await using host = await createTestHost({ services: [Bank], store, clock, name: "heir" });
    await clock.advance(3_000);
    expect(story(host)).toEqual(["Failed 1", "Started 2"]);
    expect(host.events.all(DurableEvents.Failed)).toMatchObject([
      { args: { id, attempt: 1, attempts: 2, delay: 0, correlationId: "c1", error: { code: "SORA_WORKER_LOST", attempt: 1 } } },
    ]);
    await lost.stop();
  });
});

let cut = false;

/** The store, as a host sees it that is cut off from it once `cut` is true. */
function severed(store: DurableStore): DurableStore {
  cut = false;
  const actions = new Proxy(store.actions, {
    get: (of, name) => {
      const value: unknown = Reflect.get(of, name);
      if (typeof value !== "function") return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        if (cut) throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
        return Reflect.apply(value, of, args) as unknown;
      };
    },
  });
  return new Proxy(store, {
    get: (of, name) => {
      if (name === "actions") return actions;
      const value: unknown = Reflect.get(of, name);
      return typeof value === "function" ? (value.bind(of) as unknown) : value;
    },
  });
}
