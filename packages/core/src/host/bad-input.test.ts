import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { defineService } from "../definition/define-service.ts";
import { ServiceAction } from "../definition/service-action.ts";
import { SoraBackgroundService, SoraPeriodicService } from "../definition/sora-background-service.ts";
import { SoraFluentServiceBase } from "../definition/sora-fluent-service-base.ts";
import { serviceContract } from "../definition/service-contract.ts";
import { SoraError } from "../errors/sora-error.ts";
import { createTestHost } from "../testing/index.ts";
import { SoraHost } from "./sora-host.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ActionOptions } from "../definition/action-definition.ts";
import type { ServiceSource } from "./host-options.ts";

// What is promised of bad input, example by example: exactly what each gets, however the service is defined.

async function refusal(start: Promise<AsyncDisposable>): Promise<SoraError> {
  try {
    await using _ = await start;
  } catch (error) {
    if (SoraError.is(error)) return error;
    throw error;
  }
  return expect.unreachable("it started");
}

/** A periodic service of these options: a decorated class, a class declared by a plain function, and by `defineService`. */
function periodic(options: object): readonly ServiceSource[] {
  @SoraPeriodicService(options)
  class Decorated {
    execute(): void {}
  }
  const Plain = class Decorated {
    execute(): void {}
  };
  SoraPeriodicService(options)(Plain);
  return [Decorated, Plain, defineService("Decorated", { ...options, execute() {} })];
}

/** A service with one action of these options, in the same three ways. */
function withAction(options: ActionOptions<undefined>, run: (parameters: never, context: ActionContext) => unknown = () => {}): readonly ServiceSource[] {
  const action = ServiceAction(options) as (target: unknown, context: unknown) => void;
  @SoraBackgroundService({ name: "Decorated" })
  class Decorated extends SoraFluentServiceBase {
    @action work(parameters: never, context: ActionContext): unknown {
      return run(parameters, context);
    }
  }
  const Plain = class Decorated {
    work(parameters: never, context: ActionContext): unknown {
      return run(parameters, context);
    }
  };
  action(Plain, "work");
  return [Decorated, Plain, defineService("Decorated", { actions: { work: { ...options, run } as never } })];
}

const oneProblem = (problem: string, service = "Decorated"): object => ({
  code: "SORA_DEFINITION_INVALID",
  message: `Cannot start: one thing is wrong with the service definitions.\n  - ${service}: ${problem}`,
  details: { problems: [{ service, problem }] },
});

describe("cron, duration, zone", () => {
  const fields = "Write five fields (minute hour day month weekday), or six with seconds first.";
  test.each([
    [{ cron: "60 * * * *" }, `Cannot read the cron expression "60 * * * *": minute (field 1): 60 is out of 0–59. ${fields}`],
    [
      { cron: "0 0 31 2 *" },
      `Cannot read the cron expression "0 0 31 2 *": day of month (field 3) and month (field 4): no date has day 31 in month 2. ${fields}`,
    ],
    [{ cron: "0 3 * *" }, `Cannot read the cron expression "0 3 * *": it has 4 fields. ${fields}`],
    [{ every: "5 fortnights" }, 'every is "5 fortnights"; it is milliseconds, or a string such as "250ms", "30s", "5m", "1h" or "7d"'],
    [
      { cron: "0 3 * * *", timeZone: "Mars/X" },
      'Cannot use the time zone "Mars/X": it is not a name this system knows. Use an IANA name such as "Europe/Berlin" or "UTC".',
    ],
    [{ every: "1h", timeZone: "Europe/Berlin" }, "timeZone stands without cron; an interval has no time zone"],
  ])("%o at definition time, whichever way it is defined", async (options, problem) => {
    for (const service of periodic(options)) expect(await refusal(createTestHost({ services: [service] }))).toMatchObject(oneProblem(problem));
  });
});

