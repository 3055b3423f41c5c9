import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { createTestHost } from "../testing/test-host.ts";
import type { TestHost } from "../testing/test-host.ts";
import { durableActionsName } from "./durable-actions.ts";

/** An action that does not heed its signal, and ends when it is let go. */
function stubborn() {
  const running: (() => void)[] = [];
  const seen = { begun: 0, most: 0, atOnce: 0 };
  const service = defineService("Stubborn", {
    actions: {
      go: {
        timeout: "100ms",
        retry: { attempts: 1 },
        run: async () => {
          seen.begun++;
          seen.most = Math.max(seen.most, ++seen.atOnce);
          await new Promise<void>(resolve => running.push(resolve));
          seen.atOnce--;
        },
      },
      heed: { timeout: "100ms", retry: { attempts: 1 }, run: (_, { delay }) => delay("1h") },
    },
  });
  return { service, seen, letGo: (): void => running.splice(0).forEach(end => end()) };
}

const warnings = (host: TestHost): number => host.logs.filter(({ message }) => message.includes("does not heed its signal")).length;
const workerHealth = async (host: TestHost) => (await host.health()).entries[durableActionsName];

describe("a worker", () => {
  test("keeps the place of a handler that does not heed its signal, until that ends", async () => {
    const { service, seen, letGo } = stubborn();
    await using host = await createTestHost({ services: [service], worker: { concurrency: 2 } });
    const receipts = await Promise.all(Array.from({ length: 5 }, () => host.services(service).do("go").enqueue()));
    await host.clock.advance("20s");
    expect([seen.begun, seen.most]).toEqual([2, 2]);
    const states = await Promise.all(receipts.map(async receipt => (await receipt.status()).state));
    expect(states).toEqual(["dead", "dead", "waiting", "waiting", "waiting"]); // their callers need not wait for them
    letGo();
    await host.clock.advance("1s");
    expect([seen.begun, seen.most]).toEqual([4, 2]);
    letGo();
    await host.clock.advance("1s");
    letGo();
    expect([seen.begun, seen.most]).toEqual([5, 2]);
  });

  test("gives others their turn where handlers never end", async () => {
    const { service, seen } = stubborn();
    await using host = await createTestHost({ services: [service], worker: { concurrency: 2 } });
    const receipts = await Promise.all(Array.from({ length: 5 }, () => host.services(service).do("go").enqueue()));
    await host.clock.advance("40s");
    expect(seen.begun).toBe(4);
    await host.clock.advance("40s");
    expect(seen.begun).toBe(5);
    expect(await receipts[4]?.status()).toMatchObject({ state: "dead" });
    await host.services(service).do("heed").enqueue();
    await host.clock.advance("10m");
    expect((await host.ready()).ready).toBe(true);
    expect(await workerHealth(host)).toMatchObject({ status: "degraded", description: expect.stringContaining("5 of them") });
  });

  test("says by its health, and in the log, which actions go on, once that is longer than a moment", async () => {
    const { service, letGo } = stubborn();
    await using host = await createTestHost({ services: [service], worker: { concurrency: 2 } });
    await host.services(service).do("go").enqueue();
    await host.clock.advance("1s");
    expect([await workerHealth(host), warnings(host)]).toMatchObject([{ status: "healthy" }, 0]);
    await host.clock.advance("5s");
    expect([await workerHealth(host), warnings(host)]).toMatchObject([{ status: "degraded", description: expect.stringContaining("1 of them") }, 1]);
    letGo();
    await host.clock.advance("1s");
    expect(await workerHealth(host)).toMatchObject({ status: "healthy" });
  });

  test("says nothing of those that heed it", async () => {
    const { service } = stubborn();
    await using host = await createTestHost({ services: [service] });
    await host.services(service).do("heed").enqueue();
    await host.clock.advance("1m");
    expect(warnings(host)).toBe(0);
  });
});
