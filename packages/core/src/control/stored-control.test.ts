import { describe, expect, test } from "vitest";
import * as z from "zod";
import { DurableEvents } from "../durable/durable-events.ts";
import { defineService } from "../index.ts";
import { createMemoryStore, createTestHost, createVirtualClock } from "../testing/index.ts";
import { controlOf } from "./control-of.ts";

const Mail = defineService("Mail", {
  actions: { send: { parameters: z.object({ to: z.string() }), run: async ({ to }, { correlationId, metadata }) => ({ to, correlationId, metadata }) } },
});

describe("ServiceControl.enqueue", () => {
  test("stores the call with its options, and gives the receipt", async () => {
    await using host = await createTestHost({ services: [Mail] });
    const mail = controlOf(host).find("mail");
    const { receipt, outcome, same } = await mail.enqueue("send", { to: "ada" }, { correlationId: "c1", metadata: { a: "b" } }, { delay: 1_000 });
    expect([outcome, same, (await receipt.status()).state]).toEqual(["stored", true, "delayed"]);
    await host.clock.advance("1s");
    expect(await receipt.result()).toEqual({ to: "ada", correlationId: "c1", metadata: { a: "b" } });
  });

  test("tells of a key that is taken, and whether it was for the same", async () => {
    await using host = await createTestHost({ services: [Mail] });
    const mail = controlOf(host).find("Mail");
    const enqueue = (to: string) => mail.enqueue("send", { to }, undefined, { idempotencyKey: "k" });
    const { receipt } = await enqueue("ada");
    expect(await enqueue("ada")).toMatchObject({ receipt: { id: receipt.id }, outcome: "existing", same: true });
    expect(await enqueue("bob")).toMatchObject({ receipt: { id: receipt.id }, outcome: "existing", same: false });
  });

  test("refuses what can never run, and stores nothing", async () => {
    await using host = await createTestHost({ services: [Mail] });
    const mail = controlOf(host).find("Mail");
    await expect(mail.enqueue("send", { to: 1 })).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    await expect(mail.enqueue("sned", { to: "ada" })).rejects.toMatchObject({ code: "SORA_ACTION_UNKNOWN" });
    expect(await host.actions.list()).toEqual({ actions: [] });
  });
});

test("ServiceControl.schedule makes and changes a schedule, and refuses what is none", async () => {
  await using host = await createTestHost({ services: [Mail] });
  const mail = controlOf(host).find("Mail");
  expect(await mail.schedule("daily", "send", { to: "ada" }, { cron: "0 3 * * *" })).toMatchObject({
    status: { id: "daily", service: "Mail", action: "send", priority: 0 },
    isNew: true,
  });
  expect(await mail.schedule("daily", "send", { to: "bob" }, { every: "1h" })).toMatchObject({
    status: { recurrence: { kind: "every", every: 3_600_000 }, parameters: { to: "bob" } },
    isNew: false,
  });
  await expect(mail.schedule("daily", "send", { to: "bob" }, { cron: "x" })).rejects.toMatchObject({ code: "SORA_CRON_INVALID" });
  expect(await controlOf(host).schedules.list()).toHaveLength(1);
});

describe("ServiceControl.schedule of one that is there", () => {
  const nothing = undefined;

  test("keeps what is not said: parameters, priority, timeout, metadata, retry", async () => {
    const seen: unknown[] = [];
    const service = defineService("Reports", {
      actions: {
        send: {
          parameters: z.object({ tenant: z.string() }),
          run: async ({ tenant }, { metadata }) => {
            seen.push([tenant, metadata["by"]]);
            throw new Error("no");
          },
        },
        other: async () => void seen.push("other"),
      },
    });
    await using host = await createTestHost({ services: [service] });
    const call = host.services(service).do("send", { tenant: "7" }).withPriority(3).withMetadata({ by: "ada" }).withRetry({ attempts: 1 });
    await call.schedule("s", { cron: "0 3 * * *" });
    const control = controlOf(host).find("Reports");
    const changed = await control.schedule("s", "send", nothing, { every: "1h" });
    expect(changed).toMatchObject({ status: { parameters: { tenant: "7" }, priority: 3, recurrence: { every: 3_600_000 } }, isNew: false });
    await host.clock.advance("61m");
    expect(seen).toEqual([["7", "ada"]]);
    expect((await host.actions.list()).actions).toMatchObject([{ state: "dead", attempts: 1, priority: 3 }]);
    expect(await control.schedule("s", "send", { tenant: "8" }, { every: "1h" }, { priority: 0 })).toMatchObject({
      status: { parameters: { tenant: "8" }, priority: 0 },
    });
    expect((await control.schedule("s", "other", nothing, { every: "1h" })).status).not.toHaveProperty("parameters");
    await expect(control.schedule("s", "send", nothing, { every: "1h" })).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    await expect(control.schedule("new", "send", nothing, { every: "1h" })).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
  });

  test("lifts parameters of an older version, and refuses to keep what it cannot read", async () => {
    const store = createMemoryStore();
    const mailer = (version: number, migrate = {}) =>
      defineService("Mailer", { actions: { send: { version, migrate, parameters: z.unknown(), run: async (given: unknown) => given } } });
    const first = mailer(1);
    await using old = await createTestHost({ services: [first], store });
    await old.services(first).do("send", { to: "ada" }).schedule("s", { every: "1h" });
    await using host = await createTestHost({ services: [mailer(2, { 1: ({ to }: { to: string }) => ({ recipients: [to] }) })], store });
    const lifted = await controlOf(host).find("Mailer").schedule("s", "send", nothing, { every: "2h" });
    expect(lifted.status.parameters).toEqual({ recipients: ["ada"] });
    await expect(controlOf(old).find("Mailer").schedule("s", "send", nothing, { every: "3h" })).rejects.toMatchObject({
      code: "SORA_PARAMETERS_INVALID",
      message: expect.stringContaining("version 2"),
    });
    expect(await host.schedules.get("s")).toMatchObject({ recurrence: { every: 7_200_000 } });
  });

  test("leaves a tick that is due already where its times stay the same", async () => {
    const ran: number[] = [];
    const service = defineService("Nightly", { actions: { run: async () => void ran.push(1) } });
    const store = createMemoryStore();
    const first = await createTestHost({ services: [service], store });
    const declare = (host: typeof first) => host.services(service).do("run").schedule("nightly", { cron: "0 3 * * *", misfire: "once" });
    await declare(first);
    const at = first.clock.now();
    await first.stop();
    await using second = await createTestHost({ services: [service], store, clock: createVirtualClock({ start: at + 30 * 3_600_000 }), worker: false });
    const { nextAt } = await declare(second);
    expect(nextAt).toBeLessThan(second.clock.now());
  });

  test("tells what was put where somebody has removed it before it could be read again", async () => {
    const memory = createMemoryStore();
    const { schedules } = memory;
    const put = schedules.put.bind(schedules);
    schedules.put = async schedule => {
      const made = await put(schedule);
      await schedules.remove(schedule.id);
      return made;
    };
    await using host = await createTestHost({ services: [Mail], store: memory });
    expect(await host.services(Mail).do("send", { to: "ada" }).schedule("s", { every: "1h" })).toMatchObject({
      id: "s",
      paused: false,
      parameters: { to: "ada" },
    });
  });
});

