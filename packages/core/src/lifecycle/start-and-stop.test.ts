import { describe, expect, test } from "vitest";
import { defineService, HealthReport, ServiceAction, SoraBackgroundService, SoraFluentServiceBase, SoraServices } from "../index.ts";
import { createTestHost, createVirtualClock } from "../testing/index.ts";
import { TestHost } from "../testing/test-host.ts";
import type { ServicePhase } from "../index.ts";

const untilAborted = (signal: AbortSignal): Promise<void> => new Promise(resolve => signal.addEventListener("abort", () => resolve()));
const stateOf = (host: TestHost, name: string): ServicePhase => host.list().find(one => one.name === name)?.state as ServicePhase;

/** A service that notes its life, and can be called. */
function living(log: string[]) {
  let made = 0;
  class Living {
    readonly number = ++made;
    async execute(signal: AbortSignal): Promise<void> {
      log.push(`up ${this.number}`);
      await untilAborted(signal);
      log.push(`down ${this.number}`);
    }
    dispose(): void {
      log.push(`disposed ${this.number}`);
    }
  }
  return Living;
}

describe("one service, while the host runs", () => {
  test("is stopped, started and restarted, each start after a stop with a new instance; the host and its neighbours go on", async () => {
    const log: string[] = [];
    const Living = living(log);
    const neighbour = defineService("Neighbour", { actions: { work: async () => "fine" } });
    await using host = await createTestHost({ services: [Living, neighbour] });
    await host.stopService(Living);
    expect(stateOf(host, "Living")).toBe("stopped");
    expect(await host.services(neighbour).do("work").execute()).toBe("fine");
    await host.startService("living");
    await host.restartService(Living);
    expect(log).toEqual(["up 1", "down 1", "disposed 1", "up 2", "down 2", "disposed 2", "up 3"]);
    expect(host.lifetime.stopping.aborted).toBe(false);
  });

  test("stays as it is where it is started while up, or stopped while down", async () => {
    const log: string[] = [];
    const Living = living(log);
    await using host = await createTestHost({ services: [Living] });
    await Promise.all([host.startService(Living), host.startService(Living)]);
    await host.stopService(Living);
    await host.stopService(Living);
    expect(log).toEqual(["up 1", "down 1", "disposed 1"]);
    await Promise.all([host.startService(Living), host.startService(Living)]);
    expect(log).toEqual(["up 1", "down 1", "disposed 1", "up 2"]);
  });

  test("is refused by name where there is none of that name", async () => {
    await using host = await createTestHost({ services: [defineService("Translation")] });
    await expect(host.startService("Transltion")).rejects.toMatchObject({
      code: "SORA_SERVICE_UNKNOWN",
      message: expect.stringContaining("Translation") as string,
    });
    await expect(host.stopService("constructor")).rejects.toMatchObject({ code: "SORA_SERVICE_UNKNOWN" });
    await expect(host.restartService("__proto__")).rejects.toMatchObject({ code: "SORA_SERVICE_UNKNOWN" });
  });

  test("that stops is started once it has stopped, and everyone who asked waits for that", async () => {
    const log: string[] = [];
    const slow = defineService("Slow", {
      execute: async ({ signal, clock, run }) => {
        log.push(`up ${run}`);
        await untilAborted(signal);
        await clock.sleep(3_000);
        log.push(`down ${run}`);
      },
    });
    await using host = await createTestHost({ services: [slow] });
    const stopped = host.stopService(slow);
    const again = host.stopService(slow);
    const started = host.startService(slow);
    const twice = host.startService(slow);
    await host.clock.settle();
    expect(stateOf(host, "Slow")).toBe("stopping");
    await host.clock.advance("3s");
    await Promise.all([stopped, again, started, twice]);
    expect(log).toEqual(["up 1", "down 1", "up 2"]);
    expect(stateOf(host, "Slow")).toBe("running");
    const last = host.stopService(slow);
    await host.clock.advance("3s");
    await last;
  });

  test("that is restarted by several at once comes up once for each stop, and ends up running", async () => {
    const log: string[] = [];
    const Living = living(log);
    await using host = await createTestHost({ services: [Living] });
    await Promise.all([host.restartService(Living), host.restartService(Living), host.restartService(Living)]);
    expect(stateOf(host, "Living")).toBe("running");
    const ups = log.filter(line => line.startsWith("up")).length;
    expect(log.filter(line => line.startsWith("down")).length).toBe(ups - 1);
    expect(log.filter(line => line.startsWith("disposed")).length).toBe(ups - 1);
  });

  test("of the startup kind runs again when started, and whoever starts it meanwhile waits for the same run", async () => {
    let runs = 0;
    const step = defineService("Step", { startupOrder: 1, execute: async context => (runs++, context.delay("2s")) });
    await using host = await createTestHost({ services: [step] });
    expect([runs, stateOf(host, "Step")]).toEqual([1, "completed"]);
    const first = host.startService(step);
    let isUp = false;
    const second = host.startService(step).then(() => (isUp = true));
    await host.clock.advance("1s");
    expect([stateOf(host, "Step"), isUp]).toEqual(["starting", false]);
    await host.clock.advance("1s");
    await Promise.all([first, second]);
    expect([runs, stateOf(host, "Step")]).toEqual([2, "completed"]);
  });

  test("of the startup kind that is stopped while it starts tells its starter, whether its run heeds the signal or not", async () => {
    for (const heeds of [true, false]) {
      const step = defineService("Step", {
        startupOrder: 1,
        execute: async ({ signal, run }) => {
          if (run > 1) await (heeds ? untilAborted(signal) : new Promise(() => {}));
        },
      });
      await using host = await createTestHost({ services: [step], shutdownTimeout: "2s" });
      const started = expect(host.startService(step)).rejects.toMatchObject({
        code: "SORA_SERVICE_UNAVAILABLE",
        message: expect.stringContaining("Step stops") as string,
      });
      await host.clock.settle();
      const stopped = host.stopService(step);
      await host.clock.advance("3s");
      await Promise.all([started, stopped]);
      expect(stateOf(host, "Step")).toBe(heeds ? "stopped" : "stopping");
      expect(host.list()[0]?.lastError).toBeUndefined();
    }
  });

  test("is restarted out of its backoff, with a fresh budget, and out of failure", async () => {
    let broken = true;
    const flaky = defineService("Flaky", {
      restart: { delay: "30s", jitter: "none", budget: 1 },
      execute: async ({ signal }) => {
        if (broken) throw new Error("broken");
        await untilAborted(signal);
      },
    });
    await using host = await createTestHost({ services: [flaky] });
    await host.clock.settle();
    expect(stateOf(host, "Flaky")).toBe("restarting");
    await host.restartService(flaky);
    await host.clock.settle();
    expect(stateOf(host, "Flaky")).toBe("restarting"); // the budget is new
    await host.clock.advance("1h");
    expect(stateOf(host, "Flaky")).toBe("failed");
    broken = false;
    await host.startService(flaky);
    expect(stateOf(host, "Flaky")).toBe("running");
    expect(host.list()[0]?.lastError).toMatchObject({ message: "Error: broken" }); // outlives recovery
  });

  test("whose constructor throws is failed, with an error that names it, until it can be made", async () => {
    let broken = false;
    class Fragile {
      constructor() {
        if (broken) throw new Error("no disk");
      }
      execute(signal: AbortSignal): Promise<void> {
        return untilAborted(signal);
      }
    }
    await using host = await createTestHost({ services: [Fragile] });
    broken = true;
    await expect(host.restartService(Fragile)).rejects.toMatchObject({
      code: "SORA_STARTUP_FAILED",
      details: { service: "Fragile" },
      cause: { message: "no disk" },
    });
    expect(stateOf(host, "Fragile")).toBe("failed");
    broken = false;
    await host.startService(Fragile);
    expect(stateOf(host, "Fragile")).toBe("running");
  });
});

