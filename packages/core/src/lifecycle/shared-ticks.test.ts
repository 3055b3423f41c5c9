import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { createMemoryStore } from "../durable/memory/memory-store.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import type { RunContext } from "../actions/run-context.ts";
import type { AnyServiceDefinition } from "../definition/service-definition.ts";
import type { MisfireOption } from "../definition/service-options.ts";
import type { DurableStore } from "../durable/store/durable-store.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";
import type { Clock } from "../time/clock.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const minute = 60_000;
const lease = 15_000;

/** How one host reaches the store that it shares with others. */
interface Link {
  readonly store: DurableStore;
  /** Milliseconds that each answer takes; a lease, of two statements, takes twice as long. */
  latency: number;
  /** Refuses what is written, what is read, or both. */
  broken: "no" | "write" | "all";
  /** How often a tick was asked for. */
  takes: number;
}

const reads = new Set(["last", "holder", "get", "counts", "workers"]);

function link(store: DurableStore, clock: Clock, latency = 0): Link {
  const parts = new Map<string | symbol, object>();
  const part = (target: object): object =>
    new Proxy(target, {
      get(_, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]): Promise<unknown> => {
          if (name === "take") made.takes++;
          if (made.latency > 0) await clock.sleep(name === "acquire" ? made.latency * 2 : made.latency);
          if (made.broken === "all" || (made.broken === "write" && !reads.has(String(name)))) throw new Error("out of reach");
          return (value as (...given: unknown[]) => unknown).apply(target, args);
        };
      },
    });
  const linked = new Proxy(store, {
    get(target, name) {
      if (name === "shared") return true;
      const value: unknown = Reflect.get(target, name);
      if (typeof value === "function") return value.bind(target);
      if (name !== "ticks" && name !== "leases" && name !== "actions") return value;
      if (!parts.has(name)) parts.set(name, part(value as object));
      return parts.get(name);
    },
  });
  const made: Link = { store: linked, latency, broken: "no", takes: 0 };
  return made;
}

type Ticking = ({ readonly cron: string } | { readonly every: "1m" }) & { readonly misfire?: MisfireOption; readonly singleton?: boolean };

/** Each run as "host, minute of its tick, how many were missed". */
function ticking(host: string, runs: string[], options: Ticking): AnyServiceDefinition {
  const execute = ({ scheduledAt = Number.NaN, missed }: RunContext): void => void runs.push(`${host} ${(scheduledAt - start) / minute} ${missed}`);
  return "cron" in options ? defineService("Ticking", { ...options, execute }) : defineService("Ticking", { ...options, execute });
}

