import { describe, expect, test } from "vitest";
import { z } from "zod";
import { SoraError } from "../errors/sora-error.ts";
import { serviceEvent } from "../events/service-event.ts";
import { createTestHost } from "../testing/index.ts";
import { defineService } from "./define-service.ts";
import { definitionOf } from "./definition-of.ts";
import { ServiceAction } from "./service-action.ts";
import { ServiceEvent } from "./service-event-decorator.ts";
import { serviceContract } from "./service-contract.ts";
import { SoraBackgroundService, SoraPeriodicService, SoraStartupService } from "./sora-background-service.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import type { ServiceSource } from "../host/host-options.ts";
import type { ActionOptions } from "./action-definition.ts";

const execute = (): void => {};
const run = (): void => {};
const throwing = (name: string): object => ({
  get [name](): never {
    throw new Error("it throws");
  },
});
const hostile = new Proxy(
  {},
  {
    ownKeys() {
      throw new Error("no keys");
    },
    get() {
      throw new Error("no value");
    },
    has() {
      throw new Error("no has");
    },
  },
);

/** What the host says when it is asked to start these services; nothing where it starts. */
async function refusal(...services: readonly unknown[]): Promise<{ readonly service: string; readonly problem: string }[]> {
  try {
    await using _ = await createTestHost({ services: services as ServiceSource[] });
    return [];
  } catch (error) {
    if (!SoraError.is(error, "SORA_DEFINITION_INVALID")) throw error;
    return error.details["problems"] as { service: string; problem: string }[];
  }
}

/** A service of the same options as a decorated class, as a class that a plain function declares, and by `defineService`. */
function threeWays(options: object, kind: "background" | "periodic" | "startup" = "background"): readonly unknown[] {
  const decorate = { background: SoraBackgroundService, periodic: SoraPeriodicService, startup: SoraStartupService }[kind];
  @decorate(options)
  class Bad extends SoraFluentServiceBase {}
  const Plain = class Bad {
    execute(): void {}
  };
  decorate(options)(Plain);
  const withWork = kind === "background" ? options : { ...options, execute };
  return [Bad, Plain, defineService("Bad", withWork)];
}

