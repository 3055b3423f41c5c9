import { describe, expect, test } from "vitest";
import { defineService, DependencyUnavailableError, HealthReport, SoraError } from "../index.ts";
import { createTestHost } from "../testing/index.ts";
import type { ServiceStatus } from "../index.ts";
import type { TestHost } from "../testing/index.ts";

const untilAborted = (signal: AbortSignal): Promise<void> => new Promise(resolve => signal.addEventListener("abort", () => resolve()));
const status = async (host: TestHost, name: string): Promise<ServiceStatus> => host.list().find(one => one.name === name) as ServiceStatus;

describe("a background service", () => {
  test("that throws is started again after 500 ms, 1 s, 2 s, …; its sixth failure in a minute is for good", async () => {
    const begun: number[] = [];
    const crashing = defineService("Crashing", {
      restart: { jitter: "none" },
      execute: async ({ clock }) => {
        begun.push(clock.monotonic());
        throw new Error(`crash ${begun.length}`);
      },
    });
    await using host = await createTestHost({ services: [crashing] });
    await host.clock.advance("10m");
    expect(begun).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500]);
    expect(await status(host, "Crashing")).toMatchObject({ state: "failed", restarts: 5, runs: 6, lastError: { message: "Error: crash 6" } });
    expect(await host.services(crashing).query().getHealth()).toMatchObject({ status: "unhealthy", data: { code: "SORA_SERVICE_FAILED" } });
    expect(await host.ready()).toMatchObject({ ready: true, status: "degraded", reasons: ["service Crashing has failed"] });
  });

  test("spreads its restarts by full jitter, drawn from the host's chance", async () => {
    const begun = new Set<number>();
    const services = Array.from({ length: 50 }, (_, i) =>
      defineService(`Crashing${i}`, {
        restart: { budget: 1 },
        execute: async ({ clock, run }) => {
          if (run === 2) begun.add(clock.monotonic());
          throw new Error("crash");
        },
      }),
    );
    await using host = await createTestHost({ services });
    await host.clock.advance("1s");
    expect(begun.size).toBeGreaterThan(40);
    expect(Math.max(...begun)).toBeLessThan(500);
    expect(Math.max(...begun) - Math.min(...begun)).toBeGreaterThan(300);
  });

  test("that worked for 60 s starts with a fresh budget", async () => {
    let runs = 0;
    const flaky = defineService("Flaky", {
      restart: { jitter: "none" },
      execute: async context => {
        runs++;
        await context.delay("61s");
        throw new Error("now and then");
      },
    });
    await using host = await createTestHost({ services: [flaky] });
    await host.clock.advance("1h");
    expect(runs).toBe(Math.floor(3_600_000 / 61_500) + 1);
    expect((await status(host, "Flaky")).state).toBe("running");
  });

  test("that returns is completed, counts as ready and healthy, is not run again, and can still be called", async () => {
    let runs = 0;
    const once = defineService("Once", { isCritical: true, execute: async () => void runs++, actions: { ask: async () => "answer" } });
    await using host = await createTestHost({ services: [once] });
    await host.clock.advance("1h");
    expect(runs).toBe(1);
    expect((await status(host, "Once")).state).toBe("completed");
    expect(await host.ready()).toMatchObject({ ready: true, status: "healthy" });
    expect(await host.services(once).query().getHealth()).toMatchObject({ status: "healthy", description: "Completed" });
    expect(await host.services(once).do("ask").execute()).toBe("answer");
  });

  test("with restart: false fails at its first error", async () => {
    const fragile = defineService("Fragile", { restart: false, execute: async () => Promise.reject(new Error("no")) });
    await using host = await createTestHost({ services: [fragile] });
    await host.clock.settle();
    expect(await status(host, "Fragile")).toMatchObject({ state: "failed", restarts: 0 });
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ["a string", "no"],
    [
      "a Proxy whose traps throw",
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("trap");
          },
          has: () => {
            throw new Error("trap");
          },
          getPrototypeOf: () => {
            throw new Error("trap");
          },
        },
      ),
    ],
    [
      "a circle",
      (() => {
        const circle: Record<string, unknown> = {};
        circle["self"] = circle;
        return circle;
      })(),
    ],
    [
      "an error whose message getter throws",
      Object.defineProperty(new Error(), "message", {
        get: () => {
          throw new Error("getter");
        },
      }),
    ],
    [
      "an error that is its own cause",
      (() => {
        const error = new Error("own cause");
        error.cause = error;
        return error;
      })(),
    ],
  ])("that throws %s is restarted all the same", async (_what, thrown) => {
    let runs = 0;
    const odd = defineService("Odd", {
      restart: { jitter: "none" },
      execute: async ({ signal }) => {
        if (++runs === 1) throw thrown;
        await untilAborted(signal);
      },
    });
    await using host = await createTestHost({ services: [odd] });
    await host.clock.advance("1s");
    expect(await status(host, "Odd")).toMatchObject({ state: "running", restarts: 1, runs: 2 });
    expect(typeof (await status(host, "Odd")).lastError?.message).toBe("string");
  });

  test("that throws before its first await is restarted too", async () => {
    let runs = 0;
    const hasty = defineService("Hasty", {
      restart: { jitter: "none" },
      execute: ({ signal }) => {
        if (++runs === 1) throw new Error("at once");
        return untilAborted(signal);
      },
    });
    await using host = await createTestHost({ services: [hasty] });
    await host.clock.advance("500ms");
    expect(await status(host, "Hasty")).toMatchObject({ state: "running", runs: 2 });
  });

  test("keeps its instance through restarts", async () => {
    const made: object[] = [];
    const seen: object[] = [];
    class Counter {
      constructor() {
        made.push(this);
      }
      async execute(signal: AbortSignal): Promise<void> {
        seen.push(this);
        if (seen.length < 3) throw new Error("again");
        await untilAborted(signal);
      }
    }
    await using host = await createTestHost({ services: [Counter] });
    await host.clock.advance("10s");
    expect(made).toHaveLength(1);
    expect(new Set(seen)).toEqual(new Set(made));
  });
});

