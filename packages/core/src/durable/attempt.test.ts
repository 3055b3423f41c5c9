import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { defineService } from "../definition/define-service.ts";
import { SoraError } from "../errors/sora-error.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { ActionContext } from "../actions/action-context.ts";
import { recorder } from "./fixtures/recorder.ts";

describe("a heartbeat", () => {
  test("ends an attempt that has gone silent, and lets one go on that tells of itself", async () => {
    const told: string[] = [];
    const service = defineService("Beating", {
      actions: {
        work: {
          heartbeat: "10s",
          run: async (every: unknown, { progress, delay, attempt }: ActionContext) => {
            for (let n = 0; n < 5; n++) {
              await delay(every as number);
              progress();
            }
            told.push(`attempt ${attempt}`);
          },
        },
      },
    });
    await using host = await createTestHost({ services: [service] });
    const lively = await host.services(service).do("work", 8_000).enqueue();
    const silent = await host.services(service).do("work", 12_000).withRetry({ attempts: 1 }).enqueue();
    await host.clock.advance("1m");
    expect(await lively.status()).toMatchObject({ state: "completed" });
    await expect(silent.result()).rejects.toMatchObject({ details: { code: "SORA_ACTION_TIMEOUT" } });
    expect(told).toEqual(["attempt 1"]);
  });
});

describe("a backoff", () => {
  test("that throws, or gives no duration, is warned of, and the action is tried again as by default", async () => {
    for (const backoff of [
      () => Number.NaN,
      () => {
        throw new Error("no idea");
      },
    ]) {
      const begun: number[] = [];
      const service = defineService("Odd", {
        actions: {
          work: {
            retry: { attempts: 2, backoff, jitter: "none" },
            run: async (_: unknown, { clock }: ActionContext) => {
              begun.push(clock.monotonic());
              throw new Error("not yet");
            },
          },
        },
      });
      await using host = await createTestHost({ services: [service] });
      await host.services(service).do("work").enqueue();
      await host.clock.advance("10s");
      expect(begun).toHaveLength(2);
      expect(host.logs.filter(({ level, message }) => level === "warn" && message.startsWith("The backoff of Odd.work cannot be used"))).toHaveLength(1);
    }
  });
});

describe("a stored action that has to wait here, for calls that are not stored", () => {
  /** One at a time, and it is held for ten seconds. */
  async function heldUp(options: { readonly heartbeat?: "2s" } = {}) {
    const began: number[] = [];
    const service = defineService("Narrow", {
      concurrency: 1,
      actions: {
        hold: async ({ delay }: ActionContext) => delay("10s"),
        work: {
          ...options,
          run: async (_: unknown, { attempt, delay }: ActionContext) => {
            began.push(attempt);
            await delay("500ms");
          },
        },
      },
    });
    const host = await createTestHost({ services: [service] });
    const held = host.services(service).do("hold").execute();
    return { host, held, began, work: host.services(service).do("work") };
  }

  test("is given back where its timeout passes meanwhile, and no attempt is spent", async () => {
    const { host, held, began, work } = await heldUp();
    const receipt = await work.withTimeout("3s").withRetry({ attempts: 1 }).enqueue();
    await host.clock.advance("9s");
    expect(await receipt.status()).not.toHaveProperty("error");
    expect(began).toEqual([]);
    await host.clock.advance("2s");
    await held;
    expect(await receipt.status()).toMatchObject({ state: "completed", attempt: 1 });
    expect(began).toEqual([1]);
    await host.stop();
  });

  test("is given back where more wait than may, is left for a while, and no attempt is spent", async () => {
    const store = createMemoryStore();
    const began: number[] = [];
    const service = defineService("Crowded", {
      concurrency: 1,
      actions: {
        hold: async ({ delay }: ActionContext) => delay("10s"),
        quick: async () => {},
        work: async ({ attempt }: ActionContext) => void began.push(attempt),
      },
    });
    const turn = vi.spyOn(store.actions, "turn");
    await using host = await createTestHost({ services: [service], store });
    const held = host.services(service).do("hold").execute();
    const crowd = Promise.all(Array.from({ length: 10_000 }, () => host.services(service).do("quick").execute()));
    await host.clock.settle();
    const receipt = await host.services(service).do("work").withRetry({ attempts: 1 }).enqueue();
    await host.clock.advance("9s");
    expect(await receipt.status()).toMatchObject({ state: "waiting", attempt: 0 });
    expect(turn.mock.calls.length).toBeLessThan(50);
    await host.clock.advance("3s");
    await Promise.all([held, crowd]);
    expect(await receipt.status()).toMatchObject({ state: "completed", attempt: 1 });
    expect(began).toEqual([1]);
  });

  test("fails in the usual way where it is its handler that meets a crowd", async () => {
    const crowded = async (): Promise<never> => {
      throw new SoraError("SORA_OVERLOADED", "no room");
    };
    const service = defineService("Calling", { concurrency: 5, actions: { work: crowded } });
    await using host = await createTestHost({ services: [service] });
    const receipt = await host.services(service).do("work").withRetry({ attempts: 1 }).enqueue();
    await host.clock.settle();
    expect(await receipt.status()).toMatchObject({ state: "dead", error: { code: "SORA_OVERLOADED" } });
  });

  test("begins to be watched for its heartbeat when it begins", async () => {
    const { host, began, work } = await heldUp({ heartbeat: "2s" });
    const receipt = await work.withRetry({ attempts: 1 }).enqueue();
    await host.clock.advance("9s");
    expect(await receipt.status()).toMatchObject({ state: "running", attempt: 1 });
    await host.clock.advance("2s");
    expect(await receipt.status()).toMatchObject({ state: "completed", attempt: 1 });
    expect(began).toEqual([1]);
    await host.stop();
  });

  test("is dead where its deadline passes meanwhile", async () => {
    const { host, began, work } = await heldUp();
    const receipt = await work.withTimeout("2s").withDeadline("5s").enqueue();
    await host.clock.advance("6s");
    expect(await receipt.status()).toMatchObject({ state: "dead", error: { code: "SORA_ACTION_EXPIRED" } });
    expect(began).toEqual([]);
    await host.stop();
  });

  test("spends an attempt where it is an interceptor that takes its time", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service], intercept: { call: () => new Promise(() => {}) } });
    const receipt = await host.services(service).do("note", {}).withTimeout("1s").withRetry({ attempts: 2, backoff: "fixed", delay: "1s" }).enqueue();
    await host.clock.advance("5s");
    expect(await receipt.status()).toMatchObject({ state: "dead", attempt: 2, error: { code: "SORA_ACTION_TIMEOUT" } });
  });
});

describe("versions", () => {
  test("lift stored parameters to the shape the action has by now", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const seen: unknown[] = [];
    const old = defineService("Mailer", { actions: { send: { parameters: z.object({ to: z.string() }), run: () => undefined } } });
    const migrate = { 1: (was: { to: string }) => ({ recipients: [was.to] }), 2: (was: { recipients: string[] }) => ({ ...was, urgent: false }) };
    const current = defineService("Mailer", { actions: { send: { version: 3, migrate, run: (parameters: unknown) => void seen.push(parameters) } } });
    await using _keep = await createTestHost({ services: [], store, clock, worker: false }); // so that the memory outlives the first host
    {
      await using host = await createTestHost({ services: [old], store, clock, worker: false, name: "old" });
      await host.services(old).do("send", { to: "ada" }).enqueue();
    }
    await using host = await createTestHost({ services: [current], store, clock, name: "new" });
    await host.clock.advance("1s");
    expect(seen).toEqual([{ recipients: ["ada"], urgent: false }]);
  });
});