describe("a bad option is a problem of its definition", () => {
  const bad: readonly (readonly [options: object, problem: string])[] = [
    [{ concurrency: 0 }, "concurrency is 0; it is an integer, 1 or more"],
    [{ concurrency: Number.NaN }, "concurrency is NaN"],
    [{ concurrency: 1.5 }, "concurrency is 1.5"],
    [{ concurrency: "5" }, 'concurrency is "5"'],
    [{ concurrency: Infinity }, "concurrency is Infinity"],
    [{ timeout: "5 fortnights" }, 'timeout is "5 fortnights"; it is milliseconds, or a string such as'],
    [{ timeout: 0 }, "timeout is 0; it must be longer than nothing"],
    [{ timeout: -1 }, "timeout is -1"],
    [{ timeout: Number.NaN }, "timeout is NaN"],
    [{ timeout: null }, "timeout is null"],
    [{ stalledAfter: "soon" }, 'stalledAfter is "soon"'],
    [{ priority: "high" }, 'priority is "high"; it is an integer'],
    [{ lifetime: "request" }, 'lifetime is "request"; it is one of "singleton", "scoped", "transient"'],
    [{ enabled: "yes" }, 'enabled is "yes"; it is true or false'],
    [{ runInProduction: 1 }, "runInProduction is 1"],
    [{ isCritical: null }, "isCritical is null"],
    [{ singleton: "yes" }, 'singleton is "yes"'],
    [{ description: 5 }, "description is 5; it is a string"],
    [{ configurationSection: "" }, 'configurationSection is ""; it is a string that is not empty'],
    [{ configurationSection: 5 }, "configurationSection is 5"],
    [{ settings: { folder: "string" } }, "settings is not a Standard Schema"],
    [{ settings: undefined }, "settings is undefined: it is declared further down, or its module imports this one"],
    [{ settings: hostile }, "settings is not a Standard Schema"],
    [{ restart: true }, "restart is true; it is an object"],
    [{ restart: null }, "restart is null; it is an object"],
    [{ restart: { delay: "soon" } }, 'restart.delay is "soon"'],
    [{ restart: { factor: 0.5 } }, "restart.factor is 0.5; it is 1 or more"],
    [{ restart: { factor: Number.NaN } }, "restart.factor is NaN"],
    [{ restart: { budget: -1 } }, "restart.budget is -1; it is an integer, 0 or more"],
    [{ restart: { jitter: "some" } }, 'restart.jitter is "some"'],
    [{ restart: { window: 0 } }, "restart.window is 0"],
    [{ restart: { budgt: 5 } }, "restart.budgt is no option of Sora's; did you mean budget?"],
    [{ restart: { wait: 5 } }, "restart.wait is no option of Sora's; there are delay, factor, maxDelay, jitter, budget, window, forgetAfter"],
    [{ restart: { delay: "5s", maxDelay: "1s" } }, 'restart.delay is "5s", longer than restart.maxDelay, which is "1s"'],
    [{ restart: { delay: "1m" } }, 'restart.delay is "1m", longer than restart.maxDelay, which is "30s" by default'],
    [{ restart: { delay: "1000001d" } }, 'restart.delay is "1000001d"; it is at most 1,000,000 days'],
    [{ restart: { factor: Infinity } }, "restart.factor is Infinity"],
    [{ restart: ["5s"] }, "restart is a list; it is an object"],
    [{ timeout: 8.64e13 + 1 }, "timeout is 86400000000001; it is at most 1,000,000 days"],
    [{ timeout: Infinity }, "timeout is Infinity; it is milliseconds"],
    [{ concurrency: 2 ** 53 }, "concurrency is 9007199254740992; it is an integer, 1 or more"],
    [{ intervalSecond: 5 }, "intervalSecond is no option of Sora's; did you mean intervalSeconds?"],
    [{ interval: 5 }, "interval is no option of Sora's; did you mean intervalSeconds?"],
    [{ runinproduction: true }, "runinproduction is no option of Sora's; did you mean runInProduction?"],
    [{ dependsOn: 5 }, "dependsOn has 5; it lists services"],
    [{ dependsOn: null }, "dependsOn has null"],
    [{ dependsOn: ["db", {}] }, "dependsOn has an object"],
    [{ dependsOn: [""] }, 'dependsOn has ""'],
    [{ runInProd: true }, "runInProd is no option of Sora's; did you mean runInProduction?"],
    [{ constructor: 5 }, "constructor is no option of Sora's"],
    [throwing("priority"), "priority cannot be read: Error: it throws"],
    [hostile, "its options cannot be read: Error: no keys"],
  ];

  test.each(bad.map(([options, problem]) => [problem, options] as const))("%s", async (problem, options) => {
    const expected = [{ service: "Bad", problem: expect.stringContaining(problem) }];
    for (const service of threeWays(options)) expect(await refusal(service)).toEqual(expected);
  });

  test.each([null, 5, "options", true, Symbol("options"), (): void => {}, ["1h"]])("options that are no object: %o", async options => {
    class Bad extends SoraFluentServiceBase {}
    SoraBackgroundService(options as object)(Bad);
    expect(await refusal(Bad)).toEqual([{ service: "Bad", problem: expect.stringMatching(/^its options are .+; they are an object$/) }]);
    expect(await refusal(defineService("Bad", options as object))).toEqual([
      { service: "Bad", problem: expect.stringMatching(/^its options are .+; they are an object$/) },
    ]);
  });
});

