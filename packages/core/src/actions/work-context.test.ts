import { expect, test } from "vitest";
import { defineService, serviceEvent, token } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

const Tried = serviceEvent("Tried");
const Tool = token<string>("Tool");

test("what a service takes out of its context works by itself", async () => {
  const service = defineService("Service", {
    events: { tried: Tried },
    actions: {
      tryAll: async ({ emit, delay, progress, periodicTimer, inject }) => {
        await emit(Tried);
        await delay(0);
        progress();
        for await (const { count } of periodicTimer("1m")) if (count === 2) return inject(Tool);
        return undefined;
      },
    },
  });
  await using host = await createTestHost({ services: [service], provide: [[Tool, "a tool"]] });
  const call = host.services(service).do("try-all").execute();
  await host.clock.advance("2m");
  await expect(call).resolves.toBe("a tool");
  expect(host.events.count(Tried)).toBe(1);
});
