import { expectTypeOf } from "vitest";
import { z } from "zod";
import { defineService } from "../definition/define-service.ts";
import { type } from "../definition/type.ts";
import { serviceEvent } from "../events/service-event.ts";
import { SoraServices } from "./sora-services.ts";
import type { EventContext } from "../actions/event-context.ts";
import type { Subscription } from "../events/subscription.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { ServiceInfo } from "../lifecycle/service-info.ts";
import type { ServiceStatus } from "../lifecycle/service-status.ts";

const Completed = serviceEvent("Completed", z.object({ id: z.string(), count: z.coerce.number().default(1) }));
const Failed = serviceEvent("Failed", type<{ readonly reason: string }>());
const Plain = serviceEvent("Plain");
type CompletedArgs = { id: string; count: number };

const sync = defineService("Sync", {
  actions: {
    syncSource: { parameters: type<{ source: string }>(), run: async ({ source }) => ({ source }) },
    validate: async () => true,
    report: { parameters: type<string | undefined>(), run: text => text?.length ?? 0 },
  },
});
const services = SoraServices.of(sync);

// One action resolves to its result, a chain to a tuple of results.
expectTypeOf(services.do("validate").execute()).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(services.do("sync-source", { source: "a" }).do("validate").execute()).toEqualTypeOf<Promise<[{ source: string }, boolean]>>();
expectTypeOf(services.do("sync-source", { source: "a" }).do("validate").do("report", "r").execute()).toEqualTypeOf<
  Promise<[{ source: string }, boolean, number]>
>();
// @ts-expect-error an unknown action further on
services.do("validate").do("reprt");
// @ts-expect-error parameters are missing further on
services.do("validate").do("sync-source");

// Options leave the type as it is.
const withAll = services
  .do("validate")
  .withPriority(10)
  .withTimeout("30m")
  .withCorrelationId("c")
  .withSignal(new AbortController().signal)
  .withMetadata({ tenant: "t" });
expectTypeOf(withAll.execute()).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(withAll.do("report").execute({ signal: new AbortController().signal })).toEqualTypeOf<Promise<[boolean, number]>>();
// @ts-expect-error a typo in a duration
services.do("validate").withTimeout("30 min");
// @ts-expect-error a priority is a number
services.do("validate").withPriority("high");
// @ts-expect-error nothing to call yet
services.execute();
// @ts-expect-error nothing to subscribe to
services.do("validate").subscribe();

// Handlers and filters get what the schema yields.
services
  .on(Completed)
  .withFilter(args => {
    expectTypeOf(args).toEqualTypeOf<CompletedArgs>();
    return args.count > 1;
  })
  .once()
  .withQueue(10, "drop-oldest")
  .withConcurrency(4)
  .do(async (args, context) => {
    expectTypeOf(args).toEqualTypeOf<CompletedArgs>();
    expectTypeOf(context).toEqualTypeOf<EventContext>();
  });
services.on(Failed).do(({ reason }) => reason.length);
services.on(Plain).do(args => expectTypeOf(args).toBeUnknown());
services.on("ByName").do(args => expectTypeOf(args).toBeUnknown());
services.on(Completed).do(() => {});
// @ts-expect-error the arguments have no such property
services.on(Completed).do(args => args.name);
// @ts-expect-error a handler of other arguments
services.on(Completed).do((args: { reason: string }) => args.reason);
// @ts-expect-error a filter of other arguments
services.on(Completed).withFilter((args: { reason: string }) => args.reason === "");
// @ts-expect-error a filter says true or false
services.on(Completed).withFilter(args => args.id);
// @ts-expect-error a policy that is not there
services.on(Completed).withQueue(10, "drop");
// @ts-expect-error a concurrency is a number
services.on(Completed).withConcurrency("all");
// @ts-expect-error events are chosen, actions are limited by their definition
services.do("validate").withConcurrency(2);
// @ts-expect-error not an event
services.on(5);
// @ts-expect-error an event alone is no subscription
services.on(Completed).subscribe();

// After on(event), a function is a handler and a string an action.
const mixed = services
  .do("sync-source", { source: "a" })
  .on(Completed)
  .do(args => expectTypeOf(args).toEqualTypeOf<CompletedArgs>());
expectTypeOf(mixed.subscribe()).toEqualTypeOf<Promise<Subscription>>();
mixed.do(args => expectTypeOf(args).toEqualTypeOf<CompletedArgs>());
mixed.on(Failed).do(args => expectTypeOf(args).toEqualTypeOf<{ readonly reason: string }>());
expectTypeOf(mixed.do("report", "r").withPriority(1).withTimeout("5s").subscribe()).toEqualTypeOf<Promise<Subscription>>();
expectTypeOf(mixed.do("report").do("validate").subscribe()).toEqualTypeOf<Promise<Subscription>>();
mixed.do("report").do(args => expectTypeOf(args).toEqualTypeOf<CompletedArgs>());
expectTypeOf(services.on(Completed).do("report", "r").do("validate").subscribe()).toEqualTypeOf<Promise<Subscription>>();
// @ts-expect-error an unknown action after an event
services.on(Completed).do("reprt");
// @ts-expect-error parameters are missing after an event
services.on(Completed).do("sync-source");
// @ts-expect-error a handler takes no parameters
services.on(Completed).do(() => {}, "r");
// @ts-expect-error a mixed chain is subscribed, not executed
mixed.execute();
// @ts-expect-error options belong to actions
mixed.withPriority(1);
// @ts-expect-error a handler needs an event before it
services.do(() => {});

// A subscription lets go of itself at the end of its block.
export async function inBlock(): Promise<void> {
  using subscription = await services
    .on(Completed)
    .do(() => {})
    .subscribe();
  await using other = await services
    .on(Completed)
    .do(() => {})
    .subscribe();
  expectTypeOf(subscription.dispose()).toBeVoid();
  expectTypeOf(other).toEqualTypeOf<Subscription>();
}

// Queries.
expectTypeOf(services.query().getStatus()).toEqualTypeOf<Promise<ServiceStatus>>();
expectTypeOf(services.query().getHealth()).toEqualTypeOf<Promise<ServiceHealth>>();
expectTypeOf(services.query().getInfo()).toEqualTypeOf<Promise<ServiceInfo>>();
expectTypeOf(SoraServices.all()).toEqualTypeOf<Promise<ServiceStatus[]>>();