describe("a stop of one service", () => {
  test("waits for its calls, which go on; those it makes itself are served, others are refused", async () => {
    const log: string[] = [];
    const service = defineService("Service", {
      actions: {
        outer: async context => {
          await context.delay("2s");
          log.push(String(await SoraServices.named("Service").do("inner").execute()));
        },
        inner: async () => "served",
      },
      execute: async ({ signal }) => {
        await untilAborted(signal);
        log.push("aborted");
      },
    });
    const other = defineService("Other", { actions: { ask: context => context.services(service).do("inner").execute() } });
    await using host = await createTestHost({ services: [service, other] });
    const call = host.services(service).do("outer").execute();
    const stopped = host.stopService(service);
    await host.clock.settle();
    await expect(host.services(service).do("inner").execute()).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE", details: { state: "stopping" } });
    await expect(host.services(other).do("ask").execute()).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
    await host.clock.advance("2s");
    await Promise.all([call, stopped]);
    expect(log).toEqual(["served", "aborted"]);
  });

  test("aborts what has not drained, is over in time, and names what did not end in the log", async () => {
    let aborted = false;
    const service = defineService("Service", {
      actions: {
        heeds: async ({ signal }) => {
          await untilAborted(signal);
          aborted = true;
        },
        hangs: () => new Promise(() => {}),
      },
      execute: () => new Promise(() => {}),
    });
    await using host = await createTestHost({ services: [service], shutdownTimeout: "10s" });
    const heeding = host.services(service).do("heeds").execute();
    host
      .services(service)
      .do("hangs")
      .execute()
      .catch(() => {});
    const stopped = host.stopService(service);
    await host.clock.advance("10s");
    await stopped;
    await heeding;
    expect(aborted).toBe(true);
    expect(stateOf(host, "Service")).toBe("stopping"); // its execute goes on
    const line = host.logs.find(one => one.level === "error");
    expect(line?.fields["culprits"]).toEqual(["Service: action hangs has not finished", "Service: execute has not returned"]);
  });

  test("does not wait for calls that a long execute goes on making", async () => {
    let calls = 0;
    const busy = defineService("Busy", {
      actions: { tick: async context => (calls++, context.delay(10)) },
      execute: async context => {
        while (!context.signal.aborted) await SoraServices.named("Busy").do("tick").execute();
      },
    });
    await using host = await createTestHost({ services: [busy] });
    await host.clock.advance("1s");
    expect(calls).toBeGreaterThan(90);
    const stopped = host.stopService(busy);
    await host.clock.advance(20); // the call under way, and no more
    await stopped;
    expect(stateOf(host, "Busy")).toBe("stopped");
  });

  test("disposes of the instance after the calls that its execute made as its last act", async () => {
    const log: string[] = [];

    @SoraBackgroundService()
    class Buffer extends SoraFluentServiceBase {
      override async executeCore(signal: AbortSignal): Promise<void> {
        await super.executeCore(signal);
        void this.services(Buffer).do("flush").execute();
      }

      @ServiceAction()
      async flush(): Promise<void> {
        await this.delay("1s", new AbortController().signal);
        log.push("flushed");
      }

      [Symbol.dispose](): void {
        log.push("disposed");
      }
    }

    await using host = await createTestHost({ services: [Buffer] });
    const stopped = host.stopService(Buffer);
    await host.clock.advance("2s");
    await stopped;
    expect(log).toEqual(["flushed", "disposed"]);
  });
});

