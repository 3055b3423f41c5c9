import { type as arktype } from "arktype";
import * as v from "valibot";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { serviceEvent } from "../events/service-event.ts";
import { SoraServices } from "../fluent/sora-services.ts";
import { defineService } from "./define-service.ts";
import { type } from "./type.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { RunContext } from "../actions/run-context.ts";
import type { BatchParameters } from "../fluent/shape-of.ts";

type Untyped = Readonly<Record<string, unknown>>;
const Zod = z.object({ to: z.string(), from: z.string().default("auto") });

const translation = defineService("TranslationService", {
  description: "translates",
  runInProduction: true,
  concurrency: 5,
  events: { done: serviceEvent("Done", Zod), plain: serviceEvent("Plain"), bare: serviceEvent("Bare", type<{ id: string }>()) },
  actions: {
    translate: {
      parameters: Zod,
      concurrency: 5,
      retry: { attempts: 3, backoff: "exponential" },
      run: async (options, context) => {
        expectTypeOf(options).toEqualTypeOf<{ to: string; from: string }>();
        expectTypeOf(context).toEqualTypeOf<ActionContext<Untyped>>();
        return { characters: options.to.length };
      },
    },
    asMethod: {
      parameters: Zod,
      async run(options, context) {
        expectTypeOf(options).toEqualTypeOf<{ to: string; from: string }>();
        return context.attempt;
      },
    },
    valibot: { parameters: v.object({ n: v.optional(v.number(), 1) }), run: async options => options.n },
    arktype: { parameters: arktype({ n: "number" }), run: async options => options.n },
    bare: { parameters: type<{ id: string }>(), run: async ({ id }) => id },
    text: { parameters: type<string>(), run: text => text.length },
    optional: { parameters: z.string().optional(), run: async text => text ?? "none" },
    unchecked: { run: async options => expectTypeOf(options).toBeUnknown() },
    nothing: { run: async () => "nothing" as const },
    checkQueue: async context => {
      expectTypeOf(context).toEqualTypeOf<ActionContext<Untyped>>();
      return context.action;
    },
    atOnce: () => 5,
    parseURL: async () => {},
  },
  execute: async context => expectTypeOf(context).toEqualTypeOf<RunContext<Untyped>>(),
});

