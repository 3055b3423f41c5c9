import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { defineService } from "../definition/define-service.ts";
import { serviceContract } from "../definition/service-contract.ts";
import type { ActionReceipt } from "./action-receipt.ts";
import { SoraError } from "../errors/sora-error.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { Outbox } from "../outbox/outbox.ts";
import { StoredActions } from "./stored-actions.ts";
import { StoredSchedules } from "./stored-schedules.ts";
import { DurableEvents } from "./durable-events.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { Duration } from "../time/duration.ts";
import type { TestHost } from "../testing/index.ts";

/** A service that records what it was asked, and fails as often as it is told. */
function recorder(options: { concurrency?: number } = {}) {
  const ran: { name: string; attempt: number; at: number; storedId: string | undefined }[] = [];
  let failures = 0;
  const service = defineService("Recorder", {
    ...options,
    actions: {
      note: {
        parameters: z.object({ name: z.string().default("x"), takes: z.number().default(0) }),
        run: async ({ name, takes }, context: ActionContext) => {
          ran.push({ name, attempt: context.attempt, at: context.clock.now(), storedId: context.storedId });
          if (takes > 0) await context.delay(takes);
          if (failures-- > 0) throw new Error(`not ${name}`);
          return name.length;
        },
      },
    },
  });
  return { service, ran, failNext: (count: number) => void (failures = count) };
}

