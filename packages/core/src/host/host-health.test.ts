import { describe, expect, test } from "vitest";
import { defineService, HealthCheckCommand, HealthReport, SoraFluentServiceBase, SoraServices } from "../index.ts";
import { createTestHost, createVirtualClock } from "../testing/index.ts";
import { TestHost } from "../testing/test-host.ts";
import type { HealthContributor, ServiceSource } from "../index.ts";

const untilAborted = (signal: AbortSignal): Promise<void> => new Promise(resolve => signal.addEventListener("abort", () => resolve()));
const never = (): Promise<never> => new Promise(() => {});
const looping = (name: string, options: object = {}): ServiceSource => defineService(name, { ...options, execute: ({ signal }) => untilAborted(signal) });

describe("ready()", () => {
  test("is false until the start is done and from the moment a stop is asked for, and never rejects", async () => {
    const clock = createVirtualClock();
    const host = new TestHost({
      services: [defineService("Step", { startupOrder: 1, execute: async context => context.delay("5s") }), looping("Loop")],
      clock,
    });
    const started = host.start();
    await clock.advance("1s");
    expect(await host.ready()).toMatchObject({ ready: false, status: "unhealthy", reasons: ["startup is not done"] });
    await clock.advance("4s");
    await started;
    expect(await host.ready()).toMatchObject({ ready: true, status: "healthy", reasons: [] });
    const stopping = host.stop();
    expect(await host.ready()).toMatchObject({ ready: false, reasons: ["the host is stopping"] });
    await stopping;
    expect(await host.ready()).toMatchObject({ ready: false });
  });

  test.each([
    ["failed", { restart: false, execute: async () => Promise.reject(new Error("no")) }, "has failed"],
    [
      "restarting",
      { restart: { delay: "1h", maxDelay: "1h", jitter: "none" }, execute: async () => Promise.reject(new Error("no")) },
      "is waiting to be restarted",
    ],
  ] as const)("is false where a critical service is %s, and only degraded where another is", async (_phase, spec, reason) => {
    for (const isCritical of [true, false]) {
      await using host = await createTestHost({ services: [defineService("Service", { ...spec, isCritical }), looping("Other")] });
      await host.clock.settle();
      expect(await host.ready()).toMatchObject({
        ready: !isCritical,
        status: isCritical ? "unhealthy" : "degraded",
        reasons: [`${isCritical ? "critical service" : "service"} Service ${reason}`],
      });
    }
  });

  test("is false where a critical service was stopped, and says nothing of others", async () => {
    await using host = await createTestHost({ services: [looping("Critical", { isCritical: true }), looping("Other")] });
    await host.stopService("Other");
    expect(await host.ready()).toMatchObject({ ready: true, status: "healthy" });
    await host.stopService("Critical");
    expect(await host.ready()).toMatchObject({ ready: false, reasons: ["critical service Critical is stopped"] });
    await host.startService("Critical");
    expect((await host.ready()).ready).toBe(true);
  });

  test("asks isReady of what runs, and of nothing else", async () => {
    let ready: boolean | Error = false;
    let asked = 0;
    class Service extends SoraFluentServiceBase {
      override readonly isCritical = true;
      override async isReady(): Promise<boolean> {
        asked++;
        if (ready instanceof Error) throw ready;
        return ready;
      }
    }
    await using host = await createTestHost({ services: [Service] });
    expect(await host.ready()).toMatchObject({ ready: false, reasons: ["critical service Service is not ready"] });
    ready = true;
    await host.clock.advance("2s");
    expect((await host.ready()).ready).toBe(true);
    ready = new Error("cannot tell");
    await host.clock.advance("2s");
    expect((await host.ready()).ready).toBe(false);
    const before = asked;
    await host.stopService(Service);
    await host.clock.advance("2s");
    expect(await host.ready()).toMatchObject({ reasons: ["critical service Service is stopped"] });
    expect(asked).toBe(before);
    ready = true;
    await host.startService(Service);
    expect((await host.ready()).ready).toBe(true);
  });

  test("is answered within the time limit of checks where isReady hangs", async () => {
    class Service extends SoraFluentServiceBase {
      override readonly isCritical = true;
      override isReady(): Promise<boolean> {
        return never();
      }
    }
    await using host = await createTestHost({ services: [Service] });
    const answer = host.ready();
    await host.clock.advance("5s");
    expect(await answer).toMatchObject({ ready: false, reasons: ["critical service Service is not ready"] });
  });

  test("does not wait for isReady with the start", async () => {
    class Service extends SoraFluentServiceBase {
      override isReady(): boolean {
        return false;
      }
    }
    const host = await createTestHost({ services: [Service] });
    expect(host.lifetime.started.aborted).toBe(true);
    await host.stop();
  });
});

