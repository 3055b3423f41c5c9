import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  addSora,
  defineService,
  inject,
  ServiceAction,
  SoraBackgroundServiceBase,
  SoraFluentServiceBase,
  SoraPeriodicServiceBase,
  SoraServices,
  SoraStartupService,
  token,
} from "../index.ts";
import { createTestHost, createVirtualClock } from "../testing/index.ts";
import { rejection } from "../testing/rejection.ts";
import { TestHost } from "../testing/test-host.ts";
import type { ServiceSource, SoraError } from "../index.ts";
import type { TestHostOptions } from "../testing/index.ts";

const untilAborted = (signal: AbortSignal): Promise<void> => new Promise(resolve => signal.addEventListener("abort", () => resolve()));
const configured = (settings: object): Pick<TestHostOptions, "configuration"> => ({ configuration: { Sora: { BackgroundServices: settings } } });

/** Twenty startup services, of which the `k`-th does `work`, and one that is none. */
function twenty(k: number, work: () => unknown, log: string[]): ServiceSource[] {
  const services: ServiceSource[] = Array.from({ length: 20 }, (_, i) => {
    class Step extends SoraBackgroundServiceBase {
      async execute(signal: AbortSignal): Promise<void> {
        log.push(`begin ${i}`);
        signal.addEventListener("abort", () => log.push(`abort ${i}`));
        if (i === k) await work();
        log.push(`end ${i}`);
      }
      dispose(): void {
        log.push(`dispose ${i}`);
      }
    }
    SoraStartupService({ name: `Step${i}`, startupOrder: i })(Step);
    return Step;
  });
  return [defineService("Regular", { execute: ({ signal }) => (log.push("regular"), untilAborted(signal)) }), ...services.toReversed()];
}

