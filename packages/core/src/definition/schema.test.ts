import { type as arktype } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ProcessBatchCommand } from "../commands/service-command.ts";
import { serviceEvent } from "../events/service-event.ts";
import { SoraServices } from "../fluent/sora-services.ts";
import { createTestHost } from "../testing/index.ts";
import { defineService } from "./define-service.ts";
import { checkSchema, describeIssues, isStandardSchema } from "./schema.ts";
import { ServiceAction } from "./service-action.ts";
import { serviceContract } from "./service-contract.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import { type } from "./type.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ActionContext } from "../actions/action-context.ts";

interface Translate {
  readonly to: string;
}

/** A schema that counts, and yields something new each time: a value that was checked twice would show it. */
function counting(): StandardSchemaV1<Translate, Translate> & { checks: number } {
  const schema = {
    checks: 0,
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate(value: unknown): StandardSchemaV1.Result<Translate> {
        schema.checks++;
        return { value: { to: `${(value as Translate).to}!` } };
      },
    },
  };
  return schema;
}

describe("an action with a schema checks every call once, through every door", () => {
  const schema = counting();
  const seen: unknown[] = [];
  class Translation extends SoraFluentServiceBase {
    async translate(options: Translate, _context: ActionContext): Promise<string> {
      seen.push(options);
      return options.to;
    }
    async nested(options: Translate, { services }: ActionContext): Promise<string> {
      return services(Translation).do("translate", options).execute();
    }
    override async executeAction(action: string, parameters: unknown, context: ActionContext): Promise<unknown> {
      return super.executeAction(action, parameters, context);
    }
  }
  ServiceAction({ parameters: schema })(Translation, "translate");
  ServiceAction({ parameters: schema })(Translation, "nested");
  const plain = defineService("Plain", { actions: { translate: { parameters: schema, concurrency: 1, timeout: "5s", run: async ({ to }) => to } } });
  const contract = serviceContract("Plain", { actions: { translate: { parameters: schema, result: type<string>() } } });
  const caller = defineService("Caller", {
    actions: {
      inside: async ({ services }) => services(plain).do("translate", { to: "de" }).execute(),
      ambient: async () => SoraServices.of(plain).do("translate", { to: "de" }).execute(),
    },
  });
  const own = defineService("Own", { every: "1h", execute() {}, actions: { processBatch: { parameters: schema, run: async ({ to }) => to } } });

  test.each<[door: string, checks: number, result: unknown, call: (host: Awaited<ReturnType<typeof createTestHost>>) => Promise<unknown>]>([
    ["host.services(class)", 1, "de!", host => host.services(Translation).do("translate", { to: "de" }).execute()],
    ["host.services(definition), through a lane and a time limit", 1, "de!", host => host.services(plain).do("translate", { to: "de" }).execute()],
    ["SoraServices.of", 1, "de!", () => SoraServices.of(Translation).do("translate", { to: "de" }).execute()],
    ["SoraServices.named", 1, "de!", () => SoraServices.named("translation").do("translate", { to: "de" }).execute()],
    ["SoraServices.remote", 1, "de!", () => SoraServices.remote<Translation>("Translation").do("translate", { to: "de" }).execute()],
    ["a contract", 1, "de!", host => host.services(contract).do("translate", { to: "de" }).execute()],
    [
      "call options",
      1,
      "de!",
      host => host.services(plain).do("translate", { to: "de" }).withPriority(5).withTimeout("1m").withSignal(new AbortController().signal).execute(),
    ],
    ["a chain, per action", 2, ["de!", "en!"], host => host.services(plain).do("translate", { to: "de" }).do("translate", { to: "en" }).execute()],
    ["context.services", 1, "de!", host => host.services(caller).do("inside").execute()],
    ["the ambient host", 1, "de!", host => host.services(caller).do("ambient").execute()],
    ["a nested call, per action", 2, "de!!", host => host.services(Translation).do("nested", { to: "de" }).execute()],
    ["the command bus", 1, "undefined!", host => host.commands.send(own, new ProcessBatchCommand({ batchSize: 5 }))],
  ])("%s", async (_door, checks, result, call) => {
    await using host = await createTestHost({ services: [Translation, plain, caller, own], intercept: { call: (_call, next) => next() } });
    schema.checks = 0;
    expect(await call(host)).toEqual(result);
    expect(schema.checks).toBe(checks);
  });

  test("a mixed chain and a handler's call", async () => {
    const Started = serviceEvent("Started", schema);
    const emitter = defineService("Emitter", { events: { started: Started }, actions: { start: async ({ emit }) => emit(Started, { to: "de" }) } });
    await using host = await createTestHost({ services: [emitter, plain] });
    schema.checks = 0;
    const results: unknown[] = [];
    using _ = await host
      .services(emitter)
      .on(Started)
      .do(async ({ to }, { services }) => void results.push(to, await services(plain).do("translate", { to }).execute()))
      .do("start")
      .subscribe();
    expect(results).toEqual(["de!", "de!!"]);
    expect(schema.checks).toBe(2); // the event's once, the call's once
  });

  test("a call that waits in a lane was checked before it waits", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = defineService("Slow", { actions: { work: { parameters: schema, concurrency: 1, run: async () => gate.promise } } });
    await using host = await createTestHost({ services: [slow] });
    schema.checks = 0;
    const calls = [1, 2, 3].map(() => host.services(slow).do("work", { to: "de" }).execute());
    await host.clock.settle();
    expect((await host.services(slow).query().getStatus()).waiting).toBe(2);
    expect(schema.checks).toBe(3);
    gate.resolve();
    await Promise.all(calls);
    expect(schema.checks).toBe(3);
  });
});

