import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { SoraHost } from "../host/sora-host.ts";
import { createTestHost } from "../testing/index.ts";
import { ServiceAction } from "./service-action.ts";
import { ServiceEvent } from "./service-event-decorator.ts";
import { SoraBackgroundService, SoraPeriodicService, SoraStartupService } from "./sora-background-service.ts";
import { type } from "./type.ts";
import type { ServiceSource } from "../host/host-options.ts";
import type { SoraBackgroundServiceOptions, SoraPeriodicServiceOptions, SoraStartupServiceOptions } from "./service-options.ts";

// The reference's attributes, property by property: what each does, and what holds without it.

function background(options?: SoraBackgroundServiceOptions, name = "Example"): new () => { work(): Promise<number> } {
  class Example {
    async execute(signal: AbortSignal): Promise<void> {
      await new Promise<void>(resolve => signal.addEventListener("abort", () => resolve()));
    }
    async work(): Promise<number> {
      return 1;
    }
  }
  ServiceAction()(Example, "work");
  SoraBackgroundService({ name, ...options })(Example);
  return Example;
}

describe("SoraBackgroundService", () => {
  const nowhere = new URL("./fixtures/", import.meta.url);
  const stateIn = async (environment: string, options?: SoraBackgroundServiceOptions): Promise<string | undefined> => {
    await using host = await SoraHost.start({ services: [background(options)], environment, contentRoot: nowhere, watchConfiguration: false, logger: false });
    return host.list().find(({ name }) => name === "Example")?.state;
  };

  test.each([
    ["Development", undefined, "running"],
    ["Production", undefined, "running"],
    ["Testing", undefined, "disabled"],
    ["Staging", undefined, "running"],
    ["Development", { runInDevelopment: false }, "disabled"],
    ["Production", { runInProduction: false }, "disabled"],
    ["Staging", { runInProduction: false }, "disabled"],
    ["Testing", { runInTesting: true }, "running"],
    ["Production", { runInDevelopment: false, runInTesting: false }, "running"],
    ["Production", { enabled: false }, "disabled"],
    ["Production", { enabled: true }, "running"],
  ] as const)("in %s, with %o, is %s", async (environment, options, state) => {
    expect(await stateIn(environment, options)).toBe(state);
  });

  test("enabled is what configuration may change, and a call of a disabled service says by what it is", async () => {
    const service = background({ enabled: false });
    await using host = await createTestHost({ services: [service] });
    await expect(host.services(service).do("work").execute()).rejects.toMatchObject({
      code: "SORA_SERVICE_DISABLED",
      details: { by: "its definition (enabled: false)" },
    });
    expect(host.list()[0]).toMatchObject({ name: "Example", state: "disabled" });
    await using on = await createTestHost({
      services: [background({ enabled: false })],
      configuration: { Sora: { BackgroundServices: { Services: { Example: { Enabled: true } } } } },
    });
    expect(on.list()[0]).toMatchObject({ state: "running" });
    await using off = await createTestHost({
      services: [background()],
      configuration: { Sora: { BackgroundServices: { Services: { Example: { Enabled: false } } } } },
    });
    expect(off.list()[0]).toMatchObject({ state: "disabled" });
  });

  test("configurationSection replaces Sora:BackgroundServices:Services:{name}", async () => {
    const configuration = { Custom: { Place: { Enabled: false } }, Sora: { BackgroundServices: { Services: { Usual: { Enabled: false } } } } };
    await using host = await createTestHost({
      services: [background({ configurationSection: "Custom:Place" }, "Moved"), background(undefined, "Usual")],
      configuration,
    });
    expect(host.list().map(({ name, state }) => [name, state])).toEqual([
      ["Moved", "disabled"],
      ["Usual", "disabled"],
    ]);
    await using without = await createTestHost({ services: [background(undefined, "Moved")], configuration });
    expect(without.list()[0]).toMatchObject({ state: "running" });
  });

  test("priority, 100 by default, orders the start: higher first", async () => {
    const started: string[] = [];
    const service = (name: string, priority?: number): ServiceSource => {
      class Example {
        execute(): void {
          started.push(name);
        }
      }
      SoraBackgroundService(priority === undefined ? { name } : { name, priority })(Example);
      return Example;
    };
    await using host = await createTestHost({ services: [service("low", 99), service("default"), service("high", 101), service("also-default", 100)] });
    expect(host.list()).toHaveLength(4);
    expect(started).toEqual(["high", "default", "also-default", "low"]);
  });

  test.each([
    ["singleton", 1],
    ["scoped", 3],
    ["transient", 3],
  ] as const)("lifetime %s makes %d instances for two calls", async (lifetime, instances) => {
    let made = 0;
    class Example {
      readonly number = ++made;
      async work(): Promise<number> {
        return this.number;
      }
    }
    ServiceAction()(Example, "work");
    SoraBackgroundService({ lifetime })(Example);
    await using host = await createTestHost({ services: [Example] });
    await host.services(Example).do("work").do("work").execute();
    expect(made).toBe(instances);
  });

  test("lifetime is singleton by default", async () => {
    const made: object[] = [];
    class Example {
      constructor() {
        made.push(this);
      }
      async work(): Promise<void> {}
    }
    ServiceAction()(Example, "work");
    SoraBackgroundService()(Example);
    await using host = await createTestHost({ services: [Example] });
    await host.services(Example).do("work").do("work").execute();
    expect(made).toHaveLength(1);
  });
});

