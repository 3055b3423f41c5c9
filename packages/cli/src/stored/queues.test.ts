import { createMemoryStore, createTestHost, createVirtualClock } from "@sora/core/testing";
import { defineService } from "@sora/core";
import { describe, expect, test } from "vitest";
import { Billing, Mail, noon, planeOn, storedPlane } from "../fixtures/stored-plane.ts";

describe("queues", () => {
  test("is a table by state, with what is paused and what nobody can run", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock({ start: noon });
    const Gone = defineService("Gone", { actions: { go: async () => {} } });
    const old = await createTestHost({ services: [Gone], store, clock, worker: false, name: "old" });
    await old.services(Gone).do("go").enqueue();
    await old.stop();
    await using plane = await storedPlane({ store, clock, worker: { concurrency: 1 } });
    const billing = plane.host.services(Billing);
    await billing.do("charge", {}).enqueue();
    await plane.host.clock.settle();
    await billing.do("slow").enqueue();
    await plane.host.clock.settle();
    for (const order of [1, 2, 3]) await billing.do("charge", { order }).enqueue();
    await billing.do("refund").withDelay("1h").enqueue();
    await plane.host.actions.pause("Billing", "refund");
    await plane.host.actions.pause("Mail");
    await plane.host.clock.advance("2s"); // the count is good for a second
    expect((await plane.run("queues")).out).toBe(`\
ACTION          WAITING  DELAYED  RUNNING  DEAD  NOTE
Billing.charge        3        0        0     1
Billing.refund        0        1        0     0  paused
Billing.slow          0        0        1     0
Gone.go               1        0        0     0  no worker can run it

1 worker on memory; this host is at work on 1 of 1.
Paused: Billing.refund, Mail.
`);
    expect(JSON.parse((await plane.run("queues", "--json")).out)).toMatchObject({ store: "memory", workers: 1, running: 1, queues: [{}, {}, {}, {}] });
  });

  test("of a host without a store says so", async () => {
    await using plane = await planeOn({ services: [Mail] });
    expect((await plane.run("queues")).out).toBe("This host has no store yet: nothing is stored.\n");
  });

  test("pause and resume take a service or one of its actions", async () => {
    await using plane = await storedPlane();
    expect((await plane.run("queues", "pause", "mail")).out).toBe("Mail is paused.\n");
    expect(await plane.host.actions.paused()).toEqual([{ service: "Mail" }]);
    expect((await plane.run("queues", "pause", "Mail", "send")).out).toBe("Mail.send is paused.\n");
    expect((await plane.run("queues", "resume", "mail", "send")).out).toBe("Mail.send goes on.\n");
    expect((await plane.run("queues", "resume", "Mail")).out).toBe("Mail goes on.\n");
    expect(await plane.host.actions.paused()).toEqual([]);
  });
});