test.each<[library: string, schema: StandardSchemaV1<unknown, unknown>, path: (string | number)[]]>([
  ["zod", z.object({ items: z.array(z.object({ name: z.string() })), from: z.string().default("auto") }), ["items", 1, "name"]],
  ["valibot", v.object({ items: v.array(v.object({ name: v.string() })), from: v.optional(v.string(), "auto") }), ["items", 1, "name"]],
  ["arktype", arktype({ items: arktype({ name: "string" }).array(), from: "string = 'auto'" }), ["items", 1, "name"]],
])("%s: the method gets what the schema yields, a caller every path that does not fit", async (_library, schema, path) => {
  const service = defineService("Any", { actions: { take: { parameters: schema, run: async (parameters: unknown) => parameters } } });
  await using host = await createTestHost({ services: [service] });
  expect(
    await host
      .services(service)
      .do("take", { items: [{ name: "a" }] })
      .execute(),
  ).toEqual({ items: [{ name: "a" }], from: "auto" });
  await expect(
    host
      .services(service)
      .do("take", { items: [{ name: "a" }, { name: 5 }] })
      .execute(),
  ).rejects.toMatchObject({
    code: "SORA_PARAMETERS_INVALID",
    message: expect.stringContaining("$.items[1].name: ") as string,
    details: { service: "Any", action: "take", issues: [{ path, message: expect.any(String) as string }] },
  });
});

