import * as vitest from "vitest";
import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { serviceContract } from "../definition/service-contract.ts";
import { SoraError } from "../errors/sora-error.ts";
import { HealthReport } from "../health/health-report.ts";
import { token } from "../injection/token.ts";
import { createMemoryLogger } from "../logging/memory-logger.ts";
import { createTestHost, createVirtualClock, seededChance, seededIds } from "../testing/index.ts";
import { systemClock } from "../time/system-clock.ts";
import { addSora, SoraHost } from "./sora-host.ts";
import type { TestHostOptions } from "../testing/index.ts";
import type { SoraHostOptions } from "./host-options.ts";

class Greeter {
  async execute(): Promise<void> {}
}
const greeter = defineService("Greeter");
const Name = token<string>("Name");
const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error("no value");
    },
    has() {
      throw new Error("no has");
    },
    getPrototypeOf() {
      throw new Error("no prototype");
    },
  },
);

async function errorOf(start: () => unknown): Promise<SoraError> {
  try {
    await start();
  } catch (error) {
    if (SoraError.is(error, "SORA_OPTION_INVALID")) return error;
    throw error;
  }
  return expect.unreachable("nothing was thrown");
}

const problemsOf = async (options: unknown): Promise<unknown> => (await errorOf(() => SoraHost.start(options as SoraHostOptions))).details["problems"];

