import { describe, expect, test } from "vitest";
import { controlOf } from "../control/control-of.ts";
import { defineService } from "../definition/define-service.ts";
import { createTestHost, TestHost } from "../testing/test-host.ts";

describe("HostDoor", () => {
  test("is closed last, when what was under way has drained and the services have stopped", async () => {
    const order: string[] = [];
    const service = defineService("Work", {
      actions: { slow: async ({ delay }) => (await delay("1s"), order.push("drained")) },
      execute: async ({ signal }) => {
        await new Promise<void>(resolve => signal.addEventListener("abort", () => resolve(), { once: true }));
        order.push("execute aborted");
      },
    });
    const host = await createTestHost({ services: [service] });
    const control = controlOf(host);
    control.addDoor({ name: "door", close: async limit => void order.push(`closed within ${limit > 0}, ready ${(await control.ready()).ready}`) });
    const call = host.services(service).do("slow").execute();
    const stopping = host.stop();
    await call;
    await stopping;
    expect(order).toEqual(["drained", "execute aborted", "closed within true, ready false"]);
  });

  test("is closed too where the start fails", async () => {
    let closed = 0;
    const failing = defineService("Failing", {
      startupOrder: 1,
      execute: async () => {
        controlOf(host).addDoor({ name: "door", close: async () => void closed++ });
        throw new Error("no");
      },
    });
    const host = new TestHost({ services: [failing] });
    await expect(host.start()).rejects.toMatchObject({ code: "SORA_STARTUP_FAILED" });
    expect(closed).toBe(1);
  });

  test("that throws or does not close is named and holds nothing up", async () => {
    const host = await createTestHost({ services: [], shutdownTimeout: "10s" });
    const control = controlOf(host);
    control.addDoor({ name: "the stuck door", close: () => new Promise(() => {}) });
    control.addDoor({ name: "the broken door", close: () => Promise.reject(new Error("no")) });
    const gone = control.addDoor({ name: "a door that is gone", close: () => new Promise(() => {}) });
    gone[Symbol.dispose]();
    const report = await host.stop();
    expect(report).toMatchObject({ exitCode: 1, culprits: ["the stuck door: it has not closed"] });
    expect(report.duration).toBeLessThan(5_000);
    expect(host.logs.some(({ message }) => message.startsWith("the broken door"))).toBe(true);
  });
});
