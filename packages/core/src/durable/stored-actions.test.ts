import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import { recorder } from "./fixtures/recorder.ts";

describe("StoredActions.list", () => {
  test("takes a service by its definition, and its actions by their names", async () => {
    const { service } = recorder();
    const other = defineService("Other", { actions: { go: async () => {} } });
    await using host = await createTestHost({ services: [service, other] });
    const { id } = await host.services(service).do("note", {}).enqueue();
    await host.services(other).do("go").enqueue();
    const ids = async (listed: ReturnType<typeof host.actions.list>): Promise<string[]> => (await listed).actions.map(action => action.id);
    expect(await ids(host.actions.list({ service }))).toEqual([id]);
    expect(await ids(host.actions.list({ service, action: "note" }))).toEqual([id]);
    // @ts-expect-error it has no such action
    expect(await ids(host.actions.list({ service, action: "notes" }))).toEqual([]);
  });
});

describe("retention", () => {
  test("of nothing deletes an action when it completes, and who waits for it here learns its result all the same", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service], store: createMemoryStore(), worker: { retention: { completed: 0 } } });
    const receipt = await host.services(service).do("note", { name: "gone", takes: 100 }).enqueue();
    const result = receipt.result();
    await host.clock.advance("1s");
    expect(await result).toBe(4);
    await expect(receipt.status()).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
  });

  test.each(["waiting", "delayed", "failed", "running"] as const)(
    "of nothing deletes a %s action when it is cancelled, and who waits for it here learns so all the same",
    async state => {
      const { service, failNext } = recorder();
      const store = createMemoryStore();
      await using host = await createTestHost({ services: [service], store, worker: { retention: { cancelled: 0 } } });
      if (state === "failed") failNext(1);
      if (state === "waiting") await host.actions.pause(service);
      const call = host.services(service).do("note", { takes: 1_000 }).withRetry({ delay: "1h", jitter: "none" });
      const receipt = await (state === "delayed" ? call.withDelay("1h") : call).enqueue();
      await host.clock.advance(state === "failed" ? 2_000 : 0);
      expect(await receipt.status()).toMatchObject({ state });
      const heard = expect(receipt.result()).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED" });
      await receipt.cancel();
      await heard;
      await host.clock.settle();
      await expect(receipt.result()).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
    },
  );

  test("is kept to: outcomes are there until it is over", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service], store: createMemoryStore(), worker: { retention: { completed: "1h" } } });
    const receipt = await host.services(service).do("note", {}).enqueue();
    await host.clock.advance("59m");
    expect(await receipt.status()).toMatchObject({ state: "completed" });
    await host.clock.advance("5m");
    await expect(receipt.status()).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
  });
});

describe("several hosts on one store", () => {
  test("one that only enqueues never claims, and learns the result", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const { service, ran } = recorder();
    await using asking = await createTestHost({ services: [service], store, clock, worker: false, name: "asking" });
    const receipt = await asking.services(service).do("note", { name: "far" }).enqueue();
    await clock.advance("1m");
    expect(ran).toHaveLength(0);
    await using working = await createTestHost({ services: [service], store, clock, name: "working" });
    expect(await receipt.result()).toBe(3);
    expect(await working.actions.list()).toMatchObject({ actions: [{ id: receipt.id, state: "completed" }] });
  });

  test("a stop gives back what it cannot finish, without counting the attempt, and the other host runs it", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const first = recorder();
    const second = recorder();
    const one = await createTestHost({ services: [first.service], store, clock, name: "one" });
    const receipt = await one.services(first.service).do("note", { name: "long", takes: 600_000 }).enqueue();
    await clock.settle();
    expect(first.ran).toHaveLength(1);
    await using two = await createTestHost({ services: [second.service], store, clock, name: "two" });
    const report = await one.stop();
    expect(report).toMatchObject({ exitCode: 0 });
    await clock.advance("1s");
    expect(second.ran).toMatchObject([{ name: "long", attempt: 1 }]);
    await clock.advance("11m");
    expect(await two.actions.get(receipt.id)).toMatchObject({ state: "completed", attempt: 1 });
  });
});