describe("SoraPeriodicService", () => {
  const runsOf = async (options: SoraPeriodicServiceOptions | undefined, time: `${bigint}s`): Promise<number[]> => {
    const runs: number[] = [];
    let now = (): number => 0;
    class Example {
      execute(): void {
        runs.push(now());
      }
    }
    SoraPeriodicService(options)(Example);
    await using host = await createTestHost({ services: [Example] });
    now = () => host.clock.now();
    const begun = host.clock.now();
    await host.clock.advance(time);
    return runs.map(at => (at - begun) / 1_000);
  };

  test.each([
    [undefined, "130s", [60, 120]],
    [{ intervalSeconds: 45 }, "100s", [45, 90]],
    [{ intervalSeconds: 0.5 }, "1s", [0.5, 1]],
    [{ every: "90s" }, "200s", [90, 180]],
    [{ every: 1_500 }, "4s", [1.5, 3]],
    [{ intervalSeconds: 60, initialDelaySeconds: 30 }, "160s", [90, 150]],
    [{ intervalSeconds: 60, runOnStartup: false }, "59s", []],
    [{ intervalSeconds: 60, runOnStartup: true, initialDelaySeconds: 5 }, "70s", [5, 65]],
    [{ cron: "*/30 * * * * *" }, "60s", [30, 60]],
  ] as const)("%o runs within %s at %o", async (options, time, runs) => {
    const [first, ...others] = await runsOf(options, time);
    expect([first, ...others].filter(at => at !== undefined)).toEqual(runs);
  });

  test("runOnStartup runs at once where there is no initial delay", async () => {
    expect(await runsOf({ runOnStartup: true, intervalSeconds: 60 }, "61s")).toEqual([0, 60]);
  });
});