describe("a dependency that is away", () => {
  const reader = (up: () => boolean, error: () => Error) =>
    defineService("Reader", {
      dependsOn: "database",
      restart: { jitter: "none" },
      execute: async ({ signal }) => {
        if (!up()) throw error();
        await untilAborted(signal);
      },
    });

  test.each([
    ["throws DependencyUnavailableError", (): Error => new DependencyUnavailableError("database")],
    ["fails in any way while a contributor in dependsOn is unhealthy", (): Error => new Error("connection lost")],
  ])("burns no budget where the service %s, and it is started again once the contributor is well", async (_how, error) => {
    let up = true;
    let checks = 0;
    const database = { name: "database", check: () => (checks++, up ? HealthReport.healthy() : HealthReport.unhealthy("down")) };
    const service = reader(() => up, error);
    await using host = await createTestHost({ services: [service], contributors: [database] });
    expect((await status(host, "Reader")).state).toBe("running");
    up = false;
    await host.restartService(service);
    await host.clock.advance("2h");
    expect(await status(host, "Reader")).toMatchObject({ state: "restarting", restarts: 0 });
    expect(checks).toBeGreaterThan(100);
    expect(checks).toBeLessThan(1_000);

    up = true;
    await host.clock.advance("30s");
    expect(await status(host, "Reader")).toMatchObject({ state: "running", restarts: 1 });
    // and the budget is whole: five more failures are allowed
  });

  test.each([
    [
      "throws",
      (): HealthReport => {
        throw new Error("ECONNREFUSED");
      },
    ],
    ["hangs", (): Promise<HealthReport> => new Promise(() => {})],
  ])("is also one whose check %s", async (_how, check) => {
    let up = false;
    const database = { name: "database", check: () => (up ? HealthReport.healthy() : check()) };
    const service = reader(
      () => up,
      () => new Error("connection lost"),
    );
    await using host = await createTestHost({ services: [service], contributors: [database] });
    await host.clock.advance("1h");
    expect(await status(host, "Reader")).toMatchObject({ state: "restarting", restarts: 0 });
    up = true;
    if (_how === "throws") {
      await host.clock.advance("30s");
      expect(await status(host, "Reader")).toMatchObject({ state: "running" });
    }
  });

  test("is not one that is merely degraded: failures then burn the budget", async () => {
    const database = { name: "database", check: () => HealthReport.degraded("slow") };
    const service = reader(
      () => false,
      () => new Error("a bug"),
    );
    await using host = await createTestHost({ services: [service], contributors: [database] });
    await host.clock.advance("1h");
    expect((await status(host, "Reader")).state).toBe("failed");
  });

  test("makes restarts wait by its error alone, where nothing watches it", async () => {
    let up = false;
    const service = defineService("Reader", {
      execute: async ({ signal }) => {
        if (!up) throw new DependencyUnavailableError("tape library");
        await untilAborted(signal);
      },
    });
    await using host = await createTestHost({ services: [service] });
    await host.clock.advance("2h");
    expect((await status(host, "Reader")).state).toBe("restarting");
    up = true;
    await host.clock.advance("30s");
    expect((await status(host, "Reader")).state).toBe("running");
  });

  test("is not taken to be back where a stop ends the wait for its check: nothing is started then", async () => {
    let hangs = false;
    let runs = 0;
    const database = { name: "database", check: () => (hangs ? new Promise<HealthReport>(() => {}) : HealthReport.healthy()) };
    const service = defineService("Reader", {
      dependsOn: "database",
      restart: { delay: "10s", jitter: "none" },
      execute: async ({ signal }) => {
        if (++runs === 1) throw new Error("connection lost");
        await untilAborted(signal);
      },
    });
    await using host = await createTestHost({ services: [service], contributors: [database] });
    await host.clock.advance("5s");
    hangs = true;
    await host.clock.advance("6s");
    expect((await status(host, "Reader")).state).toBe("restarting");

    await host.stopService(service);

    expect(await status(host, "Reader")).toMatchObject({ state: "stopped", restarts: 0 });
    expect(runs).toBe(1);
  });

  test("may be a service with a check of its own", async () => {
    let up = false;
    const store = defineService("Store", { check: () => (up ? HealthReport.healthy() : HealthReport.unhealthy("disk full")) });
    const user = defineService("User", {
      dependsOn: store,
      execute: async ({ signal }) => {
        if (!up) throw new Error("cannot write");
        await untilAborted(signal);
      },
    });
    await using host = await createTestHost({ services: [store, user] });
    await host.clock.advance("1h");
    expect(await status(host, "User")).toMatchObject({ state: "restarting", restarts: 0 });
    up = true;
    await host.clock.advance("30s");
    expect((await status(host, "User")).state).toBe("running");
  });

  test("is not one that has ended well since, whatever its check said before", async () => {
    const gate = Promise.withResolvers<void>();
    const seed = defineService("Seed", { check: () => HealthReport.unhealthy("half of it is missing"), execute: () => gate.promise });
    let failures = 1;
    const user = defineService("User", {
      dependsOn: seed,
      execute: async ({ signal }) => {
        if (failures-- > 0) throw new Error("cannot read");
        await untilAborted(signal);
      },
    });
    await using host = await createTestHost({ services: [seed, user] });
    await host.clock.advance("1m");
    expect((await status(host, "User")).state).toBe("restarting");
    gate.resolve();
    await host.clock.advance("30s");
    expect([(await status(host, "Seed")).state, (await status(host, "User")).state]).toEqual(["completed", "running"]);
  });

  test("does not hold up a stop, neither while it is asked nor while it is waited for", async () => {
    const database = { name: "database", check: () => new Promise<HealthReport>(() => {}) };
    for (const after of [0, 2_000, 60_000]) {
      const host = await createTestHost({
        services: [
          reader(
            () => false,
            () => new Error("down"),
          ),
        ],
        contributors: [database],
      });
      await host.clock.advance(after);
      expect((await status(host, "Reader")).state).toBe("restarting");
      const report = await host.stop();
      expect(report).toMatchObject({ exitCode: 0, culprits: [], duration: 0 });
      expect(host.clock.pending).toBe(0);
    }
  });
});