describe("enqueue", () => {
  test("stores the action, runs it, and gives its result by the receipt", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    const receipt = await host.services(service).do("note", { name: "Ada" }).enqueue();
    expect(await receipt.result()).toBe(3);
    expect(ran).toEqual([{ name: "Ada", attempt: 1, at: host.clock.now(), storedId: receipt.id }]);
    expect(await receipt.status()).toMatchObject({ id: receipt.id, service: "Recorder", action: "note", state: "completed", attempt: 1, attempts: 5 });
  });

  test("tries again with backoff, then leaves a dead letter that can be retried", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service] });
    failNext(3);
    const receipt = await host.services(service).do("note", { name: "Bo" }).withRetry({ attempts: 3, backoff: "fixed", delay: "10s" }).enqueue();
    await host.clock.advance("9s");
    expect(ran).toHaveLength(1);
    expect(await receipt.status()).toMatchObject({ state: "failed", error: { message: "Error: not Bo", attempt: 1 } });
    await host.clock.advance("20s");
    expect(ran.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    const error = await receipt.result().catch((thrown: unknown) => thrown as SoraError);
    expect(error).toMatchObject({ code: "SORA_ACTION_DEAD", details: { id: receipt.id, attempts: 3 } });
    expect(await host.actions.list({ state: "dead" })).toMatchObject({ actions: [{ id: receipt.id }] });
    expect(await host.actions.retry(receipt.id)).toBe("dead");
    expect(await receipt.result()).toBe(2);
  });

  test("waits for its time: withDelay, at", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    const began = host.clock.now();
    await host.services(service).do("note", { name: "later" }).withDelay("10m").enqueue();
    await host
      .services(service)
      .do("note", { name: "on time" })
      .at(new Date(began + 5_000))
      .enqueue();
    await host.services(service).do("note", { name: "past" }).at(0).enqueue();
    await host.clock.advance("11m");
    expect(ran.map(({ name, at }) => [name, at - began])).toEqual([
      ["past", 0],
      ["on time", 5_000],
      ["later", 600_000],
    ]);
  });

  const day = 86_400_000;
  test.each([1, 2 ** 31 - 1, 2 ** 31, 400 * day])("begins what is delayed by %d ms on the millisecond, though its host is another by then", async delay => {
    const { service, ran } = recorder();
    const clock = createVirtualClock();
    const began = clock.now();
    const store = createMemoryStore();
    const first = await createTestHost({ services: [service], store, clock });
    await first.services(service).do("note", { name: "by delay" }).withDelay(delay).enqueue();
    await first
      .services(service)
      .do("note", { name: "by date" })
      .at(new Date(began + delay))
      .enqueue();
    await first.stop();
    await clock.advance(Math.max(delay - 3_600_000, 0)); // a host looks after its store each minute, which takes long in 400 days
    await using _second = await createTestHost({ services: [service], store, clock });
    await clock.advance(began + delay - 1 - clock.now());
    expect(ran).toEqual([]);
    await clock.advance(1);
    expect(ran.map(({ name, at }) => [name, at - began])).toEqual([
      ["by delay", delay],
      ["by date", delay],
    ]);
  });

  test.each([
    [Number.NaN, "SORA_DURATION_INVALID"],
    [Infinity, "SORA_DURATION_INVALID"],
    [-1, "SORA_DURATION_INVALID"],
    ["soon", "SORA_DURATION_INVALID"],
    ["101y", "SORA_DURATION_INVALID"],
    [101 * 365 * day, "SORA_OPTION_INVALID"],
  ])("refuses %s as a delay", async (delay, code) => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    const call = host.services(service).do("note", {});
    expect(() => call.withDelay(delay as number)).toThrow(expect.objectContaining({ code }));
    expect(() => call.withDebounce({ wait: delay as number })).toThrow(expect.objectContaining({ code }));
  });

  test.each([Number.NaN, Infinity, -Infinity, new Date(Number.NaN), "2027-01-01"])("refuses %s as a date", async date => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    const call = host.services(service).do("note", {});
    expect(() => call.at(date as Date)).toThrow(expect.objectContaining({ code: "SORA_OPTION_INVALID" }));
  });

  test("spreads the retries of 1,000 that fail at once: at most 10 % begin within any 100 ms", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service], worker: { concurrency: 1_000 } });
    failNext(1_000);
    await host
      .services(service)
      .doEach(
        "note",
        Array.from({ length: 1_000 }, () => ({})),
      )
      .enqueue();
    await host.clock.advance("3s");
    const began = ran
      .filter(({ attempt }) => attempt === 2)
      .map(({ at }) => at)
      .toSorted((a, b) => a - b);
    expect(began).toHaveLength(1_000);
    for (const [index, from] of began.entries()) expect((began[index + 100] ?? Infinity) - from).toBeGreaterThan(100);
  });

  test("checks parameters, and refuses what cannot be stored", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    await expect(
      host
        .services(service)
        .do("note", { name: 1 as never })
        .enqueue(),
    ).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    const loose = defineService("Loose", { actions: { take: { run: (parameters: unknown) => parameters } } });
    await using other = await createTestHost({ services: [loose] });
    await expect(
      other
        .services(loose)
        .do("take", { call: () => 1 })
        .enqueue(),
    ).rejects.toMatchObject({ code: "SORA_PARAMETERS_NOT_SERIALIZABLE", details: { path: "$.call" } });
  });

  test("refuses execute() of a call with stored options, and a signal with enqueue()", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    const call = host.services(service).do("note", {}).withDelay("1s") as unknown as { execute(): Promise<unknown> };
    await expect(call.execute()).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
    await expect(host.services(service).do("note", {}).withSignal(AbortSignal.abort()).enqueue()).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
  });

  test("runs no more than 10 at once, and more by priority", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    for (let n = 0; n < 30; n++)
      await host
        .services(service)
        .do("note", { name: `n${n}`, takes: 1_000 })
        .enqueue();
    await host.clock.settle();
    expect(ran).toHaveLength(10);
    await host.services(service).do("note", { name: "first" }).withPriority(5).enqueue();
    await host.clock.advance("1s");
    expect(ran[10]?.name).toBe("first");
    await host.clock.advance("10s");
    expect(ran).toHaveLength(31);
  });

  test("keeps an action's own limit, and leaves the rest of the worker to others", async () => {
    const slow = recorder({ concurrency: 2 });
    const quick = defineService("Quick", { actions: { go: async () => "gone" } });
    await using host = await createTestHost({ services: [slow.service, quick] });
    for (let n = 0; n < 5; n++) await host.services(slow.service).do("note", { takes: 1_000 }).enqueue();
    await host.clock.settle();
    expect(slow.ran).toHaveLength(2);
    const receipt = await host.services(quick).do("go").enqueue();
    expect(await receipt.result()).toBe("gone");
    await host.clock.advance("1s");
    expect(slow.ran).toHaveLength(4);
  });

  test("keeps the order of a key, also through a retry", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service] });
    failNext(1);
    const receipts = [];
    for (const name of ["a", "b", "c"])
      receipts.push(await host.services(service).do("note", { name, takes: 10 }).withKey("k").withRetry({ delay: "1s", backoff: "fixed" }).enqueue());
    await host.clock.advance("5s");
    expect(ran.map(({ name }) => name)).toEqual(["a", "a", "b", "c"]);
    expect(await receipts[2]?.result()).toBe(1);
  });

  test("gives the same receipt for an idempotency key, and debounces to the last parameters", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    const [one, two] = await Promise.all([1, 2].map(() => host.services(service).do("note", { name: "once" }).withIdempotencyKey("key").enqueue()));
    expect(one?.id).toBe(two?.id);
    for (const name of ["d1", "d2", "d3"]) await host.services(service).do("note", { name, takes: 500 }).withDebounce({ key: "d", wait: "1s" }).enqueue();
    await host.clock.advance("1200ms");
    await host.services(service).do("note", { name: "d4" }).withDebounce({ key: "d", wait: "1ms" }).enqueue();
    await host.clock.advance("5s");
    expect(ran.map(({ name }) => name)).toEqual(["once", "d3", "d4"]);
  });

  test("reckons the deadline of a debounced action from the call that came last", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    for (let n = 0; n < 6; n++) {
      await host
        .services(service)
        .do("note", { name: `${n}` })
        .withDebounce({ wait: "400ms" })
        .withDeadline("1s")
        .enqueue();
      await host.clock.advance("300ms");
    }
    await host.clock.advance("1s");
    expect(ran.map(({ name }) => name)).toEqual(["5"]);
  });

  test("refuses what does not go together, and what would be cut short", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    const services = host.services(service);
    const note = (): ReturnType<typeof services.do<"note">> => services.do("note", {});
    const refused = { code: "SORA_OPTION_INVALID" };
    for (const both of [note().withDelay("1s"), note().at(0), note().withKey("k"), note().withIdempotencyKey("k")])
      await expect(both.withDebounce({ wait: "1s" }).enqueue()).rejects.toMatchObject(refused);
    expect(() => note().withRetry({ delay: "10m", maxDelay: "1m" })).toThrow("longer than maxDelay, which is 1m");
    await expect(note().withCorrelationId("c").schedule("s", { every: "1m" })).rejects.toMatchObject(refused);
    await expect(note().withSignal(new AbortController().signal).schedule("s", { every: "1m" })).rejects.toMatchObject(refused);
    expect(() => note().withKey("half \ud83d")).toThrow("halves of characters");
  });

  test("expires at its deadline, and cuts an attempt off that is under way", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    const long = await host.services(service).do("note", { takes: 60_000 }).withDeadline("3s").enqueue();
    await host.clock.settle();
    await host.actions.pause(service.name);
    const late = await host.services(service).do("note", {}).withDeadline("1s").enqueue();
    await host.clock.advance("4s");
    await host.actions.resume(service.name);
    await expect(late.result()).rejects.toMatchObject({
      code: "SORA_ACTION_DEAD",
      details: { code: "SORA_ACTION_EXPIRED" },
      message: `Action Recorder.note (${late.id}) has expired: SoraError: The deadline of Recorder.note was over before it began.`,
    });
    await expect(long.result()).rejects.toMatchObject({
      details: { code: "SORA_ACTION_EXPIRED" },
      message: `Action Recorder.note (${long.id}) has expired: SoraError: The deadline of Recorder.note was over before it had ended.`,
    });
    expect(ran).toHaveLength(1);
  });

  test("is not retried past its deadline: the dead letter stays as it is, with its cause", async () => {
    const { service, ran, failNext } = recorder();
    await using host = await createTestHost({ services: [service] });
    failNext(1);
    const receipt = await host.services(service).do("note", { name: "Bo" }).withRetry({ attempts: 1 }).withDeadline("1m").enqueue();
    await host.clock.settle();
    await expect(receipt.result()).rejects.toMatchObject({ code: "SORA_ACTION_DEAD", fix: expect.stringContaining("until its deadline, 2") });
    const before = await receipt.status();
    await host.clock.advance("2m");
    await expect(host.actions.retry(receipt.id)).rejects.toMatchObject({
      code: "SORA_ACTION_EXPIRED",
      message: expect.stringMatching(/^Cannot retry Recorder\.note \(.*\): its deadline was over at 20.*Z\.$/),
      fix: expect.stringMatching(/^Enqueue it anew/),
      retryable: false,
      details: { id: receipt.id, service: "Recorder", action: "note" },
    });
    await host.clock.advance("1m");
    expect(await receipt.status()).toEqual(before);
    expect(ran).toHaveLength(1);
  });

  test("says of one that has expired to enqueue it anew, not to retry it", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    await host.actions.pause(service);
    const late = await host.services(service).do("note", {}).withDeadline("1s").enqueue();
    await host.clock.advance("4s");
    await host.actions.resume(service);
    await host.clock.advance("1s");
    const error = await late.result().catch((thrown: unknown) => thrown as SoraError);
    expect(error).toMatchObject({ code: "SORA_ACTION_DEAD", fix: expect.stringMatching(/^Enqueue it anew/) });
    expect((error as SoraError).fix).not.toContain("retry");
  });

  test("tells the handler that it is cut off by its deadline, and by its timeout where that is sooner", async () => {
    const reasons: SoraError[] = [];
    const slow = defineService("Slow", {
      actions: { work: ({ signal, delay }: ActionContext) => delay("1m", signal).catch(() => void reasons.push(signal.reason as SoraError)) },
    });
    await using host = await createTestHost({ services: [slow] });
    await host.services(slow).do("work").withDeadline(700.4).enqueue();
    await host.clock.advance("1s");
    await host.services(slow).do("work").withTimeout(300.4).withDeadline("1h").withRetry({ attempts: 1 }).enqueue();
    await host.clock.advance("1s");
    expect(reasons.map(({ message, fix, details }) => [message, fix.split(",")[0], details["timeout"]])).toEqual([
      ["Action Slow.work did not finish by its deadline, for which 700 ms were left; its signal has been aborted.", "Leave more time until the deadline", 700],
      ["Action Slow.work did not finish within 300 ms; its signal has been aborted.", "Raise the timeout", 300],
    ]);
  });

  test("refuses a deadline before which the action cannot begin", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    const note = () => host.services(service).do("note", {});
    const now = host.clock.now();
    for (const hopeless of [
      note().withDeadline(0),
      note().withDelay("2s").withDeadline("1s"),
      note().withDeadline("1s").withDelay("1s"),
      note().withDebounce({ wait: "2s" }).withDeadline("2s"),
      note()
        .at(now + 2_000)
        .withDeadline(new Date(now + 1_000)),
    ])
      await expect(hopeless.enqueue()).rejects.toMatchObject({ code: "SORA_OPTION_INVALID", message: expect.stringContaining("could never begin") as string });
    await note().at(0).withDeadline("1s").enqueue();
    await note().withDelay("1s").withDeadline("2s").enqueue();
  });

  test("keeps what its handler told last, however soon it ended after that", async () => {
    const service = defineService("Telling", {
      actions: {
        work: async ({ progress, delay }: ActionContext) => {
          progress(1);
          await delay("150ms");
          progress("final");
        },
      },
    });
    await using host = await createTestHost({ services: [service] });
    const receipt = await host.services(service).do("work").enqueue();
    await host.clock.advance("1s");
    expect([(await receipt.status()).state, await receipt.progress()]).toEqual(["completed", "final"]);
  });

  test("lifts parameters by steps that take their time", async () => {
    const store = createMemoryStore();
    const old = defineService("Mail", { actions: { send: { parameters: z.object({ to: z.string() }), run: async () => {} } } });
    await using before = await createTestHost({ services: [old], store, worker: false });
    await before.services(old).do("send", { to: "ada" }).enqueue();
    const sent: unknown[] = [];
    const mail = defineService("Mail", {
      actions: {
        send: {
          version: 2,
          migrate: { 1: async ({ to }: { to: string }) => ({ recipients: [to] }) },
          parameters: z.object({ recipients: z.array(z.string()) }),
          run: async ({ recipients }) => void sent.push(recipients),
        },
      },
    });
    await using after = await createTestHost({ services: [mail], store, clock: before.clock });
    await after.clock.advance("1s");
    expect(sent).toEqual([["ada"]]);
  });

  test.each(["its timeout", "its cancelling"])("ends the lifting of its parameters with %s", async how => {
    const store = createMemoryStore();
    const old = defineService("Mail", { actions: { send: async () => {} } });
    await using before = await createTestHost({ services: [old], store, worker: false });
    const receipt = await before.services(old).do("send").withTimeout("1m").withRetry({ attempts: 1 }).enqueue();
    const mail = defineService("Mail", { actions: { send: { version: 2, migrate: { 1: () => new Promise(() => {}) }, run: async () => {} } } });
    await using after = await createTestHost({ services: [mail], store, clock: before.clock });
    await after.clock.advance("1s");
    if (how === "its cancelling") expect(await after.actions.cancel(receipt.id)).toBe("requested");
    await after.clock.advance(how === "its timeout" ? "1m" : "1s");
    expect((await after.actions.get(receipt.id)).state).toBe(how === "its timeout" ? "dead" : "cancelled");
  });

  test("is stored in the version of a contract, and only with what that takes", async () => {
    const store = createMemoryStore();
    const parameters = z.object({ recipients: z.array(z.string()) });
    const contract = serviceContract("Mail", { actions: { send: { parameters, version: 2 } } });
    const elsewhere = defineService("Elsewhere", { actions: { nothing: async () => {} } });
    await using asking = await createTestHost({ services: [elsewhere], store, worker: false });
    await asking
      .services(contract)
      .do("send", { recipients: ["ada"] })
      .enqueue();
    await expect(
      asking
        .services(contract)
        .do("send", { recipients: 5 } as never)
        .enqueue(),
    ).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    const sent: unknown[] = [];
    const mail = defineService("Mail", {
      actions: {
        send: {
          version: 2,
          migrate: { 1: () => ({ recipients: ["lifted"] }) },
          parameters,
          run: async ({ recipients }) => void sent.push(recipients),
        },
      },
    });
    await using working = await createTestHost({ services: [mail], store, clock: asking.clock });
    await working.clock.advance("1s");
    expect(sent).toEqual([["ada"]]);
  });

  test("is cancelled before it begins, and while it runs", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    const waiting = await host.services(service).do("note", {}).withDelay("1m").enqueue();
    expect(await waiting.cancel()).toBe("cancelled");
    const running = await host.services(service).do("note", { takes: 60_000 }).enqueue();
    await host.clock.settle();
    expect(await running.cancel()).toBe("requested");
    await expect(running.result()).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED" });
    expect(await running.status()).toMatchObject({ state: "cancelled" });
    expect(ran).toHaveLength(1);
    await expect(host.actions.cancel("nothing")).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
  });

  test("keeps progress, and tells of each change by events", async () => {
    const service = defineService("Progress", {
      actions: {
        work: async ({ progress, delay }) => {
          progress({ done: 1 });
          await delay("1s");
          progress({ done: 2 });
          await delay("1s");
        },
      },
    });
    await using host = await createTestHost({ services: [service], store: createMemoryStore() });
    const receipt = await host.services(service).do("work").withCorrelationId("story").enqueue();
    await host.clock.advance("500ms");
    expect(await receipt.progress()).toEqual({ done: 1 });
    await host.clock.advance("2s");
    expect(await receipt.progress()).toEqual({ done: 2 });
    expect(host.events.all(DurableEvents.Enqueued)).toMatchObject([{ args: { id: receipt.id, service: "Progress", action: "work", correlationId: "story" } }]);
    expect(host.events.all(DurableEvents.Started)).toHaveLength(1);
    expect(host.events.all(DurableEvents.Completed)).toMatchObject([{ args: { attempt: 1 } }]);
  });
});

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