describe("a bad plan is a problem of its definition", () => {
  const bad: readonly (readonly [options: object, problem: string])[] = [
    [{ every: "1h", intervalSeconds: 5 }, "it has intervalSeconds and every; keep one"],
    [{ cron: "0 3 * * *", intervalSeconds: 5 }, "it has intervalSeconds and cron; keep one"],
    [{ cron: "0 3 * * *", every: "1h" }, "it has every and cron; keep one"],
    [{ every: "5 fortnights" }, 'every is "5 fortnights"'],
    [{ every: 0 }, "every is 0; it is at least 1 ms"],
    [{ every: "0s" }, 'every is "0s"; it is at least 1 ms'],
    [{ every: 0.5 }, "every is 0.5; it is at least 1 ms"],
    [{ every: "0.9ms" }, 'every is "0.9ms"; it is at least 1 ms'],
    [{ every: -1 }, "every is -1; it is milliseconds, or a string such as"],
    [{ every: Number.NaN }, "every is NaN"],
    [{ every: Infinity }, "every is Infinity; it is milliseconds, or a string such as"],
    [{ every: 1e300 }, "every is 1e+300; it is at most 1,000,000 days"],
    [{ every: "1000000.5d" }, 'every is "1000000.5d"; it is at most 1,000,000 days'],
    [{ intervalSeconds: 0 }, "intervalSeconds is 0; it is a number of seconds, 0.001 or more"],
    [{ intervalSeconds: 0.0005 }, "intervalSeconds is 0.0005; it is a number of seconds, 0.001 or more"],
    [{ intervalSeconds: -5 }, "intervalSeconds is -5"],
    [{ intervalSeconds: Number.NaN }, "intervalSeconds is NaN"],
    [{ intervalSeconds: Infinity }, "intervalSeconds is Infinity"],
    [{ intervalSeconds: 1e12 }, "intervalSeconds is 1000000000000; it is at most 86,400,000,000, a million days"],
    [{ every: "1h", intervalSeconds: 5, cron: "0 3 * * *" }, "it has intervalSeconds and every and cron; keep one"],
    [{ every: "5m", jitter: "6m" }, 'jitter is "6m", longer than every, which is "5m": a run would be put off past the next'],
    [{ intervalSeconds: 5, jitter: 5_001 }, "jitter is 5001, longer than intervalSeconds, which is 5"],
    [{ every: "1h", jitter: Number.NaN }, "jitter is NaN"],
    [{ every: "1h", initialDelaySeconds: Number.NaN }, "initialDelaySeconds is NaN"],
    [{ every: "1h", initialDelaySeconds: 1e11 }, "initialDelaySeconds is 100000000000; it is at most 86,400,000,000"],
    [{ every: "1h", misfire: { all: 1_001 } }, "misfire.all is 1001; it is 1,000 at the most"],
    [{ every: "1h", evry: "2h" }, "evry is no option of Sora's; did you mean every?"],
    [{ cron: ["0 3 * * *"] }, "cron is a list"],
    [{ intervalSeconds: "60" }, 'intervalSeconds is "60"'],
    [{ every: "1h", jitter: "some" }, 'jitter is "some"'],
    [{ every: "1h", jitter: -1 }, "jitter is -1"],
    [{ every: "1h", overlap: "wait" }, 'overlap is "wait"; it is one of "skip", "queue", "allow"'],
    [{ every: "1h", misfire: "twice" }, 'misfire is "twice"; it is one of "skip", "once", "all"'],
    [{ every: "1h", misfire: { all: 0 } }, "misfire.all is 0; it is an integer, 1 or more"],
    [{ every: "1h", misfire: null }, "misfire is null"],
    [{ every: "1h", timeZone: "Europe/Berlin" }, "timeZone stands without cron; an interval has no time zone"],
    [{ every: "1h", initialDelaySeconds: -1 }, "initialDelaySeconds is -1; it is a number of seconds, 0 or more"],
    [{ every: "1h", runOnStartup: "yes" }, 'runOnStartup is "yes"'],
    [{ cron: "60 * * * *" }, "minute"],
    [{ cron: "0 0 31 2 *" }, "no date has day 31 in month 2"],
    [{ cron: "whenever" }, "whenever"],
    [{ cron: "" }, 'cron is ""; it is a string that is not empty'],
    [{ cron: 5 }, "cron is 5"],
    [{ cron: "0 3 * * *", timeZone: "Mars/X" }, "Mars/X"],
    [{ cron: "0 3 * * *", timeZone: 5 }, "timeZone is 5"],
    [{ every: "1h", startupOrder: 1 }, "startupOrder belongs to a startup service, and this is a periodic one"],
    [{ every: "1h", timeoutSeconds: 1 }, "timeoutSeconds belongs to a startup service"],
  ];

  test.each(bad.map(([options, problem]) => [problem, options] as const))("%s", async (problem, options) => {
    const expected = [{ service: "Bad", problem: expect.stringContaining(problem) }];
    for (const service of threeWays(options, "periodic")) expect(await refusal(service)).toEqual(expected);
  });

  test.each([
    [{ startupOrder: 1.5 }, "startupOrder is 1.5; it is an integer"],
    [{ startupOrder: 1, timeoutSeconds: 0 }, "timeoutSeconds is 0; it is a number of seconds, 0.001 or more"],
    [{ startupOrder: 1, timeoutSeconds: Number.NaN }, "timeoutSeconds is NaN; it is a number of seconds, 0.001 or more"],
    [{ startupOrder: 1, timeoutSeconds: "30" }, 'timeoutSeconds is "30"'],
    [{ startupOrder: 1, timeoutSeconds: 1e11 }, "timeoutSeconds is 100000000000; it is at most 86,400,000,000, a million days"],
    [{ startupOrder: Number.NaN }, "startupOrder is NaN; it is an integer"],
    [{ startupOrder: 1, continueOnFailure: "no" }, 'continueOnFailure is "no"'],
    [{ startupOrder: 1, jitter: "5s" }, "jitter belongs to a periodic service, and this is a startup one"],
  ])("%o: %s", async (options, problem) => {
    for (const service of threeWays(options, "startup"))
      expect(await refusal(service)).toEqual([{ service: "Bad", problem: expect.stringContaining(problem) }]);
  });

  test("a cron expression and its time zone are both reported", async () => {
    expect((await refusal(defineService("Bad", { cron: "60 * * * *", timeZone: "Mars/X", execute }))).map(({ problem }) => problem)).toEqual([
      expect.stringContaining("60"),
      expect.stringContaining("Mars/X"),
    ]);
  });

  test("a periodic or startup service needs its work", async () => {
    class Idle {}
    SoraPeriodicService()(Idle as never);
    class IdleStartup {}
    SoraStartupService()(IdleStartup as never);
    expect(await refusal(Idle, IdleStartup, defineService("A", { every: "1h" }), defineService("B", { startupOrder: 1 }))).toEqual([
      { service: "Idle", problem: "a periodic service needs a method execute(signal)" },
      { service: "IdleStartup", problem: "a startup service needs a method execute(signal)" },
      { service: "A", problem: "a periodic service needs execute" },
      { service: "B", problem: "a startup service needs execute" },
    ]);
  });
});