describe("startup services", () => {
  test("run in ascending order, each to its end, before any other; the others by priority, then as listed", async () => {
    const log: string[] = [];
    const startup = (name: string, startupOrder: number | undefined): ServiceSource =>
      defineService(name, {
        ...(startupOrder === undefined ? { startupOrder: 100 } : { startupOrder }),
        execute: async context => {
          log.push(`${name} begins`);
          await context.delay("1s");
          log.push(`${name} ends`);
        },
      });
    const regular = (name: string, priority?: number): ServiceSource =>
      defineService(name, { ...(priority === undefined ? {} : { priority }), execute: ({ signal }) => (log.push(name), untilAborted(signal)) });
    await using _host = await createTestHost({
      services: [
        regular("low", 1),
        regular("b"),
        startup("third", undefined),
        regular("a"),
        startup("first", -5),
        regular("high", 1_000),
        startup("second", 7),
      ],
    });
    expect(log).toEqual(["first begins", "first ends", "second begins", "second ends", "third begins", "third ends", "high", "b", "a", "low"]);
  });

  test.each(Array.from({ length: 20 }, (_, k) => k))(
    "where number %i of 20 fails, those before it are stopped in reverse, those after it never run, and the error names it",
    async k => {
      const log: string[] = [];
      const cause = new Error("no such table");
      const host = new TestHost({ services: twenty(k, () => Promise.reject(cause), log) });
      await expect(host.start()).rejects.toMatchObject({
        code: "SORA_STARTUP_FAILED",
        details: { service: `Step${k}` },
        cause,
        message: expect.stringContaining("no such table") as string,
      });
      const before = Array.from({ length: k }, (_, i) => [`begin ${i}`, `end ${i}`]).flat();
      const reverse = Array.from({ length: k }, (_, i) => k - 1 - i);
      expect(log.filter(line => !line.startsWith("dispose"))).toEqual([...before, `begin ${k}`, `abort ${k}`, ...reverse.map(i => `abort ${i}`)]);
      const disposed = log.filter(line => line.startsWith("dispose"));
      expect(disposed.slice(0, k + 1)).toEqual([k, ...reverse].map(i => `dispose ${i}`));
      expect(new Set(disposed).size).toBe(20); // instances that were made and never started are disposed of as well, once
      expect(disposed).toHaveLength(20);
      expect(await host.stopped).toMatchObject({ exitCode: 1, culprits: [] });
      expect(host.clock.pending).toBe(0);
    },
  );

  test.each([0, 7, 19])("where number %i of 20 never settles, its time limit ends the start the same way", async k => {
    const log: string[] = [];
    const clock = createVirtualClock();
    const host = new TestHost({ services: twenty(k, () => new Promise(() => {}), log), clock, shutdownTimeout: "5s" });
    const started = expect(host.start()).rejects.toMatchObject({
      code: "SORA_STARTUP_TIMEOUT",
      details: { service: `Step${k}`, timeout: 30_000, setting: "timeoutSeconds" },
    });
    await clock.advance("30s");
    expect(log.at(-1)).toBe(`abort ${k}`);
    await clock.advance("6s");
    await started;
    expect(await host.stopped).toMatchObject({ exitCode: 1, culprits: [`Step${k}: execute has not returned`] });
    expect(log.filter(line => line.startsWith("begin"))).toHaveLength(k + 1);
    expect(log.filter(line => line.startsWith("dispose"))).toHaveLength(20);
  });

  test("have the time limit their definition gives them", async () => {
    const slow = (name: string, timeoutSeconds: number): ServiceSource =>
      defineService(name, { startupOrder: 1, timeoutSeconds, execute: async context => context.delay("10s") });
    await using _fine = await createTestHost({ services: [slow("Fine", 11)] });
    await expect(createTestHost({ services: [slow("Late", 9)] })).rejects.toMatchObject({
      code: "SORA_STARTUP_TIMEOUT",
      details: { service: "Late", timeout: 9_000 },
    });
  });

  test("share StartupTimeoutSeconds: the one that is running when it is over fails, and the error says of which limit", async () => {
    const steps = ["A", "B", "C", "D"].map((name, startupOrder) => defineService(name, { startupOrder, execute: async context => context.delay("10s") }));
    await expect(createTestHost({ services: steps, ...configured({ StartupTimeoutSeconds: 25 }) })).rejects.toMatchObject({
      code: "SORA_STARTUP_TIMEOUT",
      details: { service: "C", timeout: 5_000, setting: "StartupTimeoutSeconds" },
    });
  });

  test("that come after StartupTimeoutSeconds is over never begin, and fail by name where the host goes on", async () => {
    let runs = 0;
    const slow = defineService("Slow", { startupOrder: 1, execute: async context => context.delay("10s") });
    const late = defineService("Late", { startupOrder: 2, execute: async () => void runs++ });
    const regular = defineService("Regular", { execute: ({ signal }) => untilAborted(signal) });
    await using host = await createTestHost({ services: [slow, late, regular], ...configured({ StartupTimeoutSeconds: 5, FailFastOnStartupFailure: false }) });
    expect(runs).toBe(0);
    expect(host.list().map(one => [one.name, one.state])).toEqual([
      ["Slow", "failed"],
      ["Late", "failed"],
      ["Regular", "running"],
    ]);
    expect(host.list()[1]?.lastError).toMatchObject({ code: "SORA_STARTUP_TIMEOUT" });
  });

  test.each([
    ["continueOnFailure of the service", { continueOnFailure: true }, {}],
    ["FailFastOnStartupFailure: false", {}, configured({ FailFastOnStartupFailure: false })],
  ])("that fail do not end the start with %s: the host is ready, and the service failed with its error kept", async (_how, options, configuration) => {
    const failing = defineService("Failing", { startupOrder: 1, ...options, execute: async () => Promise.reject(new Error("no")) });
    const hanging = defineService("Hanging", { startupOrder: 2, timeoutSeconds: 1, ...options, execute: () => new Promise(() => {}) });
    const next = defineService("Next", { startupOrder: 3, execute: async () => {} });
    const regular = defineService("Regular", { execute: ({ signal }) => untilAborted(signal) });
    const host = await createTestHost({ services: [failing, hanging, next, regular], ...configuration, shutdownTimeout: "1s" });
    expect(host.list().map(one => one.state)).toEqual(["failed", "failed", "completed", "running"]);
    expect(host.list().map(one => one.lastError?.code)).toEqual(["SORA_STARTUP_FAILED", "SORA_STARTUP_TIMEOUT", undefined, undefined]);
    expect(await host.ready()).toMatchObject({ ready: true, status: "degraded" });
    expect(host.logs.filter(line => line.level === "error")).toHaveLength(2);
    expect(await host.stop()).toMatchObject({ exitCode: 1, culprits: ["Hanging: execute has not returned"] });
  });

  test("that throw undefined, a Proxy or a circle still name themselves", async () => {
    for (const thrown of [
      undefined,
      null,
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("trap");
          },
        },
      ),
      Object.assign({}, { toString: null }),
    ]) {
      const odd = defineService("Odd", { startupOrder: 1, execute: async () => Promise.reject(thrown as Error) });
      await expect(createTestHost({ services: [odd] })).rejects.toMatchObject({ code: "SORA_STARTUP_FAILED", details: { service: "Odd" } });
    }
  });

  test("that call a service which starts only after them are told so, instead of waiting for themselves", async () => {
    let refusal: unknown;
    const later = defineService("Later", { actions: { work: async () => {} } });
    const eager = defineService("Eager", {
      startupOrder: 1,
      execute: async context => {
        refusal = await context
          .services(later)
          .do("work")
          .execute()
          .catch((error: unknown) => error);
      },
    });
    await using host = await createTestHost({ services: [later, eager] });
    expect(refusal).toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE", message: expect.stringContaining("it starts only after the startup service") as string });
    expect(host.clock.monotonic()).toBe(0);
  });

  test("that call themselves are told so, at the host's start and when they are started again", async () => {
    const refusals: unknown[] = [];
    const eager = defineService("Eager", {
      startupOrder: 1,
      actions: { work: async () => {} },
      execute: async context => {
        refusals.push(await rejection(SoraServices.named("Eager").do("work").execute()));
        refusals.push(await rejection(context.services(helper).do("back").execute()));
      },
    });
    const helper = defineService("Helper", {
      startupOrder: 0,
      actions: { back: async () => SoraServices.named("Eager").do("work").execute() },
      execute: () => {},
    });
    await using host = await createTestHost({ services: [helper, eager] });
    await host.restartService(eager);
    const refusal = { code: "SORA_SERVICE_UNAVAILABLE", message: "Cannot call Eager: it is starting, and the call comes from its own start." };
    expect(refusals).toMatchObject([refusal, refusal, refusal, refusal]);
    expect(host.clock.monotonic()).toBe(0);
  });

  test("let calls from outside wait until the called service has been started", async () => {
    const clock = createVirtualClock();
    const slow = defineService("Slow", { startupOrder: 1, execute: async context => context.delay("3s") });
    const worker = defineService("Worker", { actions: { work: async () => "done" } });
    const host = new TestHost({ services: [slow, worker], clock });
    const starting = host.start();
    await clock.advance("1s");
    const call = host.services(worker).do("work").execute();
    const impatient = expect(host.services(worker).do("work").withTimeout("1s").execute()).rejects.toMatchObject({
      code: "SORA_ACTION_TIMEOUT",
      details: { phase: "waiting" },
    });
    expect(await host.ready()).toMatchObject({ ready: false, reasons: ["startup is not done"] });
    await clock.advance("2s");
    await starting;
    await impatient;
    expect(await call).toBe("done");
    expect((await host.ready()).ready).toBe(true);
    await host.stop();
  });
});

