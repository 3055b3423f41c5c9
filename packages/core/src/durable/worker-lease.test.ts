import { describe, expect, test } from "vitest";
import { controlOf } from "../control/control-of.ts";
import { defineService } from "../definition/define-service.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { SoraError } from "../errors/sora-error.ts";

/** A worker whose word of what it can run has left and not arrived, until `arrive` is called. */
async function telling() {
  const clock = createVirtualClock();
  const memory = createMemoryStore({ lease: 15_000 });
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  let isSlow = false;
  const actions = new Proxy(memory.actions, {
    get: (target, method: string) => {
      const call = Reflect.get(target, method) as (...asked: unknown[]) => Promise<unknown>;
      return async (...asked: unknown[]): Promise<unknown> => {
        if (method === "join" && isSlow) await arrived;
        return call.apply(target, asked);
      };
    },
  });
  const store = new Proxy(memory, {
    get(target, name) {
      const value: unknown = name === "shared" ? true : name === "actions" ? actions : Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  const ends: string[] = [];
  const go = async ({ signal, delay }: ActionContext): Promise<void> => {
    signal.addEventListener("abort", () => ends.push((signal.reason as SoraError).code));
    await delay("1h", signal);
  };
  const work = defineService("Work", { actions: { go } });
  const other = defineService("Other", { actions: { go } });
  const keeper = await createTestHost({ store: memory, clock, name: "keeper", worker: false });
  const host = await createTestHost({ services: [work, other], store, clock, name: "host" });
  await clock.advance("1s");
  isSlow = true;
  await controlOf(host).find("Other").stop();
  return { clock, memory, keeper, host, work, ends, arrive };
}

describe("a worker that tells the store what it can run", () => {
  test("is not brought back by it after it has left", async () => {
    const { clock, memory, keeper, host, arrive } = await telling();
    await clock.advance("5s");
    const stopped = host.stop();
    await clock.settle();
    arrive();
    await stopped;
    await clock.settle();
    expect(await memory.actions.workers()).toEqual([]);
    await keeper.stop();
  });

  test("finds out that it had been taken for lost before that arrived", async () => {
    const { clock, memory, keeper, host, work, ends, arrive } = await telling();
    await host.services(work).do("go").enqueue();
    await clock.advance("5s");
    clock.block("20s");
    expect(await memory.actions.recover(10)).toHaveLength(1);
    arrive();
    await clock.advance("1s");
    expect(ends).toEqual(["SORA_LEASE_LOST"]);
    await host.stop();
    await keeper.stop();
  });
});
