import { describe, expect, test } from "vitest";
import type { ActionReceipt } from "./action-receipt.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { DurableEvents } from "./durable-events.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import { recorder } from "./fixtures/recorder.ts";

describe("a chain that is enqueued", () => {
  test("runs step by step, each outcome stored, and goes on where it died once that is retried", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service] });
    const chain = await host
      .services(service)
      .do("note", { name: "one" })
      .do("note", { name: "second" })
      .withRetry({ attempts: 1 })
      .do("note", { name: "3" })
      .enqueue();
    failNext(0);
    expect(await chain.result()).toEqual([3, 6, 1]);
    expect(ran.map(({ name }) => name)).toEqual(["one", "second", "3"]);
    expect(await host.actions.receipt(chain.id).result()).toEqual([3, 6, 1]);
  });

  test("stops at a dead step, and cancels as a whole", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service] });
    failNext(1);
    const chain = await host.services(service).do("note", { name: "a" }).withRetry({ attempts: 1 }).do("note", { name: "b" }).enqueue();
    await expect(chain.result()).rejects.toMatchObject({ code: "SORA_ACTION_DEAD" });
    await host.clock.advance("1h");
    expect(ran).toHaveLength(1);
    const { id } = await chain.status();
    await host.actions.retry(id);
    expect(await chain.result()).toEqual([1, 1]);
    const other = await host.services(service).do("note", { takes: 10_000 }).do("note", {}).enqueue();
    await host.clock.settle();
    await other.cancel();
    await expect(other.result()).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED" });
    await host.clock.advance("1h");
    expect(ran).toHaveLength(4);
  });

  test("is tried again as a whole: what was dead and what was cancelled behind it, in order", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service] });
    failNext(1);
    const chain = await host
      .services(service)
      .do("note", { name: "a" })
      .withRetry({ attempts: 1 })
      .do("note", { name: "bb" })
      .do("note", { name: "ccc" })
      .enqueue();
    await host.clock.settle();
    expect(await chain.cancel()).toBe("cancelled");
    expect(await host.actions.retry(chain.id)).toBe("dead");
    expect(await chain.result()).toEqual([1, 2, 3]);
    expect(ran.map(({ name }) => name)).toEqual(["a", "a", "bb", "ccc"]);
    expect(await host.actions.retry(chain.id)).toBe("completed");
  });

  test("ends when the retention of the step that it stopped at is over: its key goes on, who waits hears of it, and it can still be tried again as a whole", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    const chain = await host.services(service).do("note", { name: "open" }).withDelay("1h").do("note", { name: "book" }).withKey("acc-7").enqueue();
    const [first, second] = [`${chain.id}.1`, `${chain.id}.2`];
    await host.actions.cancel(first);
    await host.services(service).do("note", { name: "later" }).withKey("acc-7").enqueue();
    const result = host.actions.receipt(second).result();
    const heard = expect(result).rejects.toMatchObject({
      code: "SORA_ACTION_CANCELLED",
      details: { code: "SORA_CHAIN_STOPPED" },
      cause: { code: "SORA_CHAIN_STOPPED" },
    });
    await host.clock.advance("23h");
    expect(ran).toHaveLength(0);
    await host.clock.advance("2h");
    expect(ran.map(({ name }) => name)).toEqual(["later"]);
    await heard;
    expect(host.events.all(DurableEvents.Cancelled)).toMatchObject([{ args: { id: first } }, { args: { id: second, error: { code: "SORA_CHAIN_STOPPED" } } }]);
    expect(await host.actions.retry(chain.id)).toBe("cancelled");
    expect(await chain.result()).toEqual([4, 4]);
  });

  test("ends within a minute where the step that it stopped at is not kept, and who waits hears of it, though nothing that is cancelled is kept", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service], worker: { retention: { dead: 0, cancelled: 0 } } });
    failNext(1);
    const chain = await host.services(service).do("note", { name: "a" }).withRetry({ attempts: 1 }).do("note", { name: "bb" }).withKey("k").enqueue();
    await host.services(service).do("note", { name: "ccc" }).withKey("k").enqueue();
    const heard = expect(host.actions.receipt(`${chain.id}.2`).result()).rejects.toMatchObject({
      code: "SORA_ACTION_CANCELLED",
      cause: { code: "SORA_CHAIN_STOPPED" },
    });
    await host.clock.settle();
    expect(await chain.status()).toMatchObject({ state: "dead" });
    await host.clock.advance("70s");
    await heard;
    expect(ran.map(({ name }) => name)).toEqual(["a", "ccc"]);
    await host.clock.advance("2m");
    await expect(host.actions.get(`${chain.id}.1`)).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
    await expect(host.actions.get(`${chain.id}.2`)).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
  });

  test("runs no step behind one that died and is not stored any more, when it is tried again", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service], worker: { retention: { dead: "1h", cancelled: "1d" } } });
    failNext(1);
    const steps = host.services(service).do("note", { name: "a" }).withRetry({ attempts: 1 });
    const chain = await steps.do("note", { name: "bb" }).do("note", { name: "ccc" }).enqueue();
    await host.clock.advance("30m");
    expect(await chain.cancel()).toBe("cancelled");
    await host.clock.advance("2h");
    await expect(host.actions.get(`${chain.id}.1`)).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
    expect(await host.actions.retry(chain.id)).toBe("cancelled");
    expect(host.events.all(DurableEvents.Redriven)).toMatchObject([{ args: { id: `${chain.id}.3` } }]); // it waits for the second, as ever
    await host.clock.advance("1h");
    expect(ran.map(({ name }) => name)).toEqual(["a"]);
    expect(await chain.status()).toMatchObject({ id: `${chain.id}.2`, state: "cancelled" });
  });

  test("is left as it is by a retry while its step waits or runs", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    const chain = await host.services(service).do("note", { takes: 10_000 }).do("note", {}).enqueue();
    await host.clock.settle();
    await host.actions.cancel(`${chain.id}.2`);
    expect(await host.actions.retry(chain.id)).toBe("running");
    expect((await host.actions.get(`${chain.id}.2`)).state).toBe("cancelled");
  });

  test("is not retried where the deadline of a step to be tried again is over", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service] });
    failNext(1);
    const chain = await host.services(service).do("note", { name: "a" }).withRetry({ attempts: 1 }).do("note", { name: "b" }).withDeadline("1m").enqueue();
    await host.clock.settle();
    await chain.cancel();
    await host.clock.advance("2m");
    await expect(host.actions.retry(chain.id)).rejects.toMatchObject({ code: "SORA_ACTION_EXPIRED", details: { id: `${chain.id}.2` } });
    expect((await chain.status()).state).toBe("dead");
    expect(ran).toHaveLength(1);
  });

  test("goes on after the action that stands for one of its steps", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    const enqueue = (next: string): Promise<ActionReceipt> =>
      host.services(service).do("note", { name: "one", takes: 200 }).withIdempotencyKey("k").do("note", { name: next }).enqueue();
    const chains = [await enqueue("two"), await enqueue("three")];
    await host.clock.advance("100ms");
    expect(ran.map(({ name }) => name)).toEqual(["one"]);
    await host.clock.advance("1s");
    expect(ran.map(({ name }) => name)).toEqual(["one", "two", "three"]);
    expect(await Promise.all(chains.map(chain => chain.result()))).toEqual([[3, 3], [3, 5]]); // prettier-ignore
  });

  test("is led to by its id from any process, whichever of its steps are those of others", async () => {
    const { service } = recorder();
    const [store, clock] = [createMemoryStore(), createVirtualClock()];
    await using one = await createTestHost({ services: [service], store, clock, name: "one" });
    await using two = await createTestHost({ services: [service], store, clock, name: "two", worker: false });
    const enqueue = (...steps: readonly (readonly [name: string, key?: string])[]): Promise<ActionReceipt> => {
      const step = (call: any, [name, key]: readonly [string, string?]): any => {
        const next = call.do("note", { name });
        return key === undefined ? next : next.withIdempotencyKey(key);
      };
      return steps.reduce(step, one.services(service)).enqueue();
    };
    const first = await enqueue(["a", "1"], ["bb", "2"], ["ccc", "3"]);
    const chains = [
      first,
      await enqueue(["a", "1"], ["bb", "2"], ["ccc", "3"]),
      await enqueue(["a", "1"], ["dddd"], ["ccc", "3"]),
      await enqueue(["dddd"], ["bb", "2"], ["ccc", "3"]),
      await enqueue(["a", "1"], ["bb", "2"], ["dddd"]),
    ];
    await clock.advance("1s");
    const results = [[1, 2, 3], [1, 2, 3], [1, 4, 3], [4, 2, 3], [1, 2, 4]]; // prettier-ignore
    expect(await Promise.all(chains.map(chain => chain.result()))).toEqual(results);
    expect(await Promise.all(chains.map(chain => two.actions.receipt(chain.id).result()))).toEqual(results);
    expect(chains[1]?.id).toBe(first.id);
    const [, , mixed] = chains;
    expect(await two.actions.parameters(mixed?.id as string)).toEqual({ name: "a" });
    expect(await two.actions.retry(mixed?.id as string)).toBe("completed");
  });
});