describe("dependsOn", () => {
  test("starts what a service depends on before it, whatever the order says, and stops it after", async () => {
    const log: string[] = [];
    const loop = (name: string, options: object = {}): ReturnType<typeof defineService> =>
      defineService(name, {
        ...options,
        execute: async ({ signal }) => {
          log.push(`${name} up`);
          await untilAborted(signal);
          log.push(`${name} down`);
        },
      });
    const store = loop("Store", { priority: 1 });
    const cache = loop("Cache", { dependsOn: store });
    const api = loop("Api", { priority: 1_000, dependsOn: [cache, "Store"] });
    const host = await createTestHost({ services: [api, cache, store] });
    await host.stop();
    expect(log).toEqual(["Store up", "Cache up", "Api up", "Api down", "Cache down", "Store down"]);
  });

  test("refuses circles, what the host does not have, and startup services that depend on later ones, all together", async () => {
    const a = defineService("A", { dependsOn: "B" });
    const b = defineService("B", { dependsOn: "A" });
    const gone = defineService("Gone");
    const c = defineService("C", { dependsOn: gone });
    const d = defineService("D", { startupOrder: 1, dependsOn: "A", execute: async () => {} });
    const error = await createTestHost({ services: [a, b, c, d] }).catch((thrown: unknown) => thrown as SoraError);
    expect(error).toMatchObject({ code: "SORA_DEFINITION_INVALID" });
    expect((error as SoraError).message).toMatch(/Gone/);
    expect((error as SoraError).message).toMatch(/circle/);
  });
});