test("StoredSchedules.list refuses what no page can be", async () => {
  await using host = await createTestHost({ services: [Mail] });
  for (const filter of [{ cursor: "a\0b" }, { cursor: "x".repeat(301) }, { limit: 0 }, { limit: Number.NaN }, { limit: 1.5 }])
    await expect(host.schedules.list(filter)).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
});

test("HostControl.hasStore is true once there is a store to ask, and asking it makes none", async () => {
  await using plain = await createTestHost({ services: [Mail] });
  expect([controlOf(plain).hasStore(), await controlOf(plain).durable()]).toEqual([false, undefined]);
  await plain.services(Mail).do("send", { to: "ada" }).enqueue();
  expect([controlOf(plain).hasStore(), (await controlOf(plain).durable())?.store]).toEqual([true, "memory"]);
  await using given = await createTestHost({ services: [Mail], store: createMemoryStore() });
  expect(controlOf(given).hasStore()).toBe(true);
});

describe("stored actions by id", () => {
  const Chain = defineService("Chain", {
    actions: {
      one: async () => 1,
      two: async () => {
        if (broken) throw new Error("no");
        return 2;
      },
    },
  });
  let broken = true;

  test("a chain is retried by its own id at the step it has come to", async () => {
    broken = true;
    await using host = await createTestHost({ services: [Chain] });
    const receipt = await host.services(Chain).do("one").do("two").withRetry({ attempts: 1 }).enqueue();
    await host.clock.settle();
    expect(await receipt.status()).toMatchObject({ id: `${receipt.id}.2`, state: "dead" });
    broken = false;
    expect(await host.actions.retry(receipt.id)).toBe("dead");
    expect(await receipt.result()).toEqual([1, 2]);
    await expect(host.actions.retry("nothing")).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
  });

  test("a chain is known by its own id after its first steps are gone, retried and cancelled by it", async () => {
    broken = true;
    await using host = await createTestHost({ services: [Chain], worker: { retention: { completed: "1h" } } });
    const { id } = await host.services(Chain).do("one").do("one").do("two").withRetry({ attempts: 1 }).enqueue();
    await host.clock.advance("3h");
    await expect(host.actions.get(`${id}.1`)).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
    expect(await host.actions.receipt(id).status()).toMatchObject({ id: `${id}.3`, state: "dead" });
    expect(await host.actions.cancel(id)).toBe("finished");
    broken = false;
    expect(await host.actions.retry(id)).toBe("dead");
    await host.clock.settle();
    const receipt = host.actions.receipt(id);
    expect(await receipt.status()).toMatchObject({ state: "completed" });
    await expect(receipt.result()).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" }); // the results of its first steps are gone
  });

  test("one that is cancelled before it begins is told of like one that runs", async () => {
    await using host = await createTestHost({ services: [Chain] });
    const receipt = await host.services(Chain).do("one").withDelay("1h").withCorrelationId("c7").enqueue();
    expect(await receipt.cancel()).toBe("cancelled");
    await host.clock.settle();
    expect(host.events.all(DurableEvents.Cancelled)).toMatchObject([
      { args: { id: receipt.id, service: "Chain", action: "one", attempt: 0, correlationId: "c7" } },
    ]);
  });

  test("parameters are told for code that asks, as they were stored", async () => {
    await using host = await createTestHost({ services: [Mail, Chain] });
    const given = { to: "ada", at: new Date(0) };
    const { id } = await host.services(Mail).do("send", given).withDelay("1h").enqueue();
    expect(await host.actions.parameters(id)).toEqual(given);
    const chain = await host.services(Chain).do("one").do("two").withDelay("1h").enqueue();
    expect(await host.actions.parameters(chain.id)).toBeUndefined();
    await expect(host.actions.parameters("nothing")).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED" });
  });

  test("a cursor that no page gave is refused", async () => {
    await using host = await createTestHost({ services: [Chain] });
    for (const cursor of ["", "x", "1; DROP TABLE", "1e3", "-1", "9".repeat(19)])
      await expect(host.actions.list({ cursor })).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
  });
});