describe("a bad action is a problem of its definition, with the member's name", () => {
  const bad: readonly (readonly [options: object, problem: string])[] = [
    [{ parameters: { to: "string" } }, "parameters is not a Standard Schema (zod, valibot, arktype, …); use type<T>() where no check is wanted"],
    [{ parameters: undefined }, "parameters is undefined: it is declared further down, or its module imports this one"],
    [{ parameters: hostile }, "parameters is not a Standard Schema"],
    [{ parameters: { "~standard": { version: 1 } } }, "parameters is not a Standard Schema"],
    [{ concurrency: 0 }, "concurrency is 0"],
    [{ timeout: "5 min" }, 'timeout is "5 min"'],
    [{ version: 0 }, "version is 0; it is an integer, 1 or more"],
    [{ retry: { attempts: -1 } }, "retry.attempts is -1; it is an integer, 1 or more"],
    [{ retry: { attempts: Number.NaN } }, "retry.attempts is NaN"],
    [{ retry: { attempts: 0 } }, "retry.attempts is 0"],
    [{ retry: { backoff: "linear" } }, 'retry.backoff is "linear"; it is one of "fixed", "exponential"'],
    [{ retry: { delay: "soon" } }, 'retry.delay is "soon"'],
    [{ retry: { maxDelay: -1 } }, "retry.maxDelay is -1"],
    [{ retry: { attempts: 1.5 } }, "retry.attempts is 1.5"],
    [{ retry: { attempts: Infinity } }, "retry.attempts is Infinity"],
    [{ retry: { jitter: 0.5 } }, 'retry.jitter is 0.5; it is one of "full", "none"'],
    [{ retry: { delay: "10m" } }, 'retry.delay is "10m", longer than retry.maxDelay, which is "5m" by default'],
    [{ retry: { delay: 2, maxDelay: 1 } }, "retry.delay is 2, longer than retry.maxDelay, which is 1"],
    [{ retry: { attemps: 5 } }, "retry.attemps is no option of Sora's; did you mean attempts?"],
    [{ retry: { times: 5 } }, "retry.times is no option of Sora's; there are attempts, backoff, delay, maxDelay, jitter, retryIf"],
    [{ timeout: "1000001d" }, 'timeout is "1000001d"; it is at most 1,000,000 days'],
    [{ timeout: 0 }, "timeout is 0; it must be longer than nothing"],
    [{ version: Number.NaN }, "version is NaN"],
    [{ retry: { retryIf: true } }, "retry.retryIf is true; it is a function"],
    [{ retry: 5 }, "retry is 5; it is an object"],
    [{ retry: null }, "retry is null"],
    [{ migrate: { 0: run } }, "migrate.0 is a function; it is a function that lifts version 1, 2, … by one"],
    [{ migrate: { 1: 5 } }, "migrate.1 is 5"],
    [{ migrate: 5 }, "migrate is 5"],
    [{ requiresParameters: "yes" }, 'requiresParameters is "yes"'],
    [{ idempotent: 1 }, "idempotent is 1"],
    [{ visibleParameters: "yes" }, 'visibleParameters is "yes"'],
    [{ description: null }, "description is null"],
    [{ concurency: 5 }, "concurency is no option of Sora's; did you mean concurrency?"],
    [throwing("timeout"), "timeout cannot be read: Error: it throws"],
  ];

  test.each(bad.map(([options, problem]) => [problem, options] as const))("%s", async (problem, options) => {
    const action = ServiceAction(options as ActionOptions<undefined>);
    class Bad extends SoraFluentServiceBase {
      @action checkQueue(): void {}
    }
    const Plain = class Bad {
      checkQueue(): void {}
    };
    action(Plain, "checkQueue");
    const entry = Object.defineProperties({ run }, Object.getOwnPropertyDescriptors(options));
    const expected = [{ service: "Bad", problem: expect.stringContaining(`action checkQueue: ${problem}`) }];
    for (const service of [Bad, Plain, defineService("Bad", { actions: { checkQueue: entry as never } })]) expect(await refusal(service)).toEqual(expected);
  });

  test("an action that is no method, or has a bad name, or another's", async () => {
    class Bad extends SoraFluentServiceBase {
      readonly field = 5;
      get getter(): never {
        throw new Error("needs more");
      }
      checkQueue(): void {}
      CheckQueue(): void {}
      größe(): void {}
      other(): void {}
      three(_a: unknown, _b: unknown, _c: unknown): void {}
      override isReady(): boolean {
        return true;
      }
    }
    const declare = ServiceAction as (name?: unknown) => (target: unknown, member: string) => void;
    for (const member of ["missing", "field", "getter", "checkQueue", "CheckQueue", "größe", "three", "isReady"]) declare()(Bad, member);
    declare("another")(Bad, "other");
    declare("check-queue")(Bad, "checkQueue");
    expect((await refusal(Bad)).map(({ problem }) => problem)).toEqual([
      "action checkQueue: it has two @ServiceAction; keep one",
      "action missing: it is not a method",
      "action field: it is not a method",
      "action getter: it is not a method",
      'action CheckQueue: "check-queue" is already the name of checkQueue',
      'action größe: its name "größe" is not 1 to 64 ASCII letters, digits, "-" or "_"',
      "action three: it declares 3 parameters; it takes (parameters, context)",
      "action isReady: the framework has a member of this name; give the method another",
      'action other: it is named "another", but its method\'s name in kebab case is "other"',
    ]);
    expect(
      await refusal(defineService("Bad", { actions: { checkQueue: run, CheckQueue: run, größe: run, nothing: {}, five: 5, nil: null } as never })),
    ).toEqual(
      [
        'action CheckQueue: "check-queue" is already the name of checkQueue',
        'action größe: its name "größe" is not 1 to 64 ASCII letters, digits, "-" or "_"',
        "action nothing: it is neither a function nor an object with run(parameters, context)",
        "action five: its options are 5; they are an object",
        "action five: it is neither a function nor an object with run(parameters, context)",
        "action nil: its options are null; they are an object",
        "action nil: it is neither a function nor an object with run(parameters, context)",
      ].map(problem => ({ service: "Bad", problem })),
    );
  });

  test("@ServiceAction in the wrong place is reported by the class that has it", async () => {
    const action = ServiceAction as () => (target: unknown, context: object) => void;
    class Bad extends SoraFluentServiceBase {}
    const metadata = {};
    Object.defineProperty(Bad, Symbol.metadata, { value: metadata });
    action()(run, { kind: "method", name: "shared", static: true, private: false, metadata });
    action()(run, { kind: "method", name: "#secret", static: false, private: true, metadata });
    action()(undefined, { kind: "field", name: "field", static: false, private: false, metadata });
    action()(run, { kind: "method", name: Symbol("odd"), static: false, private: false, metadata });
    expect((await refusal(Bad)).map(({ problem }) => problem)).toEqual([
      "action shared: @ServiceAction stands on a static method; an action is a public one",
      "action #secret: @ServiceAction stands on a private method; an action is a public one",
      "action field: @ServiceAction stands on a field; an action is a method",
      "action Symbol(odd): @ServiceAction stands on a method named by a symbol; an action has a name",
    ]);
  });
});