describe("construction", () => {
  test("of a service that throws ends the start, names it, and disposes of what was made before", async () => {
    const log: string[] = [];
    class First {
      async execute(): Promise<void> {}
      dispose(): void {
        log.push("First disposed");
      }
    }
    class Broken {
      constructor() {
        throw new Error("cannot open the door");
      }
      async execute(): Promise<void> {}
    }
    class Never {
      constructor() {
        log.push("Never made");
      }
      async execute(): Promise<void> {}
    }
    const resource = token<object>("Resource");
    const host = new TestHost({
      services: [First, Broken, Never],
      provide: [[resource, () => ({ [Symbol.asyncDispose]: async () => void log.push("resource disposed") })]],
    });
    await expect(host.start()).rejects.toMatchObject({
      code: "SORA_STARTUP_FAILED",
      details: { service: "Broken" },
      cause: { message: "cannot open the door" },
    });
    expect(log).toEqual(["First disposed", "resource disposed"]);
    expect(await host.stopped).toMatchObject({ exitCode: 1 });
  });

  test("that asks for what nobody provides keeps its code and names the service", async () => {
    const missing = token<string>("Missing");
    class Wants {
      readonly wanted = inject(missing);
      async execute(): Promise<void> {}
    }
    await expect(createTestHost({ services: [Wants] })).rejects.toMatchObject({
      code: "SORA_DEPENDENCY_UNKNOWN",
      message: expect.stringMatching(/Cannot start Wants.*Missing/) as string,
    });
  });

  test("of a service that throws leaves it failed, where the host is told to go on", async () => {
    let made = 0;
    class Flaky {
      constructor() {
        if (++made === 1) throw new Error("not yet");
      }
      execute(signal: AbortSignal): Promise<void> {
        return untilAborted(signal);
      }
    }
    await using host = await createTestHost({ services: [Flaky], ...configured({ FailFastOnStartupFailure: false }) });
    expect(host.list()).toMatchObject([{ name: "Flaky", state: "failed", lastError: { message: "Error: not yet" } }]);
    await host.startService(Flaky);
    expect(host.list()).toMatchObject([{ state: "running" }]);
  });

  test("of a dependency that never comes ends the start within StartupTimeoutSeconds, names it, and disposes of those before it", async () => {
    const log: string[] = [];
    const one = token<object>("One");
    const two = token<object>("Two");
    const host = new TestHost({
      services: [],
      provide: [
        [one, async () => ({ dispose: () => log.push("one disposed") })],
        [two, () => new Promise(() => {})],
      ],
      ...configured({ StartupTimeoutSeconds: 5 }),
    });
    expect(await rejection(host.start())).toMatchObject({
      code: "SORA_STARTUP_TIMEOUT",
      message: "Cannot make Two, which the host provides: its factory has not finished within 5000 ms (StartupTimeoutSeconds).",
    });
    expect(log).toEqual(["one disposed"]);
    expect(await host.stopped).toMatchObject({ exitCode: 1, culprits: ["dependencies: their disposal has not finished"] });
  });

  test("of a dependency that throws or rejects ends the start, names it, and disposes of those before it", async () => {
    const log: string[] = [];
    const one = token<object>("One");
    const two = token<object>("Two");
    const given = token<object>("Given");
    for (const fail of [
      () => Promise.reject(new Error("no server")),
      () => {
        throw new Error("no server");
      },
    ]) {
      log.length = 0;
      const host = new TestHost({
        services: [],
        provide: [
          [given, { dispose: () => log.push("given disposed") }],
          [one, async () => ({ dispose: () => log.push("one disposed") })],
          [two, fail],
        ],
      });
      const error = await host.start().catch((thrown: unknown) => thrown as Error);
      expect(String((error as Error).message)).toContain("no server");
      expect(log).toEqual(["one disposed"]); // what the program gave is the program's
      expect(await host.stopped).toMatchObject({ exitCode: 1 });
    }
  });

  test("does not dispose of an instance that the program gave", async () => {
    let disposed = 0;
    class Given extends SoraFluentServiceBase {
      dispose(): void {
        disposed++;
      }
    }
    const instance = new Given();
    const host = await createTestHost({ services: [Given], provide: [[Given, instance]] });
    await host.stop();
    expect(disposed).toBe(0);
  });
});