test("a stop that comes while a dependency is asked leaves a service that would be given up as stopped, not failed", async () => {
  const database = { name: "database", check: () => new Promise<HealthReport>(() => {}) };
  const reader = defineService("Reader", { isCritical: true, restart: false, dependsOn: "database", execute: async () => Promise.reject(new Error("down")) });
  const host = await createTestHost({ services: [reader], contributors: [database], onCriticalFailure: "stop" });
  await host.clock.settle();
  const report = await host.stop("enough");
  await host.clock.settle();
  expect(report).toMatchObject({ exitCode: 0, reason: "enough" });
  expect(await status(host, "Reader")).toMatchObject({ state: "stopped" });
  expect(host.logs.filter(line => line.level === "error")).toEqual([]);
});

describe("a critical service that has failed for good", () => {
  const pump = defineService("Pump", {
    isCritical: true,
    restart: false,
    actions: { run: async () => {} },
    execute: async context => context.delay("1s").then(() => Promise.reject(new Error("no power"))),
  });

  test("makes the host unready, and no more by default", async () => {
    await using host = await createTestHost({ services: [pump] });
    expect((await host.ready()).ready).toBe(true);
    await host.clock.advance("1s");
    expect(await host.ready()).toMatchObject({ status: "unhealthy", ready: false, reasons: ["critical service Pump has failed"] });
    expect((await host.health()).status).toBe("unhealthy");
    await expect(host.services(pump).do("run").execute()).rejects.toMatchObject({
      code: "SORA_SERVICE_UNAVAILABLE",
      retryable: true,
      message: expect.stringContaining("no power") as string,
    });
  });

  test("stops the host with a non-zero result where the host was asked to", async () => {
    const other = defineService("Other", { execute: ({ signal }) => untilAborted(signal) });
    const host = await createTestHost({ services: [pump, other], onCriticalFailure: "stop" });
    await host.clock.advance("1s");
    const report = await host.stopped;
    expect(report).toMatchObject({ exitCode: 1, culprits: [], reason: "critical service Pump has failed" });
    expect(SoraError.is(report.error, "SORA_SERVICE_FAILED")).toBe(true);
    expect(host.list().map(one => one.state)).toEqual(["stopped", "stopped"]);
  });

  test("does not stop the host where it is not critical", async () => {
    const minor = defineService("Minor", { restart: false, execute: async () => Promise.reject(new Error("no")) });
    await using host = await createTestHost({ services: [minor], onCriticalFailure: "stop" });
    await host.clock.advance("1m");
    expect(host.lifetime.stopping.aborted).toBe(false);
  });
});