describe("a bad name or event is a problem of its definition", () => {
  test.each(["", "a b", "größe", "x".repeat(65), 5, null, undefined, {}])("a name %o", async name => {
    const problem = expect.stringMatching(/^its name .+ is not 1 to 64 ASCII letters, digits, "-" or "_"$/) as string;
    expect(await refusal(defineService(name as string))).toEqual([{ service: "a service with a bad name", problem }]);
    if (typeof name !== "string") return;
    class Named extends SoraFluentServiceBase {}
    SoraBackgroundService({ name })(Named);
    expect(await refusal(Named)).toEqual([{ service: "Named", problem }]);
  });

  test("two services of one name, whatever its case, are told by their classes", async () => {
    const First = SoraBackgroundService({ name: "Same" });
    class A extends SoraFluentServiceBase {}
    class B extends SoraFluentServiceBase {}
    First(A);
    First(B);
    const problem = "another service has this name; give one of them another by its `name` option";
    expect(await refusal(A, B, defineService("SAME"), A)).toEqual([
      { service: "Same (class B)", problem },
      { service: "SAME", problem },
    ]);
  });

  test("two service decorators on one class", async () => {
    class Twice extends SoraFluentServiceBase {}
    SoraBackgroundService()(Twice);
    SoraStartupService()(Twice);
    expect((await refusal(Twice)).map(({ problem }) => problem)).toEqual(["it has two service decorators; keep one"]);
  });

  test("an abstract class in the list", async () => {
    class Base extends SoraFluentServiceBase {}
    SoraBackgroundService({ abstract: true })(Base);
    expect((await refusal(Base)).map(({ problem }) => problem)).toEqual(["it is abstract: it serves as a base of others, which are listed in its place"]);
  });

  test("events that are none, bad or declared twice", async () => {
    const good = serviceEvent("Good");
    class Bad extends SoraFluentServiceBase {}
    const event = ServiceEvent as (event: unknown, options?: unknown) => (target: unknown) => void;
    event(5)(Bad);
    event(null)(Bad);
    event("")(Bad);
    event("Bad", { args: {} })(Bad);
    event("Missing", { args: undefined })(Bad);
    event("Null", null)(Bad);
    event("Bad2", { version: 0 })(Bad);
    event("Bad3", { descripton: "it happened" })(Bad);
    event("Bad4", { durable: "yes", description: 5 })(Bad);
    event(good)(Bad);
    event(good)(Bad);
    event("Good", { version: 2 })(Bad);
    expect((await refusal(Bad)).map(({ problem }) => problem)).toEqual([
      "an event is 5; give one that serviceEvent() made, or a name",
      "an event is null; give one that serviceEvent() made, or a name",
      expect.stringContaining('the event name ""'),
      expect.stringContaining('event "Bad" has a schema that does not speak Standard Schema'),
      "event Missing: args is undefined: it is declared further down, or its module imports this one",
      "event Null: its options are null; they are an object",
      "event Bad2: version is 0; it is an integer, 1 or more",
      "event Bad3: descripton is no option of an event; did you mean description?",
      'event Bad4: durable is "yes"; it is true or false; event Bad4: description is 5; it is a string',
      "event Good is declared twice; keep one",
    ]);
    expect(
      (
        await refusal(
          defineService("Bad", {
            events: {
              a: good,
              b: good,
              c: serviceEvent("Good"),
              d: 5,
              e: serviceEvent("a b"),
              f: serviceEvent("Bad2", z.string(), { version: 0 }),
              g: serviceEvent("Bad3", z.string(), { vesion: 2 } as object),
              h: serviceEvent("Bad4", z.string(), 5 as never),
            } as never,
          }),
        )
      ).map(({ problem }) => problem),
    ).toEqual([
      "event Good is declared twice; keep one",
      "an event is 5; give one that serviceEvent() made, or a name",
      expect.stringContaining('the event name "a b"'),
      "event Bad2: version is 0; it is an integer, 1 or more",
      "event Bad3: vesion is no option of an event; did you mean version?",
      "event Bad4: its options are 5; they are an object",
    ]);
  });

  test("functions of a spec that are none", async () => {
    expect(
      (
        await refusal(
          defineService("Bad", {
            execute: 5,
            check: "healthy",
            supportedCommands: ["trigger"],
            onTriggerNow: run,
            name: "Other",
            abstract: true,
            action: { work: run },
            isRedy: run,
          } as never),
        )
      ).map(({ problem }) => problem),
    ).toEqual([
      "execute is 5; it is a function",
      'check is "healthy"; it is a function',
      "name is no option of defineService, whose first argument is the name",
      "abstract is no option of defineService, whose first argument is the name",
      "action is no option of Sora's; did you mean actions?",
      "isRedy is no option of Sora's; did you mean isReady?",
      "onTriggerNow belongs to a periodic service, and this is a background one",
      "supportedCommands is not a list of command classes",
    ]);
    expect((await refusal(defineService("Bad", { actions: 5, events: "all" } as never))).map(({ problem }) => problem)).toEqual([
      "actions: its options are 5; they are an object",
      'events: its options are "all"; they are an object',
    ]);
  });
});

