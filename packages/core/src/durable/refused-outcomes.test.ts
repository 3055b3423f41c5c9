import { expect, test } from "vitest";
import * as z from "zod";
import { defineService } from "../definition/define-service.ts";
import { SoraError } from "../errors/sora-error.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { WorkerTurn } from "./store/worker-turn.ts";

/** A store of which each method of actions is refused for good where the test says so. */
function refusing(refuses: (method: string, asked: readonly unknown[]) => boolean): DurableStore {
  const store = createMemoryStore();
  const { actions } = store;
  const guarded = new Proxy(actions, {
    get: (target, method: string) => {
      const call = Reflect.get(target, method) as (...asked: unknown[]) => Promise<unknown>;
      return async (...asked: unknown[]): Promise<unknown> => {
        if (refuses(method, asked)) throw new SoraError("SORA_STORE_UNAVAILABLE", "Cannot take it: as the test has it.", { retryable: false });
        return call.apply(target, asked);
      };
    },
  });
  return Object.defineProperty(store, "actions", { value: guarded });
}

const work = defineService("Work", {
  actions: {
    echo: { parameters: z.string(), run: text => text },
    fail: {
      parameters: z.string(),
      run: text => {
        throw new Error(text);
      },
    },
  },
});

const settles = (method: string, asked: readonly unknown[], part: string): boolean =>
  method === "turn" && JSON.stringify((asked[0] as WorkerTurn).settle).includes(part);

test("a result that the store refuses for good is a failure that says so, and keeps no other outcome from being written", async () => {
  await using host = await createTestHost({ services: [work], store: refusing((method, asked) => settles(method, asked, "odd")) });
  const enqueue = (text: string) => host.services(work).do("echo", text).enqueue();
  const receipts = await Promise.all(["a", "b", "odd", "c", "odd too", "d", "e"].map(enqueue));
  await host.clock.advance("1s");
  const states = await Promise.all(receipts.map(async ({ id }) => (await host.actions.get(id))?.state));
  expect(states).toEqual(["completed", "completed", "dead", "completed", "dead", "completed", "completed"]);
  expect(await host.actions.get(receipts[2]!.id)).toMatchObject({
    error: { code: "SORA_RESULT_NOT_SERIALIZABLE", attempt: 1, message: expect.stringContaining("as the test has it") },
  });
  expect(await receipts[0]!.result()).toBe("a");
  const next = await enqueue("f");
  await host.clock.advance("1s");
  expect(await next.result()).toBe("f");
});

test("an error that the store refuses for good is tried again as any other, with an error that says so", async () => {
  await using host = await createTestHost({ services: [work], store: refusing((method, asked) => settles(method, asked, "odd")) });
  const { id } = await host.services(work).do("fail", "odd").withRetry({ attempts: 2 }).enqueue();
  await host.clock.advance("1h");
  expect(await host.actions.get(id)).toMatchObject({ state: "dead", attempt: 2, error: { code: "SORA_STORE_UNAVAILABLE", attempt: 2 } });
});

test("a store that takes nothing at all for a while costs no result", async () => {
  let broken = false;
  await using host = await createTestHost({
    services: [work],
    store: refusing((method, asked) => broken && (method === "renew" || settles(method, asked, "completed"))),
  });
  await host.clock.advance("1s");
  const receipt = await host.services(work).do("echo", "a").enqueue();
  broken = true;
  await host.clock.advance("5s");
  expect((await host.actions.get(receipt.id))?.state).not.toBe("completed");
  broken = false;
  await host.clock.advance("1m");
  expect(await receipt.result()).toBe("a");
});
