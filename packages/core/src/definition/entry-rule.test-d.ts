import { expectTypeOf, vi } from "vitest";
import { z } from "zod";
import { SoraServices } from "../fluent/sora-services.ts";
import { defineService } from "./define-service.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ActionContext } from "../actions/action-context.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { EntryRules } from "./entry-rule.ts";
import type { Retry } from "./retry.ts";

const Zod = z.object({ to: z.string(), from: z.string().default("auto") });

// What an entry may be, beside what define-service.test-d.ts has.
declare const shared: Omit<ActionOptions, "parameters">;
declare const some: Record<string, () => Promise<number>>;
declare const either: (() => number) | { readonly timeout: "5s"; run(): number };
defineService("Fine", {
  settings: z.object({ folder: z.string() }),
  actions: {
    everything: {
      description: "d",
      requiresParameters: true,
      parameters: Zod,
      concurrency: 5,
      timeout: "5s",
      heartbeat: "1s",
      rateLimit: { limit: 5, per: "1s" },
      retry: { attempts: 3, backoff: attempt => attempt * 1_000, delay: "1s", maxDelay: "1m", jitter: "none", retryIf: error => error instanceof Error },
      idempotent: true,
      visibleParameters: true,
      version: 2,
      migrate: { 1: (old: { to: string }) => ({ ...old, from: "auto" }) },
      run: async (options, { settings }) => {
        expectTypeOf(options).toEqualTypeOf<{ to: string; from: string }>();
        expectTypeOf(settings).toEqualTypeOf<{ folder: string }>();
      },
    },
    spread: { ...shared, run: async () => 5 },
    chosen: either,
    optionalContext: async (context?: ActionContext) => context,
    narrower: async (context: Pick<ActionContext, "signal">) => context.signal.aborted,
    any: async (context: any) => context as unknown,
    unchecked: { run: async (parameters: unknown, context: ActionContext) => [parameters, context] },
    anything: { run: async (parameters: any) => parameters as unknown },
  },
});
defineService("Fine", { actions: some });

// A union of entries, functions with members, and whatever is not typed.
declare const schemaOrNone: { readonly parameters: StandardSchemaV1<string, string>; run(text: string): string } | (() => number);
declare const anything: any;
defineService("Fine", {
  actions: {
    schemaOrNone,
    anything,
    withMembers: Object.assign(async () => 5, { calls: 0 }),
    mocked: vi.fn(async () => 5),
    inObject: { timeout: "5s", run: vi.fn(async () => 5) },
    oneRetry: { retry: Math.random() > 0.5 ? { attempts: 3 } : { delay: "1s" }, run: async () => 5 },
  },
});
defineService("Fine", { actions: anything });

// Overloads, wherever the one for the context stands.
declare function contextFirst(context: ActionContext): Promise<number>;
declare function contextFirst(text: string): Promise<string>;
declare function contextLast(text: string): Promise<string>;
declare function contextLast(context: ActionContext): Promise<number>;
declare function takesAnything(parameters: unknown, context: ActionContext): Promise<number>;
declare function takesAnything(text: string): Promise<string>;
declare function generic<T>(context: T): Promise<T>;
defineService("Fine", { actions: { contextFirst, contextLast, takesAnything: { run: takesAnything }, generic, inObject: { run: generic } } });

// Generic functions that define services, where a rule does not know yet what it judges.
const ofAll = <A extends Record<string, () => Promise<number>>>(name: string, actions: A) => defineService(name, { actions });
const ofObjects = <A extends Record<string, { readonly run: () => Promise<number> }>>(actions: A) => defineService("Fine", { actions });
const plus = <A extends object>(more: A) => defineService("Fine", { actions: { ping: async () => "pong", ...more } });
const plusActions = <A extends Record<string, (context: ActionContext) => Promise<unknown>>>(more: A) =>
  defineService("Fine", { actions: { ping: async () => "pong", ...more } });
const ofBoth = <A extends Record<string, () => number>, B extends Record<string, () => string>>(a: A, b: B) =>
  defineService("Fine", { actions: { ...a, ...b } });
