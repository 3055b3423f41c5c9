import { expectTypeOf } from "vitest";
import { z } from "zod";
import { defineService } from "./define-service.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { EntryRules } from "./entry-rule.ts";

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