describe("a call", () => {
  const table: [ServicePhase, "waits" | "runs" | "SORA_SERVICE_DISABLED" | "SORA_SERVICE_UNAVAILABLE"][] = [
    ["disabled", "SORA_SERVICE_DISABLED"],
    ["starting", "waits"],
    ["running", "runs"],
    ["restarting", "waits"],
    ["completed", "runs"],
    ["stopping", "SORA_SERVICE_UNAVAILABLE"],
    ["stopped", "SORA_SERVICE_UNAVAILABLE"],
    ["failed", "SORA_SERVICE_UNAVAILABLE"],
  ];

  /** A host whose service "Service" is in `phase`; `goOn` lets it come up where it waits. */
  async function inPhase(phase: ServicePhase): Promise<{ readonly host: TestHost; readonly goOn: () => Promise<void> }> {
    const clock = createVirtualClock();
    const actions = { work: async (): Promise<string> => "done" };
    const startup = phase === "starting";
    const service = defineService("Service", {
      ...(phase === "disabled" ? { enabled: false } : {}),
      ...(startup ? { startupOrder: 1 } : {}),
      restart: phase === "restarting" ? { delay: "5s", jitter: "none" } : false,
      actions,
      execute: async context => {
        if (startup) await context.clock.sleep(5_000);
        else if (phase === "failed" || (phase === "restarting" && context.run === 1)) throw new Error("broken");
        else if (phase !== "completed") await untilAborted(context.signal);
        if (phase === "stopping") await context.clock.sleep(5_000);
      },
    });
    const host = new TestHost({ services: [service], clock });
    const started = host.start();
    if (startup) await clock.advance("1s");
    else await started;
    await clock.settle();
    if (phase === "stopping" || phase === "stopped") {
      const stopping = host.stopService("Service");
      if (phase === "stopped") await stopping;
      else await clock.settle();
    }
    expect(stateOf(host, "Service")).toBe(phase);
    return { host, goOn: () => clock.advance("5s") };
  }

  test.each(table)("to a service that is %s: %s", async (phase, expected) => {
    const { host, goOn } = await inPhase(phase);
    const call = SoraServices.named("Service").do("work");
    if (expected === "runs") {
      expect(await call.execute()).toBe("done");
    } else if (expected === "waits") {
      const patient = call.execute();
      const impatient = expect(call.withTimeout("1s").execute()).rejects.toMatchObject({ code: "SORA_ACTION_TIMEOUT", details: { phase: "waiting" } });
      const controller = new AbortController();
      const cancelled = expect(call.withSignal(controller.signal).execute()).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED" });
      await host.clock.advance("1s");
      await impatient;
      controller.abort();
      await cancelled;
      await goOn();
      expect(await patient).toBe("done");
    } else {
      await expect(call.execute()).rejects.toMatchObject({
        code: expected,
        retryable: expected === "SORA_SERVICE_UNAVAILABLE",
        details: { service: "Service" },
        message: expect.stringContaining(expected === "SORA_SERVICE_DISABLED" ? "its definition (enabled: false)" : phase) as string,
      });
    }
    const stopped = host.stop();
    await host.clock.advance("6s");
    expect(await stopped).toMatchObject({ culprits: [] });
  });

  test("that waits for a restart is refused once the service is stopped, or has failed for good", async () => {
    const flaky = defineService("Flaky", {
      restart: { delay: "5s", jitter: "none" },
      actions: { work: async () => {} },
      execute: async () => Promise.reject(new Error("broken")),
    });
    await using host = await createTestHost({ services: [flaky] });
    await host.clock.settle();
    const refused = expect(host.services(flaky).do("work").execute()).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
    await host.stopService(flaky);
    await refused;

    const database = { name: "database", check: () => new Promise<HealthReport>(resolve => void setImmediate(() => resolve(HealthReport.degraded("slow")))) };
    const hopeless = defineService("Hopeless", {
      restart: false,
      dependsOn: "database",
      actions: { work: async () => {} },
      execute: async () => Promise.reject(new Error("broken")),
    });
    const other = new TestHost({ services: [hopeless], contributors: [database] });
    const started = other.start();
    while (!isRestarting(other)) await Promise.resolve();
    const late = expect(other.services(hopeless).do("work").execute()).rejects.toMatchObject({
      code: "SORA_SERVICE_UNAVAILABLE",
      details: { state: "failed" },
    });
    await started;
    await late;
    await other.stop();
  });
});

function isRestarting(host: TestHost): boolean {
  try {
    return stateOf(host, "Hopeless") === "restarting";
  } catch {
    return false; // not there yet
  }
}