const bad: readonly (readonly [options: unknown, ...problems: string[]])[] = [
  [null, "its options are null; they are an object"],
  [5, "its options are 5; they are an object"],
  [[Greeter], "its options are a list; they are an object"],
  [Greeter, "its options are a function; they are an object"],
  [{ service: [Greeter] }, "service is no option of a host; did you mean services?"],
  [{ shutdownTimout: "5s" }, "shutdownTimout is no option of a host; did you mean shutdownTimeout?"],
  [{ providers: [] }, "providers is no option of a host; did you mean provide?"],
  [{ onCriticalFailur: "stop" }, "onCriticalFailur is no option of a host; did you mean onCriticalFailure?"],
  [{ signal: true }, "signal is no option of a host; did you mean signals?"],
  [
    { zzz: 1 },
    "zzz is no option of a host; there are services, discover, environment, configuration, contentRoot, provide, contributors, clock, chance, ids, logger, intercept, shutdownTimeout, onCriticalFailure, signals, store, worker, web, ambientFlow, watchConfiguration, name",
  ],
  [{ runsAll: true }, expect.stringContaining("runsAll is no option of a host; there are ") as string],
  [{ services: Greeter }, "services is a function; it is a list of classes and definitions"],
  [
    {
      services: [
        undefined,
        null,
        5,
        "Greeter",
        {},
        () => {},
        [greeter],
        new Greeter(),
        serviceContract("Remote"),
        Promise.resolve(greeter),
        vitest,
        hostile,
        Symbol("service"),
      ],
    },
    "services[0] is undefined: it is declared further down, or its module imports this one",
    "services[1] is null; a service is a class, or what defineService() returned",
    "services[2] is 5; a service is a class, or what defineService() returned",
    'services[3] is "Greeter"; a service is a class, or what defineService() returned',
    "services[4] is an object; a service is a class, or what defineService() returned",
    "services[5] is a function; a service is a class, or what defineService() returned",
    "services[6] is a list; spread it with ...",
    "services[7] is an instance of Greeter; list the class itself, the host makes the instance",
    "services[8] is a contract, which says what a service elsewhere can do; list the class or definition that does it",
    "services[9] is a promise; await it first",
    "services[10] is a module; list what it exports",
    "services[11] is an object; a service is a class, or what defineService() returned",
    "services[12] is Symbol(service); a service is a class, or what defineService() returned",
  ],
  [{ discover: 5 }, "discover is 5; it is a path or a URL of a folder"],
  [{ discover: "" }, 'discover is ""; it is a path or a URL of a folder'],
  [
    { discover: ["services", null, new URL("https://u:secret@example.com/")] },
    "discover[1] is null; it is a path or a URL of a folder",
    "discover[2] is a URL of https: and not of a folder, whose begins with file:",
  ],
  [{ environment: "" }, 'environment is ""; it is a string that is not empty'],
  [{ environment: 5 }, "environment is 5; it is a string that is not empty"],
  [{ configuration: "appsettings.json" }, 'configuration is "appsettings.json"; it is an object'],
  [{ configuration: [] }, "configuration is a list; it is an object"],
  [{ contentRoot: new URL("https://example.com/") }, "contentRoot is a URL of https: and not of a folder, whose begins with file:"],
  [{ contentRoot: true }, "contentRoot is true; it is a path or a URL of a folder"],
  [{ provide: { Name: "a" } }, "provide is an object; it is a list of classes, and of keys with their values"],
  [
    { provide: [Greeter, [Name], [undefined, 1]] },
    "provide[1] gives Name no value",
    "provide[2] has undefined for a key, which is a class or a token: is it declared further down, or does its module import this one?",
  ],
  [
    { contributors: [{ name: "db" }, { name: "", check: () => HealthReport.healthy() }, null] },
    "contributors[0] has no check(); it is an object with check",
    'contributors[1].name is ""; it is a string that is not empty',
    "contributors[2] is null; it is an object with check",
    "contributors[2].name is undefined; it is a string that is not empty",
  ],
  [{ clock: Date }, "clock has no monotonic(), setTimer(), sleep(); it is an object with now, monotonic, setTimer, sleep"],
  [{ chance: Math.random }, "chance has no next(); it is an object with next"],
  [{ ids: "uuid" }, 'ids is "uuid"; it is an object with next'],
  [{ logger: console }, "logger has no child(); it is an object with debug, info, warn, error, child"],
  [{ logger: true }, "logger is true; it is an object with debug, info, warn, error, child"],
  [{ logger: null }, "logger is null; it is an object with debug, info, warn, error, child"],
  [{ intercept: () => {} }, "intercept is a function; it is an object with call, run or event"],
  [{ intercept: { calls: () => {} } }, "intercept has calls, and none of call, run and event"],
  [
    { intercept: [{ call: 5 }, {}, undefined] },
    "intercept[0].call is 5; it is a function",
    "intercept[2] is undefined; it is an object with call, run or event",
  ],
  [{ shutdownTimeout: "5 fortnights" }, 'shutdownTimeout is "5 fortnights"; it is milliseconds, or a string such as "250ms", "30s", "5m", "1h" or "7d"'],
  [{ shutdownTimeout: -1 }, expect.stringContaining("shutdownTimeout is -1; it is milliseconds") as string],
  [{ shutdownTimeout: Number.NaN }, expect.stringContaining("shutdownTimeout is NaN; it is milliseconds") as string],
  [{ shutdownTimeout: Infinity }, expect.stringContaining("shutdownTimeout is Infinity; it is milliseconds") as string],
  [{ shutdownTimeout: Number.MAX_SAFE_INTEGER }, "shutdownTimeout is 9007199254740991; it is at most 1,000,000 days"],
  [{ onCriticalFailure: "exit" }, 'onCriticalFailure is "exit"; it is one of "stop", "report"'],
  [{ signals: "SIGTERM" }, 'signals is "SIGTERM"; it is true or false'],
  [{ ambientFlow: 1, watchConfiguration: null }, "ambientFlow is 1; it is true or false", "watchConfiguration is null; it is true or false"],
  [{ name: " " }, 'name is " "; it is a string that is not empty'],
  [{ web: 4310 }, "web is 4310; it is an object"],
  [{ web: { prot: 4310 } }, "web.prot is no option of a host's control plane; did you mean port?"],
  [{ web: { port: "4310" } }, 'web.port is "4310"; it is an integer from 0 to 65535'],
  [{ web: { port: 65_536 } }, "web.port is 65536; it is an integer from 0 to 65535"],
  [
    { web: { address: "", allowedHosts: "ops.example.com", allowedOrigins: [5], streams: -1 } },
    'web.address is ""; it is a string that is not empty',
    'web.allowedHosts is "ops.example.com"; it is a list of host names',
    "web.allowedOrigins[0] is 5; it is a string that is not empty",
    "web.streams is -1; it is an integer, 0 or more",
  ],
  [{ web: { token: "a-secret-of-many-letters" } }, "web.token is no option of a host's control plane; did you mean tokens?"],
  [{ web: { tokens: "a-secret-of-many-letters" } }, "web.tokens is no list; it is a list of objects with token and scope"],
  [
    { web: { tokens: ["a-secret-of-many-letters", { scope: "root" }, { token: ["a-secret"], scop: "read" }] } },
    "web.tokens[0] is no object; it has token and scope",
    "web.tokens[1].token is no string; it is one of 16 characters or more",
    'web.tokens[1].scope is "root"; it is one of "read", "operate", "admin"',
    "web.tokens[2].token is no string; it is one of 16 characters or more",
    'web.tokens[2].scope is null; it is one of "read", "operate", "admin"',
    "web.tokens[2].scop is no option of a token; did you mean scope?",
  ],
  [
    {
      get services() {
        throw new Error("it throws");
      },
      contributors: [hostile],
    },
    "services cannot be read: Error: it throws",
    "contributors cannot be read: Error: no value",
  ],
];

