import { expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { createTestHost } from "../testing/test-host.ts";

const plain = defineService("Plain", { actions: { ping: async () => "pong" } });

test("a service without execute stands ready until it is stopped, and again once it is started", async () => {
  await using host = await createTestHost({ services: [plain] });
  const ping = (): Promise<unknown> => host.services(plain).do("ping").execute();
  await expect(ping()).resolves.toBe("pong");
  expect(host.list()[0]).toMatchObject({ state: "running", runs: 1, inFlight: 0 });

  await host.stopService(plain);
  expect(host.list()[0]).toMatchObject({ state: "stopped" });
  await expect(ping()).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });

  await host.startService(plain);
  await expect(ping()).resolves.toBe("pong");
  expect(host.list()[0]).toMatchObject({ state: "running", runs: 2 });
});

test("interceptors of runs stand around a service without execute as around any other", async () => {
  const seen: string[] = [];
  const host = await createTestHost({
    services: [plain],
    intercept: {
      run: async ({ service, run }, next) => {
        seen.push(`${service} ${run} began`);
        await next();
        seen.push(`${service} ${run} ended`);
      },
    },
  });
  expect(seen).toEqual(["Plain 1 began"]);
  await host.stop();
  expect(seen).toEqual(["Plain 1 began", "Plain 1 ended"]);
});
