import { describe, expect, test } from "vitest";
import * as z from "zod";
import { defineService } from "../definition/define-service.ts";
import { serviceContract } from "../definition/service-contract.ts";
import type { SoraError } from "../errors/sora-error.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { Outbox } from "../outbox/outbox.ts";
import { StoredActions } from "./stored-actions.ts";
import { StoredSchedules } from "./stored-schedules.ts";
import { DurableEvents } from "./durable-events.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import { serviceEvent } from "../events/service-event.ts";
import type { StoreTransaction } from "./store/durable-store.ts";
import type { ActionContext } from "../actions/action-context.ts";
import { recorder } from "./fixtures/recorder.ts";

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

  test("shows the store the transaction before a schema is asked, and so does append", async () => {
    const order: string[] = [];
    const slow = z.string().refine(async () => order.push("checked"));
    const service = defineService("Mail", { actions: { confirm: { parameters: slow, run: async () => {} } } });
    const store = createMemoryStore();
    store.within = transaction => {
      order.push(`within ${String(transaction)}`);
      const enqueue: StoreTransaction["enqueue"] = async actions => (order.push("written"), actions.map(({ id }) => ({ id, outcome: "stored" })));
      return { enqueue, append: async () => void order.push("written") };
    };
    await using host = await createTestHost({ services: [service], store });
    await host.services(service).do("confirm", "a").enqueue({ transaction: "tx" });
    await host.services(service).doEach("confirm", ["a"]).enqueue({ transaction: "tx" });
    await host.outbox.append(serviceEvent("Confirmed", slow), "a", { transaction: "tx" });
    const once = order.filter((what, index) => what !== order[index - 1]); // Zod begins anew where it finds that it has to wait
    expect(once).toEqual(Array.from({ length: 3 }, () => ["within tx", "checked", "written"]).flat());
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
      note().withDeadline(new Date(0)),
      note().at(0).withDeadline(new Date(1)),
      note()
        .withDelay("1h")
        .withDeadline(new Date(now + 60_000)),
      note()
        .at(now + 3_600_000)
        .withDeadline("1m"),
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