describe("a bad dependency is a problem of the definitions", () => {
  test("one that the host lacks, by class and by definition", async () => {
    class Absent extends SoraFluentServiceBase {}
    const absent = defineService("AbsentToo");
    expect(await refusal(defineService("Dependent", { dependsOn: [Absent, absent, "a contributor that comes later"] }))).toEqual([
      { service: "Dependent", problem: "it depends on Absent, which this host does not have" },
      { service: "Dependent", problem: "it depends on AbsentToo, which this host does not have" },
    ]);
  });

  test("a circle, with its members named", async () => {
    const problems = await refusal(
      defineService("A", { dependsOn: "B" }),
      defineService("B", { dependsOn: ["C"] }),
      defineService("C", { dependsOn: ["A"] }),
      defineService("Alone", { dependsOn: "Alone" }),
    );
    expect(problems).toEqual([
      { service: "start order", problem: "services depend on each other in a circle: A → B → C → A" },
      { service: "start order", problem: "services depend on each other in a circle: Alone → Alone" },
    ]);
  });

  test("a startup service that waits for one which starts after it", async () => {
    const problems = await refusal(defineService("First", { startupOrder: 1, execute, dependsOn: "Later" }), defineService("Later"));
    expect(problems).toEqual([{ service: "start order", problem: "startup service First depends on Later, which starts after all startup services" }]);
  });
});