const ofPicked = <A extends Record<string, () => number>, K extends keyof A & string>(actions: Pick<A, K>) => defineService("Fine", { actions });
const ofMapped = <A>(actions: { readonly [K in keyof A]: () => A[K] }) => defineService("Fine", { actions });
const ofOne = <E extends () => unknown>(run: E) => defineService("Fine", { actions: { run, inObject: { timeout: "5s", run } } });
const ofOneWithContext = <E extends (context: ActionContext) => unknown>(run: E) => defineService("Fine", { actions: { run } });
const ofEntry = <E extends { readonly run: () => number }>(entry: E) => defineService("Fine", { actions: { entry } });
const ofResult = <T>(run: () => Promise<T>) => defineService("Fine", { actions: { run, inObject: { timeout: "5s", run } } });
const withOptions = <O extends Omit<ActionOptions, "parameters">>(options: O, run: () => number) =>
  defineService("Fine", { actions: { go: { ...options, run } } });
const withRetry = <R extends Retry>(retry: R, run: () => number) => defineService("Fine", { actions: { go: { retry, run } } });
const withRate = <R extends NonNullable<ActionOptions["rateLimit"]>>(rateLimit: R, run: () => number) =>
  defineService("Fine", { actions: { go: { rateLimit, run } } });
const withParameters = <T>(parameters: StandardSchemaV1<unknown, T>, run: (parameters: T, context: ActionContext) => unknown) =>
  defineService("Fine", { actions: { go: { parameters, run } } });
const withSettings = <S extends StandardSchemaV1>(settings: S, run: (context: ActionContext<StandardSchemaV1.InferOutput<S>>) => unknown) =>
  defineService("Fine", { settings, actions: { run } });
const forTables = <K extends string>(actions: Record<K, () => Promise<K>>) => defineService("Fine", { actions });
const forTablesInObjects = <K extends string>(actions: { [P in K]: { run(parameters: unknown, context: ActionContext): Promise<P> } }) =>
  defineService("Fine", { actions });
class Holder<F extends () => Promise<unknown>> {
  readonly f: F;
  constructor(f: F) {
    this.f = f;
  }
  service() {
    return defineService("Fine", { actions: { go: this.f } });
  }
}