describe("the ticks of a singleton", () => {
  test.each([
    ["skip", ["b 4 2"]],
    ["once", ["b 4 2"]],
    [{ all: 5 }, ["b 2 0", "b 3 0", "b 4 0"]],
  ] as const)("that were missed while no host was there are decided by misfire %j, though the lease takes its time", async (misfire, expected) => {
    const clock = createVirtualClock();
    const store = createMemoryStore({ lease });
    const runs: string[] = [];
    const options = { cron: "* * * * *", singleton: true, misfire } as const;
    const first = await createTestHost({ services: [ticking("a", runs, options)], store: link(store, clock, 20).store, clock, name: "a" });
    await clock.advance("61s");
    const stopping = first.stop();
    await clock.advance("1s");
    await stopping;
    expect(runs.splice(0)).toEqual(["a 1 0"]);
    await clock.advance("188s"); // it is 00:04:10
    await using _second = await createTestHost({ services: [ticking("b", runs, options)], store: link(store, clock, 20).store, clock, name: "b" });
    await clock.advance("1s");
    expect(runs).toEqual(expected);
    await clock.advance("50s");
    expect(runs.slice(expected.length)).toEqual(["b 5 0"]);
  });

  test.each([
    ["skip", []],
    ["once", ["b 120 0"]],
  ] as const)("that are more than a minute late are left to misfire: %s", async (misfire, expected) => {
    const clock = createVirtualClock();
    const store = createMemoryStore({ lease });
    const runs: string[] = [];
    const options = { cron: "0 * * * *", singleton: true, misfire } as const;
    const first = await createTestHost({ services: [ticking("a", runs, options)], store: link(store, clock).store, clock, name: "a" });
    await clock.advance("61m");
    await first.stop();
    expect(runs.splice(0)).toEqual(["a 60 0"]);
    await clock.advance("61m");
    await using _host = await createTestHost({ services: [ticking("b", runs, options)], store: link(store, clock, 20).store, clock, name: "b" });
    await clock.advance("57m");
    expect(runs).toEqual(expected);
    await clock.advance("2m");
    expect(runs.at(-1)).toMatch(/^b 180 /);
  });

  const recurrences = [{ cron: "* * * * *" }, { every: "1m" }] as const;
  test.each(recurrences.flatMap(recurrence => (["skip", "once", "all"] as const).map(misfire => [{ ...recurrence, misfire }] as const)))(
    "run on the host that takes over from one that is lost just before a tick: %j",
    async options => {
      const clock = createVirtualClock();
      const store = createMemoryStore({ lease });
      const runs: string[] = [];
      const links = { a: link(store, clock, 5), b: link(store, clock, 5) };
      const singleton = { ...options, singleton: true };
      await using _a = await createTestHost({ services: [ticking("a", runs, singleton)], store: links.a.store, clock, name: "a" });
      await clock.advance("5s");
      await using _b = await createTestHost({ services: [ticking("b", runs, singleton)], store: links.b.store, clock, name: "b" });
      await clock.advance("54500ms");
      links.a.broken = "all"; // half a second before the first tick, so that the store knows of none
      await clock.advance("30s");
      expect(runs).toHaveLength(1);
      expect(runs[0]).toMatch(/^b /);
      links.a.broken = "no";
      await clock.advance("2m");
      expect(runs).toHaveLength(3);
      expect(runs.every(run => run.startsWith("b "))).toBe(true);
    },
  );

  const hourly = { every: "1h", runOnStartup: true, singleton: true } as const;
  /** One on each of two hosts, the second with a store of its own view. */
  function atStart(name: string, runs: string[], seen: DurableStore, clock: VirtualClock) {
    const service = defineService("Hourly", { ...hourly, execute: async () => void runs.push(`${name} ${(clock.now() - start) / 1_000}`) });
    return createTestHost({ services: [service], store: seen, clock, name });
  }

  test("include the run on start-up, of a host that starts before the lease of a dead one is over", async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore({ lease });
    const runs: string[] = [];
    const dead = link(store, clock);
    await using _a = await atStart("a", runs, dead.store, clock);
    await clock.advance("4s");
    dead.broken = "all";
    await clock.advance("1s");
    await using _b = await atStart("b", runs, link(store, clock).store, clock);
    await clock.advance(lease * 1.8);
    expect(runs).toEqual(["a 0", expect.stringMatching(/^b [12]\d/)]);
    await clock.advance("61m");
    expect(runs).toHaveLength(3);
  });

  test.each([
    ["skip", 2],
    [{ all: 5 }, 6],
  ] as const)(
    "that fall due while the run on start-up waits for the lease are decided by misfire %j, and do not come in a burst behind it",
    async (misfire, most) => {
      const clock = createVirtualClock();
      const store = createMemoryStore({ lease });
      const runs: number[] = [];
      await using _keeper = await createTestHost({ store, clock, name: "keeper" });
      await store.leases.acquire("singleton:Quick", "dead", lease);
      const execute = async (): Promise<void> => void runs.push(clock.now() - start);
      const quick = defineService("Quick", { every: "1s", runOnStartup: true, singleton: true, misfire, execute });
      await using _host = await createTestHost({ services: [quick], store, clock });
      await clock.advance("30s");
      const [first] = runs;
      expect(first).toBeGreaterThan(lease);
      expect(runs.filter(at => at === first).length).toBeLessThanOrEqual(most);
      expect(runs.at(-1)).toBeGreaterThan(28_500); // and it goes on
    },
  );

  test("have no run on start-up where another host is alive, not even when that one stops", async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore({ lease });
    const runs: string[] = [];
    const first = await atStart("a", runs, link(store, clock).store, clock);
    await clock.advance("5s");
    await using _b = await atStart("b", runs, link(store, clock).store, clock);
    await clock.advance("1m");
    await first.stop();
    await clock.advance("50m");
    expect(runs).toEqual(["a 0"]);
    await clock.advance("10m");
    expect(runs).toEqual(["a 0", expect.stringMatching(/^b 3600/)]);
  });

  test("do not hold up the stop of a host whose run on start-up waits for the lease", async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore({ lease });
    const runs: string[] = [];
    await using _a = await atStart("a", runs, link(store, clock).store, clock);
    await clock.settle();
    const second = await atStart("b", runs, link(store, clock).store, clock);
    const before = clock.now();
    await second.stop();
    expect(clock.now() - before).toBeLessThan(1_000);
    await clock.advance("1m");
    expect(runs).toEqual(["a 0"]);
  });

  test("run once each while the lease goes to and fro", async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore({ lease });
    const runs: string[] = [];
    const links = { a: link(store, clock, 5), b: link(store, clock, 7) };
    const options = { cron: "* * * * *", singleton: true, misfire: "all" } as const;
    await using _a = await createTestHost({ services: [ticking("a", runs, options)], store: links.a.store, clock, name: "a" });
    await using _b = await createTestHost({ services: [ticking("b", runs, options)], store: links.b.store, clock, name: "b" });
    for (let turn = 0; turn < 20; turn++) {
      const away = turn % 2 === 0 ? links.a : links.b;
      away.broken = turn % 4 < 2 ? "all" : "write";
      await clock.advance(25_000 + turn * 1_100);
      away.broken = "no";
      await clock.advance(10_000 + turn * 700);
    }
    await clock.advance("1m");
    const ticks = runs.map(run => Number(run.split(" ")[1]));
    expect(ticks).toEqual(Array.from(ticks, (_, index) => index + 1));
    expect(new Set(runs.map(run => run.split(" ")[0]))).toEqual(new Set(["a", "b"]));
  });
});

