import { describe, expect, test } from "vitest";
import * as z from "zod";
import { DurableEvents } from "../durable/durable-events.ts";
import { defineService } from "../index.ts";
import { createMemoryStore, createTestHost } from "../testing/index.ts";
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
  expect(await mail.schedule("daily", "send", { to: "ada" }, { cron: "0 3 * * *" })).toMatchObject({ id: "daily", service: "Mail", action: "send" });
  expect(await mail.schedule("daily", "send", { to: "bob" }, { every: "1h" })).toMatchObject({ recurrence: { kind: "every", every: 3_600_000 } });
  await expect(mail.schedule("daily", "send", { to: "bob" }, { cron: "x" })).rejects.toMatchObject({ code: "SORA_CRON_INVALID" });
  expect(await controlOf(host).schedules.list()).toHaveLength(1);
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

  test("one that is cancelled before it begins is told of like one that runs", async () => {
    await using host = await createTestHost({ services: [Chain] });
    const receipt = await host.services(Chain).do("one").withDelay("1h").withCorrelationId("c7").enqueue();
    expect(await receipt.cancel()).toBe("cancelled");
    await host.clock.settle();
    expect(host.events.all(DurableEvents.Cancelled)).toMatchObject([
      { args: { id: receipt.id, service: "Chain", action: "one", attempt: 0, correlationId: "c7" } },
    ]);
  });

  test("a cursor that no page gave is refused", async () => {
    await using host = await createTestHost({ services: [Chain] });
    for (const cursor of ["", "x", "1; DROP TABLE", "1e3", "-1", "9".repeat(19)])
      await expect(host.actions.list({ cursor })).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
  });
});
