import { describe, expect, test } from "vitest";
import { defineService } from "@sora/core";
import { createMemoryStore, createTestHost } from "@sora/core/testing";
import { storedStage, storeOfGone } from "../fixtures/stored-stage.ts";

const post = { method: "POST" };

describe("GET /api/queues", () => {
  test("counts stored actions by queue and state, and marks what is paused and what no worker can run", async () => {
    const store = await storeOfGone();
    await using stage = await storedStage({ host: { store, worker: { concurrency: 4 } } });
    stage.control.broken = true;
    const billing = stage.host.services(stage.billing);
    await billing.do("charge", { order: "1" }).enqueue();
    await billing.do("slow").enqueue();
    await billing.do("charge", { order: "2" }).withDelay("1h").enqueue();
    await stage.host.clock.settle();
    await stage.host.actions.pause("Billing", "charge");
    await stage.host.clock.advance("2s"); // the count is good for a second
    const none = { waiting: 0, delayed: 0, running: 0, failed: 0, dead: 0, cancelled: 0, paused: false, unclaimable: false };
    expect(await stage.ask("/api/queues")).toMatchObject({
      status: 200,
      json: {
        store: "memory",
        workers: 1,
        running: 1,
        concurrency: 4,
        queues: [
          { service: "Billing", action: "charge", version: 1, ...none, delayed: 1, dead: 1, paused: true },
          { service: "Billing", action: "slow", version: 1, ...none, running: 1 },
          { service: "Gone", action: "go", version: 1, ...none, waiting: 1, unclaimable: true },
        ],
        paused: [{ service: "Billing", action: "charge" }],
      },
    });
  });
});

describe("pause and resume of queues", () => {
  test("hold back a service or one action of it, whatever that is called, and let it go on", async () => {
    await using stage = await storedStage();
    const billing = stage.host.services(stage.billing);
    const ask = async (path: string): Promise<unknown> => (await stage.ask(`/api/queues/${path}`, post)).json;
    expect(await ask("billing/pause")).toEqual({ service: "Billing", paused: true });
    expect(await ask("Billing/actions/pause/pause")).toEqual({ service: "Billing", action: "pause", paused: true });
    expect(await ask("Billing/actions/resume/pause")).toEqual({ service: "Billing", action: "resume", paused: true });
    const [nothing, pause, resume] = [await billing.do("nothing").enqueue(), await billing.do("pause").enqueue(), await billing.do("resume").enqueue()];
    const states = async (): Promise<string[]> => {
      await stage.host.clock.settle();
      return Promise.all([nothing, pause, resume].map(async receipt => (await receipt.status()).state));
    };
    expect(await states()).toEqual(["waiting", "waiting", "waiting"]);
    expect(await ask("Billing/resume")).toEqual({ service: "Billing", paused: false });
    expect(await states()).toEqual(["completed", "waiting", "waiting"]);
    expect(await ask("Billing/actions/pause/resume")).toEqual({ service: "Billing", action: "pause", paused: false });
    expect(await states()).toEqual(["completed", "completed", "waiting"]);
    expect((await stage.ask("/api/queues")).json.paused).toEqual([{ service: "Billing", action: "resume" }]);
  });

  test("take what only the store knows, and nothing that nobody knows", async () => {
    const store = createMemoryStore();
    const Gone = defineService("Gone", { actions: { go: async () => {} } });
    const Timer = defineService("Timer", { every: "1h", execute: async () => {} });
    const old = await createTestHost({ services: [Gone], store, worker: false, name: "old" });
    await old.services(Gone).do("go").enqueue();
    await old.stop();
    await using stage = await storedStage({ host: { store, services: [Timer] } });
    const ask = (path: string) => stage.ask(`/api/queues/${path}/pause`, post);
    expect(await ask("gone")).toMatchObject({ status: 200, json: { service: "Gone", paused: true } });
    expect(await ask("GONE/actions/go")).toMatchObject({ status: 200, json: { service: "Gone", action: "go" } });
    expect(await ask("timer/actions/trigger")).toMatchObject({ status: 200, json: { service: "Timer", action: "trigger" } });
    expect(await ask("Tmer")).toMatchObject({ status: 404, json: { code: "SORA_SERVICE_UNKNOWN", nearest: "Timer" } });
    expect(await ask("Tmer/actions/go")).toMatchObject({ status: 404, json: { code: "SORA_SERVICE_UNKNOWN" } });
    expect(await ask("Gone/actions/og")).toMatchObject({ status: 404, json: { code: "SORA_ACTION_UNKNOWN", known: ["go"] } });
    expect(await ask("Timer/actions/go")).toMatchObject({ status: 404, json: { code: "SORA_ACTION_UNKNOWN" } });
    expect(await ask("a%20b")).toMatchObject({ status: 400, json: { code: "SORA_REQUEST_INVALID" } });
  });
});