describe("a tick at which the store does not answer", () => {
  test.each([
    ["skip", { cron: "* * * * *" }, "write"],
    ["once", { cron: "* * * * *" }, "write"],
    ["once", { cron: "* * * * *" }, "all"],
    ["skip", { every: "1m" }, "write"],
    ["all", { every: "1m" }, "all"],
    ["once", { cron: "* * * * *", singleton: true }, "write"],
  ] as const)("runs once the store answers again: misfire %s, %j", async (misfire, recurrence, broken) => {
    const clock = createVirtualClock();
    const shared = link(createMemoryStore({ lease }), clock);
    const runs: string[] = [];
    await using _host = await createTestHost({ services: [ticking("a", runs, { ...recurrence, misfire })], store: shared.store, clock, name: "a" });
    await clock.advance("59s");
    shared.broken = broken;
    await clock.advance("3500ms");
    expect(runs).toEqual([]);
    shared.broken = "no";
    await clock.advance("2s");
    expect(runs).toEqual(["a 1 0"]);
    await clock.advance("1m");
    expect(runs).toEqual(["a 1 0", "a 2 0"]);
  });

  test.each([
    ["skip", ["a 4 3"]],
    ["once", ["a 4 3"]],
    [{ all: 3 }, ["a 2 1", "a 3 0", "a 4 0"]],
  ] as const)("is decided by misfire %j with those after it", async (misfire, expected) => {
    const clock = createVirtualClock();
    const shared = link(createMemoryStore({ lease }), clock);
    const runs: string[] = [];
    await using _host = await createTestHost({ services: [ticking("a", runs, { cron: "* * * * *", misfire })], store: shared.store, clock, name: "a" });
    await clock.advance("59s");
    shared.broken = "all";
    await clock.advance("190s"); // until 00:04:09
    shared.broken = "no";
    await clock.advance("2s");
    expect(runs).toEqual(expected);
  });

  test("is asked about again once a second at most", async () => {
    const clock = createVirtualClock();
    const shared = link(createMemoryStore({ lease }), clock);
    await using _host = await createTestHost({ services: [ticking("a", [], { cron: "* * * * *" })], store: shared.store, clock, name: "a" });
    await clock.advance("59s");
    shared.broken = "write";
    await clock.advance("11s");
    expect(shared.takes).toBeGreaterThan(5);
    expect(shared.takes).toBeLessThan(12);
  });
});