describe("a service that is told to stop", () => {
  test("has stopped well where it throws its signal's reason, or what that caused", async () => {
    for (const thrown of [
      (reason: unknown) => reason,
      () => new DOMException("aborted", "AbortError"),
      (reason: unknown) => new Error("stopped", { cause: reason }),
    ]) {
      const service = defineService("Service", {
        execute: async ({ signal }) => {
          await untilAborted(signal);
          throw thrown(signal.reason) as Error;
        },
      });
      const host = await createTestHost({ services: [service] });
      await host.stop();
      expect((await status(host, "Service")).lastError).toBeUndefined();
      expect(host.logs.filter(line => line.level === "warn" || line.level === "error")).toEqual([]);
    }
  });

  test("is noted where it throws something else, and is not restarted", async () => {
    let runs = 0;
    const service = defineService("Service", {
      execute: async ({ signal }) => {
        runs++;
        await untilAborted(signal);
        throw new Error("could not flush");
      },
    });
    const host = await createTestHost({ services: [service] });
    expect(await host.stop()).toMatchObject({ exitCode: 0 });
    await host.clock.advance("1m");
    expect(runs).toBe(1);
    expect(await status(host, "Service")).toMatchObject({ state: "stopped", lastError: { message: "Error: could not flush" } });
  });

  test("is not restarted where it throws, or completed where it returns, while it drains", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    for (const ending of [() => Promise.reject(new Error("in the middle")), () => Promise.resolve()]) {
      let runs = 0;
      let end: (() => void) | undefined;
      const service = defineService("Service", {
        actions: { slow: context => context.delay("5s") },
        execute: async () => {
          runs++;
          await new Promise<void>(resolve => (end = resolve));
          await ending();
        },
      });
      const host = await createTestHost({ services: [service] });
      const call = host.services(service).do("slow").execute();
      const stopped = host.stopService(service);
      await host.clock.advance("1s");
      end?.();
      await host.clock.advance("5s");
      await Promise.all([call, stopped]);
      expect(runs).toBe(1);
      expect((await status(host, "Service")).state).toBe("stopped");
      await host.stop();
    }
    await new Promise(resolve => void setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("that returns late, after it was given up, is stopped by that and touches nothing of its new life", async () => {
    const ends: (() => void)[] = [];
    const service = defineService("Service", { execute: () => new Promise<void>(resolve => void ends.push(resolve)) });
    await using host = await createTestHost({ services: [service], shutdownTimeout: "1s" });
    const stopped = host.stopService(service);
    await host.clock.advance("2s");
    await stopped;
    expect(await status(host, "Service")).toMatchObject({ state: "stopping", runs: 1 });
    ends[0]?.();
    await host.clock.settle();
    await host.startService(service);
    await host.clock.settle();
    expect(await status(host, "Service")).toMatchObject({ state: "running", runs: 2 });
    expect(host.logs.some(line => line.level === "error" && line.message.includes("execute has not returned"))).toBe(true);
    ends[1]?.();
    await host.clock.settle();
    expect((await status(host, "Service")).state).toBe("completed");
  });

  test("is completed where it returns while its host drains, and still serves the calls that drain", async () => {
    let end: (() => void) | undefined;
    const service = defineService("Service", {
      actions: { work: () => "served" },
      execute: () => new Promise<void>(resolve => (end = resolve)),
    });
    const other = defineService("Other", {
      actions: {
        slow: async context => {
          await context.delay("5s");
          return context.services(service).do("work").execute();
        },
      },
    });
    const host = await createTestHost({ services: [service, other] });
    const call = host.services(other).do("slow").execute();
    const stopped = host.stop();
    await host.clock.advance("1s");
    end?.();
    await host.clock.settle();
    expect((await status(host, "Service")).state).toBe("completed");
    await host.clock.advance("5s");
    expect(await call).toBe("served");
    expect(await stopped).toMatchObject({ exitCode: 0 });
  });
});
