import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { createMemoryLogger } from "../logging/memory-logger.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { ResultWaiter } from "./result-waiter.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { StoredAction } from "./store/stored-action.ts";

const slow = defineService("Slow", { actions: { go: { run: async (_: unknown, { delay }: ActionContext) => (await delay("2s"), "done") } } });

describe("receipt.result()", () => {
  test("rejects once the host has stopped, for who waits already and for who asks later, and leaves no timer", async () => {
    const clock = createVirtualClock();
    const host = await createTestHost({ services: [slow], store: createMemoryStore(), clock });
    const receipt = await host.services(slow).do("go").withDelay("1h").enqueue();
    const waiting = Promise.allSettled([receipt.result(), receipt.result(), host.actions.receipt(receipt.id).result()]);
    await clock.advance("1s");
    await host.stop();
    const stopped = { status: "rejected", reason: { code: "SORA_HOST_NOT_RUNNING", details: { id: receipt.id } } };
    expect(await waiting).toMatchObject([stopped, stopped, stopped]);
    await expect(receipt.result()).rejects.toMatchObject(stopped.reason);
    await expect(host.actions.receipt(receipt.id).result()).rejects.toMatchObject(stopped.reason);
    expect(clock.pending).toBe(0);
  });

  test("rejects where the store was away when the host stopped, and leaves no timer", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const host = await createTestHost({ services: [slow], store, clock });
    const receipt = await host.services(slow).do("go").withDelay("1h").enqueue();
    store.actions.get = async () => {
      await clock.sleep(100);
      throw new Error("out of reach");
    };
    const waiting = expect(receipt.result()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    await clock.advance("1s");
    await host.stop();
    await waiting;
    await clock.advance("10s");
    expect(clock.pending).toBe(0);
  });

  test("gives the outcome of what ends while the host stops", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const { get } = store.actions;
    store.actions.get = async ids => {
      await clock.sleep(10);
      return get.call(store.actions, ids);
    };
    const host = await createTestHost({ services: [slow], store, clock });
    const receipt = await host.services(slow).do("go").enqueue();
    const result = receipt.result();
    await clock.advance("1s");
    await host.stop();
    expect(await result).toBe("done");
  });
});

describe("ResultWaiter", () => {
  const action = { id: "a", queue: "Slow/go@1", envelope: "{}", state: "completed" } as StoredAction;

  async function waiting() {
    const clock = createVirtualClock();
    const store = createMemoryStore();
    await store.open({ clock, logger: createMemoryLogger() });
    store.actions.get = async () => {
      await clock.sleep(10);
      return [];
    };
    return { clock, waiter: new ResultWaiter(store, clock) };
  }

  test("keeps nothing of an outcome once the last who waits for it has given up", async () => {
    const { clock, waiter } = await waiting();
    const [one, other] = [new AbortController(), new AbortController()];
    const given = Promise.allSettled([waiter.wait("a", one.signal), waiter.wait("a", other.signal)]);
    waiter.expect(action);
    one.abort();
    expect(waiter.awaits("a")).toBe(true);
    other.abort();
    expect((await given).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await clock.advance("1s");
    const late = waiter.wait("a", undefined);
    await clock.advance("1s");
    expect(await late).toBeUndefined();
  });

  test("gives an outcome that the store does not keep to who waits on when another has given up", async () => {
    const { clock, waiter } = await waiting();
    const one = new AbortController();
    const given = expect(waiter.wait("a", one.signal)).rejects.toThrow("aborted");
    const other = waiter.wait("a", undefined);
    waiter.expect(action);
    one.abort();
    await given;
    await clock.advance("1s");
    expect(await other).toBe(action);
  });
});