describe("SoraStartupService", () => {
  const startup = (name: string, options: SoraStartupServiceOptions, work: (signal: AbortSignal) => unknown): ServiceSource => {
    class Example {
      execute(signal: AbortSignal): unknown {
        return work(signal);
      }
    }
    SoraStartupService({ name, ...options })(Example);
    return Example;
  };

  test("startupOrder, 100 by default, orders the start: lower first", async () => {
    const order: string[] = [];
    const note = (name: string, options: SoraStartupServiceOptions): ServiceSource => startup(name, options, () => order.push(name));
    await using host = await createTestHost({
      services: [note("last", { startupOrder: 101 }), note("default", {}), note("first", { startupOrder: -1 }), note("also-default", { startupOrder: 100 })],
    });
    expect(host.list().map(({ state }) => state)).toEqual(["completed", "completed", "completed", "completed"]);
    expect(order).toEqual(["first", "default", "also-default", "last"]);
  });

  test("continueOnFailure, false by default, lets the host go on", async () => {
    const failing = (options: SoraStartupServiceOptions): ServiceSource => startup("Failing", options, () => Promise.reject(new Error("no database")));
    await expect(createTestHost({ services: [failing({})] })).rejects.toMatchObject({ code: "SORA_STARTUP_FAILED" });
    await using host = await createTestHost({ services: [failing({ continueOnFailure: true })] });
    expect(host.list()[0]).toMatchObject({ state: "failed", lastError: { message: expect.stringContaining("no database") as string } });
  });

  test.each([
    [{}, 30],
    [{ timeoutSeconds: 5 }, 5],
  ])("with %o may take %d seconds", async (options, seconds) => {
    const error = await createTestHost({ services: [startup("Slow", options, () => new Promise(() => {}))] }).catch((thrown: unknown) => thrown);
    expect(SoraError.is(error, "SORA_STARTUP_TIMEOUT") && error.details).toMatchObject({ service: "Slow", timeout: seconds * 1_000 });
  });
});

describe("ServiceAction and ServiceEvent", () => {
  class Example {
    async required(parameters: unknown): Promise<unknown> {
      return parameters ?? "nothing";
    }
    async free(parameters: unknown): Promise<unknown> {
      return parameters ?? "nothing";
    }
  }
  ServiceAction({ requiresParameters: true, parameters: type<unknown>(), description: "needs them" })(Example, "required");
  ServiceAction({ parameters: type<unknown>() })(Example, "free");
  ServiceEvent("Described", { description: "it happened", args: type<string>(), version: 2, durable: true })(Example);
  ServiceEvent("Bare")(Example);

  test("requiresParameters, false by default, refuses a call without", async () => {
    await using host = await createTestHost({ services: [Example] });
    expect(await host.services(Example).do("free").execute()).toBe("nothing");
    expect(await host.services(Example).do("required", 5).execute()).toBe(5);
    await expect(host.services(Example).do("required").execute()).rejects.toMatchObject({
      code: "SORA_PARAMETERS_INVALID",
      details: { issues: [{ path: [], message: "required" }] },
    });
  });

  test("descriptions, and what holds by default, are in the service's description", async () => {
    await using host = await createTestHost({ services: [Example] });
    const { actions, events } = await host.services(Example).query().getInfo();
    expect(
      actions.map(({ name, description, requiresParameters, idempotent, version }) => ({ name, description, requiresParameters, idempotent, version })),
    ).toEqual([
      { name: "required", description: "needs them", requiresParameters: true, idempotent: false, version: 1 },
      { name: "free", description: undefined, requiresParameters: false, idempotent: false, version: 1 },
    ]);
    expect(events.map(({ name, description, version, durable }) => ({ name, description, version, durable }))).toEqual([
      { name: "Described", description: "it happened", version: 2, durable: true },
      { name: "Bare", description: undefined, version: 1, durable: false },
    ]);
  });
});

test("dependsOn orders the start, by class, definition and name", async () => {
  const started: string[] = [];
  const note = (name: string, options: SoraBackgroundServiceOptions = {}): ServiceSource & (new () => object) => {
    class Example {
      execute(): void {
        started.push(name);
      }
    }
    SoraBackgroundService({ name, ...options })(Example);
    return Example;
  };
  const Last = note("last", { priority: 1 });
  const Middle = note("middle", { priority: 50, dependsOn: Last });
  const First = note("first", { priority: 500, dependsOn: [Middle, "by-name"] });
  await using host = await createTestHost({ services: [First, Middle, note("by-name"), Last] });
  expect(host.list()).toHaveLength(4);
  expect(started).toEqual(["last", "middle", "by-name", "first"]);
});