test("a start rejects once, with every problem of every definition", async () => {
  class Decorated extends SoraFluentServiceBase {
    work(): void {}
  }
  SoraBackgroundService({ concurrency: 0, priority: Number.NaN })(Decorated);
  ServiceAction({ retry: { attempts: -1 } })(Decorated, "work");
  const services = [
    Decorated,
    defineService("a b", { timeout: "soon" as never }),
    defineService("Timed", { cron: "60 * * * *", execute }),
    defineService("X", { dependsOn: "Y" }),
    defineService("Y", { dependsOn: "X" }),
    defineService("Y"),
  ];

  const error = await createTestHost({ services }).then(
    () => undefined,
    (thrown: unknown) => thrown as SoraError,
  );

  expect(error).toMatchObject({ code: "SORA_DEFINITION_INVALID" });
  const problems = (error?.details["problems"] ?? []) as readonly { readonly service: string; readonly problem: string }[];
  expect(problems.map(({ service }) => service)).toEqual([
    "Decorated",
    "Decorated",
    "Decorated",
    "a service with a bad name",
    "a service with a bad name",
    "Timed",
    "Y",
    "start order",
  ]);
  for (const { service, problem } of problems) expect(error?.message).toContain(`  - ${service}: ${problem}`);
  expect(error?.message).toMatch(/^Cannot start: 8 things are wrong with the service definitions\.\n/);
});