describe("a schema of the user's own making", () => {
  const make = (validate: (value: unknown) => unknown): StandardSchemaV1<string, string> => ({
    "~standard": { version: 1, vendor: "test", validate: validate as StandardSchemaV1<string, string>["~standard"]["validate"] },
  });
  const callWith = async (schema: StandardSchemaV1<string, string>, parameters = "a"): Promise<unknown> => {
    const service = defineService("Any", { actions: { take: { parameters: schema, run: async text => text } } });
    await using host = await createTestHost({ services: [service] });
    try {
      return await host.services(service).do("take", parameters).execute();
    } finally {
      const { inFlight, state } = await host.services(service).query().getStatus();
      expect({ inFlight, state }).toEqual({ inFlight: 0, state: "running" });
    }
  };

  test("may be asynchronous", async () => {
    expect(await callWith(make(async value => ({ value: `${String(value)}!` })))).toBe("a!");
    await expect(callWith(make(async () => ({ issues: [{ message: "never" }] })))).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    expect(await callWith(z.string().transform(async text => `${text}!`))).toBe("a!");
  });

  test("may give a promise of another making", async () => {
    expect(await callWith(make(value => ({ then: (resolve: (result: unknown) => void) => resolve({ value: `${String(value)}!` }) })))).toBe("a!");
  });

  test.each([
    [
      "throws",
      () => {
        throw new RangeError("broken");
      },
    ],
    [
      "rejects",
      async () => {
        throw new RangeError("broken");
      },
    ],
  ])("that %s fails the call with what it threw, and nothing else", async (_how, validate) => {
    await expect(callWith(make(validate))).rejects.toThrow(new RangeError("broken"));
  });

  test.each([undefined, null, 5])("that yields %o, which is no result, fails the call", async result => {
    await expect(callWith(make(() => result))).rejects.toThrow(TypeError);
  });

  test("may name its paths by objects and symbols", async () => {
    await expect(
      callWith(make(() => ({ issues: [{ message: "bad", path: ["a", { key: 0 }, { key: Symbol("s") }] }, { message: "worse" }] }))),
    ).rejects.toMatchObject({
      details: {
        issues: [
          { path: ["a", 0, "Symbol(s)"], message: "bad" },
          { path: [], message: "worse" },
        ],
      },
    });
  });
});

test("type<T>() checks nothing, and a call by it stays on the straight way", async () => {
  const service = defineService("Any", { actions: { take: { parameters: type<{ readonly n: number }>(), run: async ({ n }) => n } } });
  await using host = await createTestHost({ services: [service] });
  expect(
    await host
      .services(service)
      .do("take", { n: "not a number" as never })
      .execute(),
  ).toBe("not a number");
});

test("checkSchema passes what has no schema on as the very same", () => {
  const value = { a: 1 };
  expect(checkSchema(undefined, value)).toEqual({ ok: true, value });
  expect((checkSchema(type<object>(), value) as { readonly value: object }).value).toBe(value);
});

test("describeIssues writes each path from the root", () => {
  expect(
    describeIssues([
      { path: ["items", 2, "name"], message: "expected a string" },
      { path: [], message: "required" },
    ]),
  ).toBe("$.items[2].name: expected a string; $: required");
});

test("isStandardSchema takes objects and functions that speak it, and throws for nothing", () => {
  expect([z.string(), v.string(), arktype("string"), type<string>()].map(isStandardSchema)).toEqual([true, true, true, true]);
  const thrower = {
    get "~standard"(): never {
      throw new Error("no");
    },
  };
  expect(
    [undefined, null, 5, "x", {}, () => {}, { "~standard": 5 }, { "~standard": {} }, { "~standard": { validate: 5 } }, thrower].map(isStandardSchema),
  ).toEqual(Array(10).fill(false));
});

describe("checkSchema", () => {
  test("takes out of a library's message what stands under a name that promises a secret, and nothing else", () => {
    const quoting = arktype({ user: { password: "'never'" }, to: "'de' | 'en'" });
    const outcome = checkSchema(quoting, { user: { password: "hunter2" }, to: "hunter3" });
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
    expect(JSON.stringify(outcome)).toContain("hunter3");
  });

  test("reads no value that is not there or cannot be read", () => {
    const schema = (path: readonly PropertyKey[]): StandardSchemaV1 => ({
      "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message: "no", path }] }) },
    });
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error("trap");
        },
      },
    );
    expect(checkSchema(schema(["a", "token"]), {})).toEqual({ ok: false, issues: [{ message: "no", path: ["a", "token"] }] });
    expect(checkSchema(schema(["token"]), hostile)).toEqual({ ok: false, issues: [{ message: "no", path: ["token"] }] });
  });
});