describe("a loop that stopped making progress", () => {
  const loop = (isCritical: boolean, body: () => Promise<unknown>, options: object = {}): ServiceSource =>
    defineService("Poller", {
      isCritical,
      ...options,
      actions: { ask: context => context.delay("100ms").then(() => "here") },
      execute: async context => {
        for await (const tick of context.periodicTimer("10s")) if (tick.count === 3) await body();
      },
    });

  test.each([true, false])(
    "over periodicTimer is named after three periods, at least 60 s (critical: %s), though its actions go on; it recovers by itself",
    async isCritical => {
      let goOn: (() => void) | undefined;
      await using host = await createTestHost({ services: [loop(isCritical, () => new Promise<void>(resolve => (goOn = resolve)))] });
      await host.clock.advance("30s");
      for (let second = 0; second < 60; second += 10) {
        expect((await host.ready()).status).toBe("healthy");
        await host.clock.advance("10s");
        const call = SoraServices.named("Poller").do("ask").execute();
        await host.clock.advance("100ms");
        expect(await call).toBe("here"); // calls are no progress of the loop
      }
      await host.clock.advance("1s");
      expect(await host.ready()).toMatchObject({
        ready: !isCritical,
        status: isCritical ? "unhealthy" : "degraded",
        reasons: [`${isCritical ? "critical service" : "service"} Poller has stopped making progress`],
      });
      expect((await host.health()).entries["Poller"]).toMatchObject({
        status: "degraded",
        description: expect.stringContaining("stopped making progress") as string,
      });
      expect(host.live()).toMatchObject({ live: true, status: "healthy" });
      goOn?.();
      await host.clock.settle();
      expect(await host.ready()).toMatchObject({ ready: true, status: "healthy" });
    },
  );

  test("is noticed after stalledAfter where that is given, and kept alive by progress()", async () => {
    await using host = await createTestHost({ services: [loop(true, never, { stalledAfter: "20s" })] });
    await host.clock.advance("50s");
    expect((await host.ready()).ready).toBe(true);
    await host.clock.advance("1s");
    expect((await host.ready()).ready).toBe(false);

    const alive = defineService("Alive", {
      isCritical: true,
      stalledAfter: "20s",
      execute: async ({ signal, progress, clock }) => {
        while (!signal.aborted) {
          await clock.sleep(19_000, signal).catch(() => {});
          progress();
        }
      },
    });
    await using other = await createTestHost({ services: [alive] });
    await other.clock.advance("10m");
    expect((await other.ready()).ready).toBe(true);
  });

  test("by this.delay and this.periodicTimer of a class counts the same", async () => {
    class Poller extends SoraFluentServiceBase {
      override readonly isCritical = true;
      override async executeCore(signal: AbortSignal): Promise<void> {
        for await (const tick of this.periodicTimer("1m", signal)) if (tick.count === 2) await never();
      }
    }
    await using host = await createTestHost({ services: [Poller], shutdownTimeout: 0 });
    await host.clock.advance("4m");
    expect((await host.ready()).ready).toBe(true);
    await host.clock.advance("2m");
    expect((await host.ready()).ready).toBe(false);
  });

  test("is never said of a loop that only waits for its next tick, of a service that waits to be called, nor of a run within its time", async () => {
    const services = [
      defineService("Waits", {
        isCritical: true,
        execute: async context => {
          for await (const _tick of context.periodicTimer("1h")) continue;
        },
      }),
      defineService("Called", { isCritical: true, actions: { work: async () => {} } }),
      defineService("Runs", { isCritical: true, every: "1h", execute: async context => context.clock.sleep(50 * 60_000) }),
      defineService("Cron", { isCritical: true, cron: "0 * * * *", execute: async context => context.clock.sleep(50 * 60_000) }),
    ];
    await using host = await createTestHost({ services, shutdownTimeout: 0 });
    for (let hour = 0; hour < 6; hour++) {
      await host.clock.advance("59m");
      expect(await host.ready()).toMatchObject({ ready: true, status: "healthy" });
    }
  });

  test("is said of a run by cron that takes three times as long as from one tick to the next", async () => {
    const job = defineService("Job", { isCritical: true, cron: "0 * * * *", execute: never });
    await using host = await createTestHost({ services: [job], shutdownTimeout: 0 });
    await host.clock.advance("239m");
    expect((await host.ready()).ready).toBe(true);
    await host.clock.advance("2m");
    expect(await host.ready()).toMatchObject({ ready: false, reasons: ["critical service Job has stopped making progress"] });
  });
});