test("definitionOf and serviceContract never throw, whatever they are given", () => {
  for (const target of [() => {}, function old() {}, class {}, Object, Proxy, new Proxy(class {}, {}), async () => {}, Object.freeze(class {})]) {
    expect(Array.isArray(definitionOf(target).problems)).toBe(true);
    expect(definitionOf(target)).toBe(definitionOf(target));
  }
  for (const [name, spec] of [
    [5, undefined],
    ["", null],
    ["A", 5],
    ["A", hostile],
    ["A", { actions: hostile }],
    ["A", { actions: { a: hostile } }],
    ["A", { actions: { a: { parameters: 5 } }, events: { e: 5 } }],
  ] as const) {
    expect(serviceContract(name as string, spec as object).problems).not.toEqual([]);
  }
  expect(serviceContract("A", { actions: { a: { parameters: z.string() } } }).problems).toEqual([]);
});

test.each(
  Object.entries({
    undefined,
    null: null,
    "a number": 5,
    "a string": "class",
    "a symbol": Symbol("class"),
    "an object": {},
    "a hostile Proxy": hostile,
    "a frozen object": Object.freeze({}),
  }),
)("decorators as plain functions never throw, also not on %s", (_title, target) => {
  for (const decorate of [SoraBackgroundService(), SoraPeriodicService(), SoraStartupService(), ServiceEvent("E")] as ((
    target: unknown,
    context?: unknown,
  ) => void)[]) {
    expect(() => decorate(target)).not.toThrow();
    expect(() => decorate(target, null)).not.toThrow();
    expect(() => decorate(target, {})).not.toThrow();
    expect(() => decorate(target, hostile)).not.toThrow();
  }
  const action = ServiceAction() as unknown as (target: unknown, member: unknown) => void;
  for (const member of ["work", undefined, null, 5, Symbol("s"), {}, hostile]) expect(() => action(target, member)).not.toThrow();
});
