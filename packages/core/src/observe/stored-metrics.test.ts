import { describe, expect, test } from "vitest";
import { controlOf } from "../control/control-of.ts";
import { defineService } from "../index.ts";
import { createMemoryStore, createTestHost } from "../testing/index.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { DurableStore } from "../durable/store/durable-store.ts";
import type { TestHost } from "../testing/test-host.ts";
import type { MetricFamily } from "./metric-family.ts";

const Work = defineService("Work", {
  actions: {
    quick: async () => 1,
    slow: async ({ delay }: ActionContext) => delay("10m"),
    bad: async () => {
      throw new Error("no");
    },
  },
});

/** Every series of the families about stored actions, as `name{labels}`. */
function series(families: readonly MetricFamily[]): Record<string, number> {
  const told = families.filter(({ name }) => /^sora_(actions|worker|outbox|store)_?/.test(name));
  return Object.fromEntries(
    told.flatMap(family => {
      if (family.type === "histogram") throw new Error(`${family.name} is a histogram.`);
      return family.points.map(({ labels, value }) => [[family.name, ...Object.values(labels)].join(" "), value]);
    }),
  );
}

/** A store whose counts can be held back or made to fail. */
function unsteadyStore(): { readonly store: DurableStore; count: "works" | "hangs" | "fails"; asked: number } {
  const memory = createMemoryStore();
  const actions = new Proxy(memory.actions, {
    get: (target, name) => {
      if (name === "counts")
        return async () => {
          control.asked++;
          if (control.count === "hangs") await new Promise(() => {});
          if (control.count === "fails") throw new Error("the disk is gone");
          return target.counts();
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const store = new Proxy(memory, {
    get: (target, name) => {
      if (name === "actions") return actions;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const control: ReturnType<typeof unsteadyStore> = { store, count: "works", asked: 0 };
  return control;
}

const read = async (host: TestHost): Promise<Record<string, number>> => series(await controlOf(host).metrics().collectWithStore());

describe("MetricsReader", () => {
  test("tells nothing of stored actions on a host that has no store open, and opens none", async () => {
    await using host = await createTestHost({ services: [Work] });
    expect(await read(host)).toEqual({});
    expect(controlOf(host).hasStore()).toBe(false);
  });

  test("counts what became of stored actions here", async () => {
    const store = createMemoryStore();
    await using host = await createTestHost({ services: [Work], store, worker: { concurrency: 5 } });
    const work = host.services(Work);
    await work.do("quick").enqueue();
    await work.do("slow").enqueue();
    await work.do("bad").withRetry({ attempts: 2, delay: "1s", backoff: "fixed", jitter: "none" }).enqueue();
    const delayed = await work.do("quick").withDelay("1d").enqueue();
    await delayed.cancel();
    await host.clock.advance("2s");
    expect(series(controlOf(host).metrics().collect())).toEqual({
      sora_actions_enqueued_total: 4,
      sora_actions_started_total: 4,
      sora_actions_completed_total: 1,
      sora_actions_failed_total: 1,
      sora_actions_dead_total: 1,
      sora_actions_cancelled_total: 1,
      sora_actions_redriven_total: 0,
      sora_actions_lost_total: 0,
      sora_worker_running: 1,
      sora_worker_overruns: 0,
      sora_worker_concurrency: 5,
    });
  });

  test("counts what is in the store, whoever stored it, by queue and state, and marks what nobody can run", async () => {
    const store = createMemoryStore();
    const Gone = defineService("Gone", { actions: { go: async () => {} } });
    const old = await createTestHost({ services: [Gone], store, worker: false, name: "old" });
    await old.services(Gone).do("go").enqueue();
    await old.stop();
    await using host = await createTestHost({ services: [Work], store });
    await host.services(Work).do("slow").enqueue();
    const receipt = await host.services(Work).do("bad").withRetry({ attempts: 1 }).enqueue();
    await host.outbox.append("topic", 1);
    await host.clock.settle();
    const reader = controlOf(host).metrics();
    const queue = (action: string, states: Readonly<Record<string, number>>, service = "Work"): Record<string, number> =>
      Object.fromEntries(
        ["waiting", "delayed", "running", "failed", "dead", "cancelled"].map(state => [`sora_actions ${service} ${action} 1 ${state}`, states[state] ?? 0]),
      );
    const first = series(await reader.collectWithStore());
    expect(first).toMatchObject({
      ...queue("go", { waiting: 1 }, "Gone"),
      ...queue("slow", { running: 1 }),
      ...queue("bad", { dead: 1 }),
      sora_actions_unclaimable: 1,
      sora_outbox_waiting: 1,
      sora_outbox_dead: 0,
      "sora_store_up memory": 1,
    });
    expect(Object.keys(first).filter(name => name.includes("completed"))).toEqual(["sora_actions_completed_total"]);

    await host.actions.retry(receipt.id);
    await host.actions.cancel((await host.actions.list({ action: "slow" })).actions[0]?.id as string);
    await host.clock.advance("2d"); // past the retention of what was cancelled
    expect(series(await reader.collectWithStore())).toMatchObject(queue("slow", {}));
  });

  test("answers within a second where the store does not, asks it once meanwhile, and sees it come back", async () => {
    const unsteady = unsteadyStore();
    await using host = await createTestHost({ services: [Work], store: unsteady.store });
    const reader = controlOf(host).metrics();
    expect(series(await reader.collectWithStore())).toMatchObject({ "sora_store_up memory": 1 });
    await host.clock.advance("2s");

    unsteady.count = "fails";
    const failed = series(await reader.collectWithStore());
    expect(failed["sora_store_up memory"]).toBe(0);
    expect(Object.keys(failed).filter(name => /^sora_(actions |outbox|actions_unclaimable)/.test(name))).toEqual([]);
    expect(failed["sora_worker_concurrency"]).toBe(10);

    unsteady.count = "hangs";
    unsteady.asked = 0;
    for (let scrape = 0; scrape < 3; scrape++) {
      const scraped = reader.collectWithStore();
      await host.clock.advance("999ms");
      expect(await Promise.race([scraped, Promise.resolve("still waiting")])).toBe("still waiting");
      await host.clock.advance("1ms");
      expect(series(await scraped)["sora_store_up memory"]).toBe(0);
      await host.clock.advance("5s");
    }
    expect(unsteady.asked).toBe(1);

    unsteady.count = "works";
    await host.clock.advance("30s");
    expect(series(await reader.collectWithStore())["sora_store_up memory"]).toBe(1);
  });
});