describe("the options of a host", () => {
  test.each(bad.map(([options, ...problems]) => [problems, options] as const))("%j", async (problems, options) => {
    expect(await problemsOf(options)).toEqual(problems);
    if (typeof options !== "object" || options === null || Array.isArray(options)) return;
    expect((await errorOf(() => addSora(options as SoraHostOptions))).details["problems"]).toEqual(problems);
  });

  test("are refused before anything starts, all together, in one message without a secret", async () => {
    let made = 0;
    class Started {
      readonly number = ++made;
    }
    const options = { services: [Started, undefined], shutdownTimeout: "soon", web: { tokens: [{ token: 5, scope: "read" }] }, discover: "nowhere", nam: "x" };
    const error = await errorOf(() => SoraHost.start(options as never));
    expect(error).toMatchObject({ code: "SORA_OPTION_INVALID", retryable: false, fix: "Give what the message says is allowed." });
    expect(error.message).toBe(
      [
        "Cannot make a host: 4 of its options are wrong.",
        "  - services[1] is undefined: it is declared further down, or its module imports this one",
        '  - shutdownTimeout is "soon"; it is milliseconds, or a string such as "250ms", "30s", "5m", "1h" or "7d"',
        "  - web.tokens[0].token is no string; it is one of 16 characters or more",
        "  - nam is no option of a host; did you mean name?",
      ].join("\n"),
    );
    expect(made).toBe(0);
    for (const [given] of bad) {
      const { message, details } = await errorOf(() => SoraHost.start(given as SoraHostOptions));
      expect(message + JSON.stringify(details)).not.toContain("secret");
    }
  });

  test("list fifty problems in the message, and all in the details", async () => {
    const { message, details } = await errorOf(() => SoraHost.start({ services: Array<never>(60).fill(undefined as never) }));
    expect(message.split("\n")).toHaveLength(52);
    expect(message).toMatch(/\n {2}… and 10 more$/);
    expect(details["problems"]).toHaveLength(60);
  });

  test("that are well are taken, those given as undefined as not given", async () => {
    const unset = Object.fromEntries(["services", "discover", "logger", "web", "shutdownTimeout", "name", "provide"].map(name => [name, undefined]));
    const clock = createVirtualClock();
    const chance = seededChance(1);
    const host = addSora({
      ...unset,
      services: [Greeter, greeter, class {}],
      discover: ["services", new URL("./fixtures/", import.meta.url)],
      environment: "Staging",
      configuration: {},
      contentRoot: new URL("./", import.meta.url),
      provide: [Greeter, [Name, "a"]],
      contributors: [{ name: "db", check: () => HealthReport.healthy() }],
      clock,
      chance,
      ids: seededIds(chance),
      logger: createMemoryLogger(),
      intercept: [{ call: (_call, next) => next() }, {}],
      shutdownTimeout: 0,
      onCriticalFailure: "stop",
      signals: false,
      web: { port: 0, tokens: [{ token: "0123456789abcdef", scope: "read" }] },
      ambientFlow: false,
      watchConfiguration: false,
    });
    expect(host.name).toMatch(/-\d+$/);
    for (const web of [true, false, {}]) expect(() => addSora({ web, logger: false, discover: "." })).not.toThrow();
  });

  test("may stand on the prototype of what is given, and be changed afterwards in vain", async () => {
    const services = [defineService("First")];
    class Options {
      get services(): typeof services {
        return services;
      }
      get clock(): never {
        return 5 as never;
      }
    }
    expect(await problemsOf(new Options())).toEqual(["clock is 5; it is an object with now, monotonic, setTimer, sleep"]);
    const host = addSora({ services, logger: false, environment: "Production", watchConfiguration: false });
    services.push(defineService("Second"));
    await host.start();
    expect(host.list().map(({ name }) => name)).toEqual(["First", "HealthProbeScheduler"]);
    await host.stop();
  });
});

describe("the options of a test host", () => {
  test.each([
    [null, "its options are null; they are an object"],
    [[Greeter], "its options are a list; they are an object"],
    [{ clock: systemClock }, "clock is an object; it is what createVirtualClock() returned"],
    [{ clock: null }, "clock is null; it is what createVirtualClock() returned"],
    [{ seed: "1" }, 'seed is "1"; it is a finite number'],
    [{ seed: Number.NaN }, "seed is NaN; it is a finite number"],
    [{ env: "production" }, 'env is "production"; it is an object'],
    [{ builtIns: "yes", loopMonitor: 1 }, 'builtIns is "yes"; it is true or false', "loopMonitor is 1; it is true or false"],
    [{ loopMonitr: true }, "loopMonitr is no option of a test host; did you mean loopMonitor?"],
    [{ signals: true }, expect.stringContaining("signals is no option of a test host") as string],
    [{ logger: createMemoryLogger() }, expect.stringContaining("logger is no option of a test host") as string],
    [
      { services: [5], provide: 5 },
      "services[0] is 5; a service is a class, or what defineService() returned",
      expect.stringContaining("provide is 5") as string,
    ],
  ] as const)("%o: %s", async (options, ...problems) => {
    const error = await errorOf(() => createTestHost(options as TestHostOptions));
    expect(error.message).toMatch(/^Cannot make a test host: /);
    expect(error.details["problems"]).toEqual(problems);
  });
});