// What callers see.
const services = SoraServices.of(translation);
expectTypeOf(services.do("translate", { to: "de" }).execute()).toEqualTypeOf<Promise<{ characters: number }>>();
expectTypeOf(services.do("as-method", { to: "de", from: "en" }).execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(services.do("valibot", {}).execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(services.do("arktype", { n: 1 }).execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(services.do("bare", { id: "a" }).execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(services.do("text", "a").execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(services.do("optional").execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(services.do("unchecked", 5).execute()).toEqualTypeOf<Promise<true>>();
expectTypeOf(services.do("nothing").execute()).toEqualTypeOf<Promise<"nothing">>();
expectTypeOf(services.do("check-queue").execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(services.do("at-once").execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(services.do("parse-url").execute()).toEqualTypeOf<Promise<void>>();
// @ts-expect-error an unknown action
services.do("translat", { to: "de" });
// @ts-expect-error a key is not a name
services.do("checkQueue");
// @ts-expect-error parameters are missing
services.do("translate");
// @ts-expect-error a property is missing
services.do("translate", {});
// @ts-expect-error a property of another type
services.do("translate", { to: 5 });
// @ts-expect-error a property too many
services.do("translate", { to: "de", form: "en" });
// @ts-expect-error an action without parameters
services.do("check-queue", {});
// @ts-expect-error an action without parameters
services.do("nothing", {});
// @ts-expect-error it is not periodic
services.do("trigger");

// Settings reach every context.
defineService("WithSettings", {
  settings: z.object({ folder: z.string(), days: z.number().default(30) }),
  every: "1h",
  actions: {
    bare: async ({ settings }) => expectTypeOf(settings).toEqualTypeOf<{ folder: string; days: number }>(),
    full: { parameters: Zod, run: async (_options, { settings }) => expectTypeOf(settings).toEqualTypeOf<{ folder: string; days: number }>() },
  },
  execute: async ({ settings, scheduledAt }) => [expectTypeOf(settings).toEqualTypeOf<{ folder: string; days: number }>(), scheduledAt],
  onTriggerNow: async ({ settings }) => expectTypeOf(settings).toEqualTypeOf<{ folder: string; days: number }>(),
  onProcessBatch: async ({ batchSize }, { settings }) => [batchSize, expectTypeOf(settings).toEqualTypeOf<{ folder: string; days: number }>()],
});

// Built-in commands, wherever there is an interval.
for (const periodic of [
  defineService("Every", { every: "1h", execute() {} }),
  defineService("Cron", { cron: "0 3 * * *", execute() {} }),
  defineService("Seconds", { intervalSeconds: 60, execute() {} }),
]) {
  expectTypeOf(SoraServices.of(periodic).do("trigger").execute()).toEqualTypeOf<Promise<void>>();
  expectTypeOf(SoraServices.of(periodic).do("check-queue").execute()).toEqualTypeOf<Promise<void>>();
  expectTypeOf(SoraServices.of(periodic).do("process-batch", { batchSize: 5 }).execute()).toEqualTypeOf<Promise<unknown>>();
  expectTypeOf(SoraServices.of(periodic).do<"process-batch">)
    .parameter(1)
    .toEqualTypeOf<BatchParameters | undefined>();
  // @ts-expect-error a batch has a size
  SoraServices.of(periodic).do("process-batch", { size: 5 });
  // @ts-expect-error an unknown command
  SoraServices.of(periodic).do("process");
}
// @ts-expect-error a startup service runs once
SoraServices.of(defineService("Startup", { startupOrder: 1, execute() {} })).do("trigger");
// @ts-expect-error neither does one without a plan
SoraServices.of(defineService("Background", {})).do("check-queue");
// @ts-expect-error nor one that says nothing
SoraServices.of(defineService("Nothing")).do("trigger");

// An action of a command's name is what the name means.
const own = SoraServices.of(
  defineService("Own", { every: "1h", execute() {}, actions: { checkQueue: { parameters: type<string>(), run: (queue: string) => queue.length } } }),
);
expectTypeOf(own.do("check-queue", "q").execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(own.do("trigger").execute()).toEqualTypeOf<Promise<void>>();
// @ts-expect-error parameters are missing
own.do("check-queue");

// Beside one plan everything is still inferred.
const planned = defineService("Planned", {
  cron: "0 3 * * *",
  timeZone: "Europe/Berlin",
  settings: z.object({ folder: z.string() }),
  actions: { work: { parameters: Zod, run: async (options, { settings }) => [options.from, settings.folder] as const } },
  execute: async ({ settings }) => expectTypeOf(settings).toEqualTypeOf<{ folder: string }>(),
});
expectTypeOf(SoraServices.of(planned).do("work", { to: "de" }).execute()).toEqualTypeOf<Promise<readonly [string, string]>>();
expectTypeOf(SoraServices.of(planned).do("trigger").execute()).toEqualTypeOf<Promise<void>>();

// What does not compile.
defineService("Bad", {
  actions: {
    // @ts-expect-error a bare function gets the context
    bare: async (options: string) => options,
    // @ts-expect-error a bare function has one parameter
    two: async (options: string, context: ActionContext) => [options, context],
    // @ts-expect-error the method wants what the schema does not yield
    mistyped: { parameters: Zod, run: async (options: { to: number }) => options },
    // @ts-expect-error parameters without a schema are unknown
    unchecked: { run: async (options: { to: string }) => options },
    // @ts-expect-error an action with options has run
    without: { parameters: Zod },
    // @ts-expect-error a typo in a duration
    late: { timeout: "5 min", run: async () => {} },
    // @ts-expect-error neither function nor object
    nonsense: 5,
  },
});
// @ts-expect-error an option that is not there
defineService("Bad", { runInProd: true });
// @ts-expect-error a typo in a duration
defineService("Bad", { every: "1 hour" });
// @ts-expect-error two plans
defineService("Bad", { every: "1h", cron: "0 3 * * *", execute() {} });
// @ts-expect-error two plans
defineService("Bad", { every: "1h", intervalSeconds: 5, execute() {} });
// @ts-expect-error two plans, whatever else is there
defineService("Bad", { actions: { work: async () => 5 }, cron: "0 3 * * *", intervalSeconds: 5, execute: async () => {} });
// @ts-expect-error the name is the first argument
defineService("Bad", { name: "Other" });
// @ts-expect-error an event is made by serviceEvent
defineService("Bad", { events: { done: "Done" } });
// @ts-expect-error settings are a schema
defineService("Bad", { settings: { folder: "string" } });
// @ts-expect-error a setting that is not there
defineService("Bad", { settings: z.object({ folder: z.string() }), execute: ({ settings }) => settings.folders });
