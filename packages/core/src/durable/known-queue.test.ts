import { describe, expect, test } from "vitest";
import { defineService } from "../index.ts";
import { createMemoryStore, createTestHost, createVirtualClock } from "../testing/index.ts";
import type { StoredActions } from "./stored-actions.ts";

const Billing = defineService("Billing", { actions: { charge: async () => {}, sendInvoice: async () => {} } });
const Timer = defineService("Timer", { every: "1h", execute: async () => {} });

describe.each(["pause", "resume"] as const)("StoredActions.%s", verb => {
  test("finds services and actions of this host, the service whatever its case", async () => {
    await using host = await createTestHost({ services: [Billing, Timer] });
    expect(await host.actions[verb]("billing")).toEqual({ service: "Billing" });
    expect(await host.actions[verb]("BILLING", "send-invoice")).toEqual({ service: "Billing", action: "send-invoice" });
    expect(await host.actions[verb]("timer", "trigger")).toEqual({ service: "Timer", action: "trigger" });
    expect(await host.actions.paused()).toHaveLength(verb === "pause" ? 3 : 0);
  });

  test("takes a service's class or definition too, by the name it has here", async () => {
    class Mailer {}
    await using host = await createTestHost({ services: [Billing, defineService("Mailer", { actions: { send: async () => {} } })] });
    expect(await host.actions[verb](Billing, "send-invoice")).toEqual({ service: "Billing", action: "send-invoice" });
    expect(await host.actions[verb](Mailer)).toEqual({ service: "Mailer" });
    // @ts-expect-error it has no such action
    await expect(host.actions[verb](Billing, "sendInvoice")).rejects.toMatchObject({ code: "SORA_ACTION_UNKNOWN" });
  });

  test("finds what waits in the store, on a host without the service", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    await using host = await createTestHost({ services: [Billing], store, clock, worker: false, name: "one" });
    await host.services(Billing).do("charge").enqueue();
    await using other = await createTestHost({ services: [], store, clock, name: "other" });
    expect(await other.actions[verb]("BILLING")).toEqual({ service: "Billing" });
    expect(await other.actions[verb]("billing", "charge")).toEqual({ service: "Billing", action: "charge" });
    await refuses(other.actions, "Billing", "chrage", {
      code: "SORA_ACTION_UNKNOWN",
      message: 'Billing has no action "chrage"; did you mean "charge"? known are charge.',
    });
  });

  test("finds what a worker of another host can run, and what is paused", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const working = await createTestHost({ services: [Billing], store, clock, name: "working" });
    await using other = await createTestHost({ services: [], store, clock, name: "other" });
    expect(await other.actions[verb]("billing", "send-invoice")).toEqual({ service: "Billing", action: "send-invoice" });
    await working.actions.pause("Billing");
    await working.stop();
    expect(await other.actions[verb]("billing")).toEqual({ service: "Billing" });
  });

  test("refuses what nobody knows, with the nearest name", async () => {
    await using host = await createTestHost({ services: [Billing] });
    await refuses(host.actions, "Biling", undefined, {
      code: "SORA_SERVICE_UNKNOWN",
      message: 'There is no service "Biling" on this host, and the store knows of none; did you mean "Billing"?',
      details: { service: "Biling", nearest: "Billing" },
      fix: "Name a service of this host, or one that has work, a worker or a pause in the store.",
    });
    await refuses(host.actions, "billing", "chrage", {
      code: "SORA_ACTION_UNKNOWN",
      details: { service: "Billing", action: "chrage", known: ["charge", "send-invoice"], nearest: "charge" },
    });
    expect(await host.actions.paused()).toEqual([]);
  });

  test.each([
    ["Billing", ""],
    ["", undefined],
    [5, undefined],
    [undefined, undefined],
    ["Billing", null],
    ["a\0b", undefined],
    ["Billing", "x".repeat(65)],
  ])("refuses what is no name: %o, %o", async (service, action) => {
    await using host = await createTestHost({ services: [Billing] });
    await refuses(host.actions, service, action, { code: "SORA_OPTION_INVALID" });
    expect(await host.actions.paused()).toEqual([]);
  });

  async function refuses(actions: StoredActions, service: unknown, action: unknown, error: object): Promise<void> {
    await expect(actions[verb](service as never, action as never)).rejects.toMatchObject(error);
  }
});