describe("definitions", () => {
  test.each([
    [{ cron: "0 3 * * *", every: "1h" }, "it has every and cron; keep one"],
    [{ cron: "0 3 * * *", intervalSeconds: 60 }, "it has intervalSeconds and cron; keep one"],
    [{ every: "1h", concurrency: 0 }, "concurrency is 0; it is an integer, 1 or more"],
    [{ every: "1h", dependsOn: "Decorated" }, "services depend on each other in a circle: Decorated → Decorated"],
    [{ every: "1h", settings: undefined }, "settings is undefined: it is declared further down, or its module imports this one"],
  ])("%o", async (options, problem) => {
    const service = problem.includes("circle") ? "start order" : "Decorated";
    for (const source of periodic(options)) expect(await refusal(createTestHost({ services: [source] }))).toMatchObject(oneProblem(problem, service));
  });

  test.each([
    [{ retry: { attempts: -1 } }, "action work: retry.attempts is -1; it is an integer, 1 or more"],
    [{ retry: { attempts: Number.NaN } }, "action work: retry.attempts is NaN; it is an integer, 1 or more"],
    [{ concurrency: 0 }, "action work: concurrency is 0; it is an integer, 1 or more"],
    [{ parameters: undefined }, "action work: parameters is undefined: it is declared further down, or its module imports this one"],
    [{ parameters: {} }, "action work: parameters is not a Standard Schema (zod, valibot, arktype, …); use type<T>() where no check is wanted"],
    [{ timout: "5s" }, "action work: timout is no option of Sora's; did you mean timeout?"],
  ])("an action with %o", async (options, problem) => {
    for (const service of withAction(options as never)) expect(await refusal(createTestHost({ services: [service] }))).toMatchObject(oneProblem(problem));
  });

  test("a bad name, and a duplicate one", async () => {
    const problem = 'its name "no name" is not 1 to 64 ASCII letters, digits, "-" or "_"';
    class Greeter {}
    SoraBackgroundService({ name: "no name" })(Greeter);
    expect(await refusal(createTestHost({ services: [Greeter] }))).toMatchObject(oneProblem(problem, "Greeter"));
    expect(await refusal(createTestHost({ services: [defineService("no name")] }))).toMatchObject(oneProblem(problem, "a service with a bad name"));
    const taken = "another service has this name; give one of them another by its `name` option";
    for (const [first, second] of [periodic({ every: "1h" }), withAction({})] as [ServiceSource, ServiceSource][])
      expect(await refusal(createTestHost({ services: [first, second] }))).toMatchObject(oneProblem(taken));
  });

  test("an action that is no method", async () => {
    class Decorated {
      readonly work = 5;
    }
    (ServiceAction() as unknown as (target: unknown, member: string) => void)(Decorated, "work");
    const defined = defineService("Decorated", { actions: { work: 5 as never } });
    expect(await refusal(createTestHost({ services: [Decorated] }))).toMatchObject(oneProblem("action work: it is not a method"));
    expect((await refusal(createTestHost({ services: [defined] }))).details["problems"]).toEqual([
      { service: "Decorated", problem: "action work: its options are 5; they are an object" },
      { service: "Decorated", problem: "action work: it is neither a function nor an object with run(parameters, context)" },
    ]);
  });

  test("a circle through services of every kind", async () => {
    @SoraBackgroundService({ dependsOn: "Second" })
    class First extends SoraFluentServiceBase {}
    class Second {}
    SoraBackgroundService({ dependsOn: "Third" })(Second);
    const third = defineService("Third", { dependsOn: [First] });
    const problem = "services depend on each other in a circle: First → Second → Third → First";
    expect(await refusal(createTestHost({ services: [First, Second, third] }))).toMatchObject(oneProblem(problem, "start order"));
  });
});

describe("parameters", () => {
  const parameters = z.object({ to: z.enum(["de", "en"]), pages: z.array(z.object({ number: z.number().int() })) });
  const issues = [
    { path: ["to"], message: expect.stringContaining("de") as string },
    { path: ["pages", 1, "number"], message: expect.stringContaining("number") as string },
  ];

  test("of the wrong shape get every path, whichever way the action is defined and whoever asks", async () => {
    const bad = { to: "fr", pages: [{ number: 1 }, { number: "2" }] };
    let ran = 0;
    const contract = serviceContract("Decorated", { actions: { work: { parameters } } });
    for (const service of withAction({ parameters } as never, () => ++ran)) {
      await using host = await createTestHost({ services: [service] });
      const doors = [host.services(service as unknown as typeof contract), host.services(contract)];
      for (const door of doors)
        await expect(door.do("work", bad as never).execute()).rejects.toMatchObject({
          code: "SORA_PARAMETERS_INVALID",
          message: expect.stringMatching(/^Cannot call Decorated\.work: its parameters do not fit\. \$\.to: .+; \$\.pages\[1\]\.number: /) as string,
          details: { issues },
        });
    }
    expect(ran).toBe(0);
  });
});