describe("health()", () => {
  test("tells of every service and contributor, by state and by their own checks", async () => {
    const services = [
      looping("Running"),
      defineService("Completed", { execute: async () => {} }),
      defineService("Failed", { restart: false, execute: async () => Promise.reject(new Error("no")) }),
      defineService("Disabled", { enabled: false }),
      defineService("Checked", { check: () => HealthReport.degraded("slow", { lag: 5 }) }),
      defineService("Throws", {
        check: () => {
          throw new Error("cannot look");
        },
      }),
      looping("Stopped"),
    ];
    await using host = await createTestHost({
      services,
      contributors: [{ name: "database", isCritical: true, check: async () => HealthReport.healthy("12 connections") }],
    });
    await host.stopService("Stopped");
    const { status, entries } = await host.health();
    expect(status).toBe("degraded");
    expect(Object.fromEntries(Object.values(entries).map(entry => [entry.name, [entry.status, entry.description]]))).toEqual({
      Running: ["healthy", "Healthy."],
      Completed: ["healthy", "Completed"],
      Failed: ["unhealthy", "It has failed: SoraError: Service Failed failed: Error: no"],
      Disabled: ["healthy", "Disabled by its definition (enabled: false)"],
      Checked: ["degraded", "slow"],
      Throws: ["degraded", "The health check failed."],
      Stopped: ["degraded", "It is stopped"],
      database: ["healthy", "12 connections"],
    });
    expect(entries["Checked"]?.data).toEqual({ lag: 5 });
  });

  test("keeps one check in flight where it is asked 1,000 times a second, and liveness is independent of dependencies", async () => {
    const seen = { checks: 0, inFlight: 0, most: 0 };
    let takes = 250;
    const clock = createVirtualClock();
    const database: HealthContributor = {
      name: "Database",
      isCritical: true,
      check: async () => {
        seen.checks++;
        seen.most = Math.max(seen.most, ++seen.inFlight);
        await clock.sleep(takes);
        seen.inFlight--;
        return HealthReport.unhealthy("It is down.");
      },
    };
    const silent: HealthContributor = { name: "Silent", isCritical: true, check: never };
    await using host = await createTestHost({ services: [looping("Loop")], contributors: [database, silent], clock });
    for (const each of [250, 5_000]) {
      takes = each;
      const before = seen.checks;
      const answers: Promise<unknown>[] = [];
      for (let asked = 0; asked < 3_000; asked++) {
        answers.push(host.health());
        expect(host.live()).toMatchObject({ live: true, status: "healthy" });
        await clock.advance(1);
      }
      await clock.advance("10s");
      await Promise.all(answers);
      expect(seen.most).toBe(1);
      // a check of 250 ms whose answer is good for a second is made anew every 1,250 ms
      expect(seen.checks - before).toBeLessThanOrEqual(each === 250 ? 4 : 2);
    }
    expect(host.live()).toEqual({ status: "healthy", live: true, reasons: [] });
  });

  test("asks a check that hangs once, answers everybody within its limit, and asks no second before the first has settled", async () => {
    let asked = 0;
    let settle: ((report: HealthReport) => void) | undefined;
    const slow = defineService("Slow", {
      check: () => {
        asked++;
        return new Promise<HealthReport>(resolve => (settle = resolve));
      },
    });
    await using host = await createTestHost({ services: [slow, looping("Other")] });
    const answers = Array.from({ length: 1_000 }, () => host.health());
    await host.clock.advance("5s");
    for (const { entries } of await Promise.all(answers))
      expect(entries["Slow"]).toMatchObject({ status: "degraded", description: expect.stringContaining("5000 ms") as string });
    expect((await answers[0])?.entries["Other"]).toMatchObject({ status: "healthy" });
    await host.clock.advance("1m");
    await host.health();
    expect(asked).toBe(1);
    expect(host.live()).toMatchObject({ live: true, status: "healthy" });
    settle?.(HealthReport.healthy());
    await host.clock.settle();
    const fresh = host.health();
    settle?.(HealthReport.healthy("at last"));
    expect((await fresh).entries["Slow"]).toMatchObject({ status: "healthy", description: "at last" });
    expect(asked).toBe(2);
  });

  test("takes contributors while it runs, until they are disposed of, and refuses two of one name", async () => {
    await using host = await createTestHost({ services: [] });
    const added = host.contribute({ name: "cache", check: () => HealthReport.unhealthy("cold") });
    expect((await host.health()).entries["cache"]).toMatchObject({ status: "unhealthy", critical: false });
    expect(() => host.contribute({ name: "cache", check: () => HealthReport.healthy() })).toThrow(/registered already/);
    added[Symbol.dispose]();
    expect((await host.health()).entries["cache"]).toBeUndefined();
    const again = host.contribute({ name: "cache", isCritical: true, check: () => HealthReport.unhealthy("cold") });
    expect((await host.health()).status).toBe("unhealthy");
    again[Symbol.dispose]();
  });

  test("takes no contributor of a service's name, whether the service has a check or not, before the start and after it", async () => {
    const dead = defineService("Worker", { restart: false, execute: () => Promise.reject(new Error("dead")) });
    class Renamed extends SoraFluentServiceBase {
      override readonly name = "Other";
    }
    const contributor = (name: string): HealthContributor => ({ name, check: () => HealthReport.healthy("never better") });
    const taken = { code: "SORA_OPTION_INVALID", message: expect.stringContaining("is registered already") };
    await expect(createTestHost({ services: [dead], contributors: [contributor("Worker")] })).rejects.toMatchObject(taken);
    await expect(createTestHost({ services: [Renamed], contributors: [contributor("Other")] })).rejects.toMatchObject(taken);
    await using host = await createTestHost({ services: [dead] });
    expect(() => host.contribute(contributor("Worker"))).toThrow(expect.objectContaining(taken));
    expect((await host.health()).entries["Worker"]).toMatchObject({ status: "unhealthy" });
  });

  test("asks the check of a service only while it runs, and of one that is started later too", async () => {
    let asked = 0;
    const later = defineService("Later", { enabled: false, check: () => (asked++, HealthReport.healthy("asked")) });
    const settings = { Sora: { BackgroundServices: { Services: { Later: { Enabled: true } } } } };
    await using off = await createTestHost({ services: [later] });
    expect((await off.health()).entries["Later"]).toMatchObject({ description: "Disabled by its definition (enabled: false)" });
    expect(asked).toBe(0);
    await using on = await createTestHost({ services: [later], configuration: settings });
    expect((await on.health()).entries["Later"]).toMatchObject({ description: "asked" });
    await on.stopService(later);
    await on.clock.advance("2s");
    expect((await on.health()).entries["Later"]).toMatchObject({ status: "degraded", description: "It is stopped" });
    expect(asked).toBe(1);
    await on.startService(later);
    await on.clock.advance("2s");
    expect((await on.health()).entries["Later"]).toMatchObject({ description: "asked" });
  });

  test("is asked anew by HealthCheckCommand, though the last answer still stands", async () => {
    let asked = 0;
    const service = defineService("Service", { check: () => HealthReport.healthy(`answer ${++asked}`) });
    await using host = await createTestHost({ services: [service] });
    expect(await host.services(service).query().getHealth()).toMatchObject({ description: "answer 1" });
    expect(await host.services(service).query().getHealth()).toMatchObject({ description: "answer 1" });
    expect(await host.commands.send(service, new HealthCheckCommand())).toMatchObject({ description: "answer 2" });
  });
});