describe("doEach", () => {
  test("names every item whose parameters do not fit, and stores none", async () => {
    const shop = defineService("Shop", { actions: { quote: { parameters: z.object({ order: z.number() }), run: async () => {} } } });
    await using host = await createTestHost({ services: [shop] });
    const items = [{ order: 1 }, {}, { order: 2 }, { order: "x" }] as { order: number }[];
    await expect(host.services(shop).doEach("quote", items).enqueue()).rejects.toMatchObject({
      code: "SORA_PARAMETERS_INVALID",
      message: expect.stringMatching(
        /^Cannot enqueue Shop\.quote: the parameters of 2 of 4 items do not fit\. \$\[1\]\.order: .+; \$\[3\]\.order: .+\.$/,
      ) as string,
      details: { service: "Shop", action: "quote", issues: [{ path: [1, "order"] }, { path: [3, "order"] }] },
    });
    expect((await host.actions.list()).actions).toEqual([]);
  });

  test("says which item is missing where the action requires parameters", async () => {
    const shop = defineService("Shop", { actions: { quote: { parameters: z.object({}), run: async () => {} } } });
    await using host = await createTestHost({ services: [shop] });
    await expect(
      host
        .services(shop)
        .doEach("quote", [{}, undefined as never])
        .enqueue(),
    ).rejects.toMatchObject({ details: { issues: [{ path: [1] }] } });
  });

  test("stores all items or none, and settles each on its own", async () => {
    const { service, ran } = recorder();
    const picky = defineService("Picky", {
      actions: {
        take: {
          parameters: z.number(),
          run: async n => {
            if (n % 2 === 1) throw new Error(`odd ${n}`);
            return n;
          },
        },
      },
    });
    await using host = await createTestHost({ services: [service, picky] });
    const batch = await host.services(picky).doEach("take", [1, 2, 3, 4]).withRetry({ attempts: 1 }).enqueue();
    const results = await batch.results();
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected", "fulfilled"]);
    await expect(
      host
        .services(picky)
        .doEach("take", [2, "x" as never])
        .enqueue(),
    ).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    expect((await host.actions.list()).actions).toHaveLength(4);
    const ordered = await host
      .services(service)
      .doEach("note", [{ name: "a", takes: 50 }, { name: "b", takes: 5 }, { name: "c" }])
      .withKey("k")
      .enqueue();
    await host.clock.advance("1s");
    await ordered.results();
    expect(ran.map(({ name }) => name)).toEqual(["a", "b", "c"]);
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

describe("the log of a stored action", () => {
  const final = defineService("Shop", {
    actions: {
      ship: {
        parameters: z.object({ why: z.string() }),
        retry: { attempts: 3, backoff: "fixed", delay: "10s", retryIf: error => !String(error).includes("final") },
        run: async ({ why }) => {
          throw new Error(why);
        },
      },
    },
  });
  const linesOf = async (enqueue: (host: TestHost) => Promise<unknown>): Promise<string[]> => {
    await using host = await createTestHost({ services: [final] });
    await enqueue(host);
    await host.clock.advance("1m");
    return host.logs.filter(({ level }) => level === "warn" || level === "error").map(({ level, message }) => `${level} ${message}`);
  };

  test("says once that it is dead, at level error, and why no further attempt follows", async () => {
    expect(await linesOf(host => host.services(final).do("ship", { why: "a final no" }).enqueue())).toEqual([
      "error Shop.ship is dead after attempt 1 of 3, and no further attempt follows, since its error is final: Error: a final no",
    ]);
    expect(await linesOf(host => host.services(final).do("ship", { why: "not now" }).enqueue())).toEqual([
      "warn Attempt 1 of 3 at Shop.ship failed: Error: not now",
      "warn Attempt 2 of 3 at Shop.ship failed: Error: not now",
      "error Shop.ship is dead after attempt 3 of 3, and no further attempt follows, since its attempts are spent: Error: not now",
    ]);
  });

  test("says so of one that expires before it begins, or between two attempts", async () => {
    const held = async (host: TestHost): Promise<void> => {
      await host.actions.pause(final);
      await host.services(final).do("ship", { why: "x" }).withDeadline("1s").enqueue();
      await host.clock.advance("2s");
      await host.actions.resume(final);
    };
    expect(await linesOf(held)).toEqual(["error Shop.ship is dead before attempt 1 of 3, and no further attempt follows, since its deadline is over"]);
    const between = (host: TestHost): Promise<unknown> => host.services(final).do("ship", { why: "not now" }).withDeadline("5s").enqueue();
    expect(await linesOf(between)).toEqual([
      "warn Attempt 1 of 3 at Shop.ship failed: Error: not now",
      "error Shop.ship is dead before attempt 2 of 3, and no further attempt follows, since its deadline is over",
    ]);
  });
});

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

describe("schedule", () => {
  test("enqueues the action at each tick until it is paused or removed", async () => {
    const { service, ran } = recorder();
    await using host = await createTestHost({ services: [service] });
    const made = await host.services(service).do("note", { name: "tick" }).schedule("often", { cron: "0 */2 * * *", timeZone: "Europe/Berlin" });
    expect(made).toMatchObject({ id: "often", service: "Recorder", action: "note", parameters: { name: "tick" }, nextAt: Date.parse("2026-01-01T01:00:00Z") });
    await host.clock.advance("6h");
    expect(ran.map(({ at }) => new Date(at).toISOString())).toEqual(["2026-01-01T01:00:00.000Z", "2026-01-01T03:00:00.000Z", "2026-01-01T05:00:00.000Z"]);
    await host.schedules.pause("often");
    await host.clock.advance("4h");
    expect(ran).toHaveLength(3);
    await host.schedules.resume("often");
    await host.services(service).do("note", { name: "hourly" }).schedule("often", { every: "1h" });
    await host.clock.advance("3h");
    expect(ran.map(({ name }) => name).slice(3)).toEqual(["hourly", "hourly", "hourly"]);
    expect(await host.schedules.list()).toMatchObject([{ id: "often", recurrence: { kind: "every", every: 3_600_000 } }]);
    await host.schedules.remove("often");
    await host.clock.advance("3h");
    expect(ran).toHaveLength(6);
    await expect(host.schedules.get("often")).rejects.toMatchObject({ code: "SORA_SCHEDULE_UNKNOWN" });
  });

  test("fires what is due though another cannot be fired, and says of that one so once", async () => {
    const { service, ran } = recorder();
    const store = createMemoryStore();
    await using host = await createTestHost({ services: [service], store });
    const at = host.clock.now() + 1_000;
    const broken = { service: "Recorder", action: "note", envelope: "{}", version: 1, priority: 0, attempts: 1, nextAt: at };
    await store.schedules.put({ ...broken, id: "newer", recurrence: '{"kind":"moon"}' });
    await store.schedules.put({ ...broken, id: "damaged", recurrence: "{" });
    await host.services(service).do("note", { name: "well" }).schedule("well", { every: "2s" });
    await host.clock.advance("5s");
    expect(ran.map(({ name }) => name)).toEqual(["well", "well"]);
    expect(host.logs.filter(({ message }) => message.includes("cannot be fired")).map(({ message }) => message.split(" ")[1])).toEqual(["newer", "damaged"]);
  });

  test("is listed beside one that is damaged, which is there with the cause, and mended by scheduling it anew", async () => {
    const { service } = recorder();
    const store = createMemoryStore();
    await using host = await createTestHost({ services: [service], store });
    const note = host.services(service).do("note", {});
    const well = { service: "Recorder", action: "note", envelope: "{}", version: 1, priority: 0, attempts: 1, recurrence: '{"kind":"every","every":1000}' };
    await store.schedules.put({ ...well, id: "a", recurrence: "{" });
    await store.schedules.put({ ...well, id: "b", recurrence: '{"kind":"cron","cron":"61 * * * *","timeZone":"UTC","misfire":"skip"}' });
    await store.schedules.put({ ...well, id: "c", recurrence: '{"kind":"moon"}' });
    await store.schedules.put({ ...well, id: "d", parameters: '{"card":"canary' });
    await note.schedule("e", { every: "1h" });
    const listed = await host.schedules.list();
    expect(listed.map(({ id, recurrence }) => [id, recurrence?.kind])).toEqual([
      ["a", undefined],
      ["b", undefined],
      ["c", undefined],
      ["d", "every"],
      ["e", "every"],
    ]);
    expect(listed.map(({ error }) => error)).toEqual([
      { message: expect.stringContaining("SyntaxError") },
      { message: expect.stringContaining("61"), code: "SORA_CRON_INVALID" },
      { message: expect.stringContaining("newer version") },
      { message: expect.stringContaining("Cannot read what the action is called with") },
      undefined,
    ]);
    expect(JSON.stringify(listed)).not.toContain("canary");
    await note.schedule("a", { every: "1h" });
    expect(await host.schedules.get("a")).not.toHaveProperty("error");
  });

  test("however many cannot be fired, the others are", async () => {
    const { service, ran } = recorder();
    const store = createMemoryStore();
    await using host = await createTestHost({ services: [service], store });
    await host.services(service).do("note", { name: "well" }).schedule("well", { every: "2s" });
    const broken = { service: "Notes", action: "note", envelope: "{}", version: 1, priority: 0, attempts: 1, recurrence: "{", nextAt: 1 };
    for (let n = 0; n < 250; n++) await store.schedules.put({ ...broken, id: `damaged ${n}` });
    await host.clock.advance("7s");
    expect(ran).toHaveLength(3);
    const complaints = (): number => host.logs.filter(({ message }) => message.includes("cannot be fired")).length;
    expect(complaints()).toBe(250);
    await host.clock.advance("10s");
    expect(complaints()).toBe(250);
  });

  test("is heard of by other hosts when it is made, changed or resumed", async () => {
    const { service, ran } = recorder();
    const [store, clock] = [createMemoryStore(), createVirtualClock()];
    await using maker = await createTestHost({ services: [service], store, clock, name: "maker", worker: false });
    await using _runner = await createTestHost({ services: [service], store, clock, name: "runner" });
    await clock.advance("1s");
    const schedule = (every: Duration): Promise<unknown> => maker.services(service).do("note", {}).schedule("s", { every });
    await schedule("2s");
    await clock.advance("2s");
    expect(ran).toHaveLength(1);
    await schedule("1s");
    await clock.advance("1s");
    expect(ran).toHaveLength(2);
    await maker.schedules.pause("s");
    await clock.advance("1m");
    await maker.schedules.resume("s");
    await clock.advance("1s");
    expect(ran).toHaveLength(3);
  });

  test("is due by the store's clock, whatever the host's says", async () => {
    const { service } = recorder();
    const memory = createMemoryStore();
    const behind = 3_600_000;
    const schedules = new Proxy(memory.schedules, {
      get: (target, name) =>
        name === "due"
          ? async (limit: number) => target.due(limit).then(due => ({ ...due, now: due.now - behind }))
          : (Reflect.get(target, name) as () => unknown).bind(target),
    });
    const store = new Proxy(memory, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        return name === "schedules" ? schedules : typeof value === "function" ? value.bind(target) : value;
      },
    });
    await using host = await createTestHost({ services: [service], store });
    const made = await host.services(service).do("note", { name: "tick" }).schedule("s", { every: "2s" });
    expect(made.nextAt).toBe(host.clock.now() - behind + 2_000);
    await host.schedules.pause("s");
    await host.schedules.resume("s");
    expect((await host.schedules.get("s")).nextAt).toBe(host.clock.now() - behind + 2_000);
  });

  test("refuses what is no schedule", async () => {
    const { service } = recorder();
    await using host = await createTestHost({ services: [service] });
    const call = host.services(service).do("note", {});
    await expect(call.schedule("s", { cron: "60 * * * *" })).rejects.toMatchObject({ code: "SORA_CRON_INVALID" });
    await expect(call.schedule("s", {} as never)).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
    await expect(call.schedule("s", { every: "10ms" })).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
    await expect(call.do("note", {}).schedule("s", { every: "1m" })).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
  });
});

describe("inside a service", () => {
  test("stored actions, schedules and the outbox are dependencies like any other", async () => {
    const seen: unknown[] = [];
    const service = defineService("Inside", {
      actions: {
        look: async ({ inject }) => {
          await inject(Outbox).append("topic", 1);
          seen.push((await inject(StoredActions).list()).actions.length, await inject(StoredSchedules).list(), await inject(Outbox).counts());
        },
      },
    });
    await using host = await createTestHost({ services: [service] });
    await host.services(service).do("look").execute();
    expect(seen).toEqual([0, [], { waiting: 1, dead: 0 }]);
  });
});