describe("members of an instance", () => {
  test("name the service by a field: its configuration, settings, calls and status go by that name", async () => {
    class Report extends SoraPeriodicServiceBase {
      override readonly name = "nightly-report";
      override readonly period = "5m";
      async executePeriodic(): Promise<void> {}
      async settingsNow(): Promise<unknown> {
        return this.settings;
      }
    }
    ServiceAction()(Report, "settingsNow");
    await using host = await createTestHost({
      services: [Report],
      ...configured({ Services: { "nightly-report": { IntervalSeconds: 7, Settings: { Depth: 3 } } } }),
    });
    expect(host.list()).toMatchObject([{ name: "nightly-report", kind: "periodic" }]);
    expect(await host.services(Report).do("settings-now").execute()).toEqual({ Depth: 3 });
    await host.clock.advance("7s");
    expect(host.list()).toMatchObject([{ runs: 1 }]);
    expect(host.logs.filter(line => line.level === "warn")).toEqual([]);
  });

  test("that make no sense are refused at the start, with the others' problems", async () => {
    class Bad extends SoraPeriodicServiceBase {
      override readonly period = "5 fortnights" as never;
      async executePeriodic(): Promise<void> {}
    }
    class Zero extends SoraPeriodicServiceBase {
      override readonly period = 0;
      async executePeriodic(): Promise<void> {}
    }
    class Named extends SoraBackgroundServiceBase {
      override readonly name = "not a name!";
      async execute(): Promise<void> {}
    }
    const error = await createTestHost({ services: [Bad, Zero, Named] }).catch((thrown: unknown) => thrown as SoraError);
    expect(error).toMatchObject({ code: "SORA_DEFINITION_INVALID", details: { problems: [{ service: "Bad" }, { service: "Zero" }, { service: "Named" }] } });
  });
});