// What callers of them see.
const one = async () => 1;
const text = async () => "a";
expectTypeOf(SoraServices.of(ofAll("Fine", { one })).do("one").execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(
  SoraServices.of(ofObjects({ one: { run: one } }))
    .do("one")
    .execute(),
).toEqualTypeOf<Promise<number>>();
expectTypeOf(SoraServices.of(plus({ one })).do("ping").execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(SoraServices.of(plusActions({ one })).do("one").execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(
  SoraServices.of(ofBoth({ a: () => 1 }, { b: () => "b" }))
    .do("b")
    .execute(),
).toEqualTypeOf<Promise<string>>();
expectTypeOf(
  SoraServices.of(ofPicked({ a: () => 1 }))
    .do("a")
    .execute(),
).toEqualTypeOf<Promise<number>>();
expectTypeOf(
  SoraServices.of(ofMapped({ a: () => "a" }))
    .do("a")
    .execute(),
).toEqualTypeOf<Promise<string>>();
expectTypeOf(SoraServices.of(ofOne(text)).do("run").execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(
  SoraServices.of(ofOneWithContext(async context => context.attempt))
    .do("run")
    .execute(),
).toEqualTypeOf<Promise<number>>();
expectTypeOf(
  SoraServices.of(ofEntry({ run: () => 1 }))
    .do("entry")
    .execute(),
).toEqualTypeOf<Promise<number>>();
expectTypeOf(SoraServices.of(ofResult(text)).do("in-object").execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(
  SoraServices.of(withOptions({ timeout: "5s" }, () => 1))
    .do("go")
    .execute(),
).toEqualTypeOf<Promise<number>>();
expectTypeOf(
  SoraServices.of(withRetry({ attempts: 3 }, () => 1))
    .do("go")
    .execute(),
).toEqualTypeOf<Promise<number>>();
expectTypeOf(
  SoraServices.of(withRate({ limit: 5, per: "1s" }, () => 1))
    .do("go")
    .execute(),
).toEqualTypeOf<Promise<number>>();
expectTypeOf(
  SoraServices.of(withParameters(Zod, ({ to }) => to))
    .do("go", {})
    .execute(),
).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(
  SoraServices.of(withSettings(Zod, ({ settings }) => settings.to))
    .do("run")
    .execute(),
).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(
  SoraServices.of(forTables<"a" | "b">({ a: async () => "a", b: async () => "b" }))
    .do("a")
    .execute(),
).toEqualTypeOf<Promise<"a" | "b">>();
expectTypeOf(
  SoraServices.of(forTablesInObjects<"a">({ a: { run: async () => "a" } }))
    .do("a")
    .execute(),
).toEqualTypeOf<Promise<"a">>();
expectTypeOf(SoraServices.of(new Holder(text).service()).do("go").execute()).toEqualTypeOf<Promise<string>>();

// Misspelt options, beside what is right.
defineService("Bad", {
  // @ts-expect-error an option that is not there
  actions: { work: { concurency: 5, run: async () => 5 } },
});
defineService("Bad", {
  // @ts-expect-error an option that is not there, where parameters are inferred
  actions: { fine: async () => 5, work: { tiemout: "5s", parameters: Zod, run: async (options, context) => [options.to, context.attempt] } },
});
defineService("Bad", {
  // @ts-expect-error an option of retry that is not there
  actions: { work: { retry: { atempts: 3 }, run: async () => 5 } },
});
defineService("Bad", {
  // @ts-expect-error an option of rateLimit that is not there
  actions: { work: { rateLimit: { limit: 5, per: "1s", burst: 3 }, run: async () => 5 } },
});
const misspelt = { concurency: 5, run: async () => 5 };
// @ts-expect-error an option that is not there, in what was made elsewhere
defineService("Bad", { actions: { work: misspelt } });
// @ts-expect-error an option that belongs to a service
defineService("Bad", { actions: { work: { every: "1h", run: async () => 5 } } });

// What a generic function itself misspells, beside what it is given.
// @ts-expect-error an option that is not there, in another entry
export const besideGiven = <E extends () => number>(run: E) => defineService("Bad", { actions: { run, work: { concurency: 5, run: () => 5 } } });
// @ts-expect-error an option that is not there, in the same entry
export const aroundGiven = <E extends () => number>(run: E) => defineService("Bad", { actions: { work: { concurency: 5, run } } });

// What the compiler shows.
type Rules = EntryRules<
  {
    lone: (parameters: string) => string;
    two: (parameters: string, context: ActionContext) => string;
    typed: { readonly run: (parameters: string) => string };
    context: { readonly run: (context: ActionContext) => string };
    misspelt: { readonly concurency: 5; readonly retry: { readonly atempts: 3 }; readonly run: () => string };
  },
  Readonly<Record<string, unknown>>
>;
type Shown<R> = R extends { readonly "not an action": infer Sentence } ? Sentence : never;
type NoContext = "its one parameter is not the context: give `parameters`, a schema or type<T>(), and `run`";
expectTypeOf<Shown<Rules["lone"]>>().toEqualTypeOf<NoContext>();
expectTypeOf<Shown<Rules["two"]>>().toEqualTypeOf<NoContext>();
expectTypeOf<Shown<Rules["typed"]["run"]>>().toEqualTypeOf<"its first parameter has a type: give `parameters`, a schema or type<T>()">();
expectTypeOf<Shown<Rules["context"]["run"]>>().toEqualTypeOf<"its first parameter is the context: an action with options gets (parameters, context)">();
expectTypeOf<Shown<Rules["misspelt"]["concurency"]>>().toEqualTypeOf<"concurency is no option of an action">();
expectTypeOf<Shown<Rules["misspelt"]["retry"]["atempts"]>>().toEqualTypeOf<"atempts is no option of retry">();