describe("configuration", () => {
  /** A content root with these files, removed when the test has finished. */
  async function contentRootWith(files: Readonly<Record<string, string>>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "sora-bad-input-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return folder;
  }

  const start = (contentRoot: string, more: object = {}): Promise<SoraHost> =>
    SoraHost.start({ contentRoot, environment: "Development", logger: false, services: periodic({ every: "1h" }).slice(0, 1), ...more });

  test("gets all problems at once, with file, line, path, expected, got and the nearest key, and nothing starts", async () => {
    const contentRoot = await contentRootWith({
      "appsettings.json": `{
  "Sora": {
    "BackgroundServices": {
      "Enabld": true,
      "Services": {
        "Decorated": { "IntervalSeconds": 0, "Enabled": "yes" }
      }
    }
  }
}`,
      "appsettings.Development.json": '{ "Own": 1, }',
    });
    let made = 0;
    class Started {
      readonly number = ++made;
    }
    const error = await refusal(start(contentRoot, { services: [...periodic({ every: "1h" }).slice(0, 1), Started] }));
    expect(error.code).toBe("SORA_CONFIGURATION_INVALID");
    expect(made).toBe(0);
    const file = join(contentRoot, "appsettings.json");
    expect(error.details["problems"]).toEqual([
      {
        path: "",
        source: "appsettings.Development.json:1",
        file: join(contentRoot, "appsettings.Development.json"),
        line: 1,
        expected: "no comma before the closing }",
        got: "a trailing comma",
        fix: "Remove the comma.",
      },
      {
        path: "Sora:BackgroundServices:Enabld",
        source: "appsettings.json:4",
        file,
        line: 4,
        expected: "one of Enabled, StartupTimeoutSeconds, FailFastOnStartupFailure, Services in Sora:BackgroundServices",
        got: "the unknown key Enabld",
        nearest: "Enabled",
        fix: "Did you mean Enabled?",
      },
      {
        path: "Sora:BackgroundServices:Services:Decorated:IntervalSeconds",
        source: "appsettings.json:6",
        file,
        line: 6,
        expected: "a number not less than 0.001",
        got: "0",
        fix: "Give IntervalSeconds such a value, for example 60, or remove it.",
      },
      {
        path: "Sora:BackgroundServices:Services:Decorated:Enabled",
        source: "appsettings.json:6",
        file,
        line: 6,
        expected: "true or false",
        got: 'the string "yes"',
        fix: "Give Enabled such a value, for example true, or remove it.",
      },
    ]);
  });

  test("that is missing, a folder, or 100 MB", async () => {
    const contentRoot = await contentRootWith({ "appsettings.Development.json": "" });
    await mkdir(join(contentRoot, "appsettings.json"));
    await truncate(join(contentRoot, "appsettings.Development.json"), 100_000_000);
    const problems = (await refusal(start(contentRoot))).details["problems"] as readonly { readonly source: string; readonly got: string }[];
    expect(problems.map(({ source, got }) => `${source}: ${got}`)).toEqual(["appsettings.json: a folder", "appsettings.Development.json: 100,000,000 bytes"]);
    const nowhere = join(contentRoot, "absent");
    expect(await refusal(start(nowhere))).toMatchObject({
      code: "SORA_CONFIGURATION_INVALID",
      details: { problems: [{ path: "", source: `contentRoot ${nowhere}`, expected: "a folder", got: "nothing" }] },
    });
    await using host = await start(await contentRootWith({}));
    expect(host.list().map(({ state }) => state)).toContain("running");
  });
});