describe("configuration", () => {
  test("that turns a service off keeps it from starting, and says by what", async () => {
    let runs = 0;
    const job = defineService("Job", { execute: async () => void runs++, actions: { work: async () => {} } });
    await using host = await createTestHost({ services: [job], ...configured({ Services: { Job: { Enabled: false } } }) });
    expect(runs).toBe(0);
    expect(host.list()).toMatchObject([{ state: "disabled" }]);
    await expect(host.services(job).do("work").execute()).rejects.toMatchObject({
      code: "SORA_SERVICE_DISABLED",
      message: expect.stringContaining("Sora:BackgroundServices:Services:Job:Enabled (host options)") as string,
    });
    await expect(host.startService(job)).rejects.toMatchObject({ code: "SORA_SERVICE_DISABLED" });
    expect((await host.ready()).ready).toBe(true);
  });

  test("Enabled: false for all keeps every service from starting; the host runs", async () => {
    let runs = 0;
    const services = ["A", "B"].map(name => defineService(name, { isCritical: true, execute: async () => void runs++ }));
    await using host = await createTestHost({
      services: [...services, defineService("S", { startupOrder: 1, execute: async () => void runs++ })],
      ...configured({ Enabled: false }),
    });
    expect(runs).toBe(0);
    expect(host.list().map(one => one.state)).toEqual(["disabled", "disabled", "disabled"]);
    expect((await host.ready()).ready).toBe(true);
  });

  test("turns on what the definition turned off", async () => {
    let runs = 0;
    const job = defineService("Job", { enabled: false, execute: async () => void runs++ });
    await using off = await createTestHost({ services: [job] });
    expect(off.list()).toMatchObject([{ state: "disabled" }]);
    await using _on = await createTestHost({ services: [job], ...configured({ Services: { Job: { Enabled: true } } }) });
    expect(runs).toBe(1);
  });

  test("warns of entries that no service owns, with the nearest name, and starts", async () => {
    await using host = await createTestHost({ services: [defineService("DataCleanup")], ...configured({ Services: { DataCleanupp: { Enabled: true } } }) });
    const warnings = host.logs.filter(line => line.level === "warn").map(line => line.message);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/DataCleanupp.*DataCleanup/);
  });

  test("with bad settings of several services stops the start with all of them", async () => {
    const one = defineService("One", { settings: z.object({ depth: z.number() }) });
    const two = defineService("Two", { settings: z.object({ url: z.url() }) });
    const host = new TestHost({
      services: [one, two],
      ...configured({ Services: { One: { Settings: { depth: "deep" } }, Two: { Settings: { url: "nope" } } }, StartupTimeoutSeconds: 0 }),
    });
    const error = (await host.start().catch((thrown: unknown) => thrown)) as SoraError;
    expect(error).toMatchObject({ code: "SORA_CONFIGURATION_INVALID" });
    for (const part of ["One:Settings:depth", "Two:Settings:url", "StartupTimeoutSeconds"]) expect(error.message).toContain(part);
  });

  test("orders startup services and priorities too", async () => {
    const log: string[] = [];
    const step = (name: string, startupOrder?: number): ServiceSource =>
      defineService(name, { ...(startupOrder === undefined ? {} : { startupOrder }), execute: async () => void log.push(name) });
    await using _host = await createTestHost({
      services: [step("A", 1), step("B", 2), step("X"), step("Y")],
      ...configured({ Services: { A: { StartupOrder: 3 }, Y: { Priority: 500 } } }),
    });
    expect(log).toEqual(["B", "A", "Y", "X"]);
  });
});

describe("environments", () => {
  const everywhere = defineService("Everywhere", { runInTesting: true });
  const services = [
    defineService("Default"),
    everywhere,
    defineService("NotInProduction", { runInProduction: false }),
    defineService("NotInDevelopment", { runInDevelopment: false, runInTesting: true }),
  ];
  const statesIn = async (environment: string): Promise<Record<string, string>> => {
    const host = addSora({
      services,
      environment,
      logger: false,
      clock: createVirtualClock(),
      watchConfiguration: false,
      contentRoot: new URL("./", import.meta.url),
    });
    await host.start();
    const states = Object.fromEntries(host.list().map(one => [one.name, one.state]));
    await host.stop();
    delete states["HealthProbeScheduler"];
    return states;
  };

  test.each([
    ["Development", { Default: "running", Everywhere: "running", NotInProduction: "running", NotInDevelopment: "disabled" }],
    ["Production", { Default: "running", Everywhere: "running", NotInProduction: "disabled", NotInDevelopment: "running" }],
    ["Testing", { Default: "disabled", Everywhere: "running", NotInProduction: "disabled", NotInDevelopment: "running" }],
    ["Staging", { Default: "running", Everywhere: "running", NotInProduction: "disabled", NotInDevelopment: "running" }],
  ])("%s runs what is meant for it, and a host started by SoraHost respects that", async (environment, expected) => {
    expect(await statesIn(environment)).toEqual(expected);
  });

  test("are left aside by a test host, which runs what it is given", async () => {
    await using host = await createTestHost({ services });
    expect(host.list().every(one => one.state === "running")).toBe(true);
  });
});

describe("singleton: true", () => {
  const alone = defineService("Alone", { singleton: true });

  test("is refused in Production, where nothing keeps two hosts from running it", async () => {
    await expect(createTestHost({ services: [alone], environment: "Production" })).rejects.toMatchObject({
      code: "SORA_DEFINITION_INVALID",
      message: expect.stringMatching(/Alone.*singleton: true/) as string,
    });
  });

  test("is a warning elsewhere", async () => {
    await using host = await createTestHost({ services: [alone], environment: "Development" });
    expect(host.list()).toMatchObject([{ state: "running" }]);
    expect(host.logs.some(line => line.level === "warn" && line.message.includes("singleton: true"))).toBe(true);
  });
});
