import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { RunContext } from "../actions/run-context.ts";
import type { MisfireOption } from "../definition/service-options.ts";
import type { DurableStore } from "./store/durable-store.ts";

const start = Date.parse("2026-01-01T00:00:00Z");

/** A memory store that says of itself what one between processes would. */
function sharedStore(lease = 15_000): DurableStore {
  return new Proxy(createMemoryStore({ lease }), {
    get: (target, name) => {
      if (name === "shared") return true;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("a periodic service on a store", () => {
  const ticking = (misfire: MisfireOption, runs: number[]) =>
    defineService("Ticking", { every: "1h", misfire, execute: ({ scheduledAt, clock }) => void runs.push((scheduledAt ?? clock.now()) - start) });

  test.each([
    ["skip", [3 * 3_600_000]],
    ["once", [2 * 3_600_000, 3 * 3_600_000]],
    [{ all: 5 }, [2 * 3_600_000, 3 * 3_600_000]],
  ] as const)("remembers its last tick through a restart: misfire %j", async (misfire, expected) => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const before: number[] = [];
    const first = await createTestHost({ services: [ticking(misfire, before)], store, clock, name: "a" });
    await clock.advance("70m");
    await first.stop();
    expect(before).toEqual([3_600_000]);
    clock.jumpWall("80m"); // down for as long: it is 02:30 now
    const after: number[] = [];
    await using _second = await createTestHost({ services: [ticking(misfire, after)], store, clock, name: "b" });
    await clock.advance("40m");
    expect(after).toEqual(expected);
  });

  test("has each tick run once in the whole cluster, though its hosts count from different moments", async () => {
    const store = sharedStore();
    const clock = createVirtualClock();
    const runs: number[] = [];
    await using _one = await createTestHost({ services: [ticking("skip", runs)], store, clock, name: "one" });
    await clock.advance("20m");
    await using _two = await createTestHost({ services: [ticking("skip", runs)], store, clock, name: "two" });
    await clock.advance("20m");
    await using _three = await createTestHost({ services: [ticking("skip", runs)], store, clock, name: "three" });
    await clock.advance("3h");
    expect(runs).toHaveLength(3);
    for (const [index, at] of runs.entries()) expect(at - (runs[index - 1] ?? at - 3_600_000)).toBe(3_600_000);
  });

  test("has each cron tick run once", async () => {
    const store = sharedStore();
    const clock = createVirtualClock();
    const runs: number[] = [];
    const service = () => defineService("Nightly", { cron: "0 * * * *", execute: ({ scheduledAt }) => void runs.push(scheduledAt as number) });
    await using _one = await createTestHost({ services: [service()], store, clock, name: "one" });
    await using _two = await createTestHost({ services: [service()], store, clock, name: "two" });
    await clock.advance("4h");
    expect(runs).toHaveLength(4);
    expect(new Set(runs).size).toBe(4);
  });
});

describe("singleton: true", () => {
  const running = new Set<string>();
  const service = (name: string, fences: (number | undefined)[]) =>
    defineService("Only", {
      singleton: true,
      execute: async ({ signal, fence, delay }: RunContext) => {
        fences.push(fence);
        running.add(name);
        try {
          await delay("10d", signal);
        } finally {
          running.delete(name);
        }
      },
    });

  test("runs on one host, and on another within a lease and two tries once that one is gone; the fence rises", async () => {
    const lease = 15_000;
    const store = sharedStore(lease);
    const clock = createVirtualClock();
    const fences: (number | undefined)[] = [];
    const one = await createTestHost({ services: [service("one", fences)], store, clock, name: "one", environment: "Production" });
    await clock.advance("1s");
    await using _two = await createTestHost({ services: [service("two", fences)], store, clock, name: "two", environment: "Production" });
    await clock.advance("1h");
    expect([...running]).toEqual(["one"]);
    await one.stop();
    await clock.advance(lease + 2 * (lease / 3) * 1.2);
    expect([...running]).toEqual(["two"]);
    expect(fences[1]).toBeGreaterThan(fences[0] as number);
  });

  test("stops where its lease is lost, says why, and goes on when it is its turn again", async () => {
    const store = sharedStore();
    const clock = createVirtualClock();
    const fences: (number | undefined)[] = [];
    await using host = await createTestHost({ services: [service("one", fences)], store, clock, name: "one" });
    await clock.advance("1s");
    const lease = await store.leases.holder("singleton:Only");
    await store.leases.release(lease as NonNullable<typeof lease>);
    await store.leases.acquire("singleton:Only", "somebody", 30_000);
    await clock.advance("20s");
    expect(running.size).toBe(0);
    expect(host.logs.some(({ message }) => message.includes("The lease singleton:Only is lost"))).toBe(true);
    expect(host.list().find(({ name }) => name === "Only")?.state).toBe("running"); // it waits for its turn, and restarts cost no budget
    await clock.advance("40s");
    expect([...running]).toEqual(["one"]);
    expect(fences).toHaveLength(2);
  });

  test("leaves the lease to others where it stops while it asks for it the first time", async () => {
    const store = sharedStore();
    const clock = createVirtualClock();
    const { acquire } = store.leases;
    store.leases.acquire = async (...asked) => {
      const lease = await acquire.apply(store.leases, asked);
      await clock.sleep(50);
      return lease;
    };
    const host = await createTestHost({ services: [service("one", [])], store, clock, name: "one" });
    await using _other = await createTestHost({ services: [], store, clock, name: "other" }); // keeps the store open
    await host.stop();
    expect(await store.leases.holder("singleton:Only")).toBeUndefined();
  });

  test("of a periodic service: ticks run where the lease is, and a poke elsewhere is refused", async () => {
    const store = sharedStore();
    const clock = createVirtualClock();
    const runs: string[] = [];
    const periodic = (name: string) =>
      defineService("Tick", {
        every: "1m",
        singleton: true,
        runOnStartup: true,
        execute: ({ fence }) => void runs.push(`${name} ${fence === undefined ? "unfenced" : "fenced"}`),
      });
    await using one = await createTestHost({ services: [periodic("one")], store, clock, name: "one" });
    await clock.advance("1s");
    await using two = await createTestHost({ services: [periodic("two")], store, clock, name: "two" });
    await clock.advance("10m");
    expect(runs).toEqual(Array.from({ length: 11 }, () => "one fenced"));
    await expect(two.commands.send("Tick", new (await import("../commands/service-command.ts")).TriggerNowCommand())).rejects.toMatchObject({
      code: "SORA_SERVICE_UNAVAILABLE",
    });
    await one.stop();
    await clock.advance("3m");
    expect(runs.at(-1)).toBe("two fenced");
  });

  test("is refused in Production without a store that hosts share, and warned of elsewhere", async () => {
    await expect(createTestHost({ services: [service("x", [])], environment: "Production" })).rejects.toMatchObject({ code: "SORA_DEFINITION_INVALID" });
    await using host = await createTestHost({ services: [service("x", [])] });
    expect(host.logs.some(({ message }) => message.includes("holds for this process only"))).toBe(true);
  });
});
