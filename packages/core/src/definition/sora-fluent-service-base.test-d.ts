import { expectTypeOf } from "vitest";
import { z } from "zod";
import { serviceEvent } from "../events/service-event.ts";
import { SoraServiceEvents } from "../events/service-events.ts";
import { defineService } from "./define-service.ts";
import { ServiceEvent } from "./service-event-decorator.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import { type } from "./type.ts";
import type { EmitArguments } from "../events/emit-arguments.ts";

const Done = serviceEvent("Done", z.object({ id: z.string(), count: z.coerce.number().default(1), at: z.date().transform(date => date.toISOString()) }));
const Optional = serviceEvent("Optional", z.object({ id: z.string() }).optional());
const Prefaulted = serviceEvent("Prefaulted", z.object({ id: z.string().default("x") }).prefault({}));
const Bare = serviceEvent("Bare", type<{ readonly id: string }>());
const Nothing = serviceEvent("Nothing", type<void>());
const Unknown = serviceEvent("Unknown");

// An emitter gives what the schema takes, and nothing where nothing is accepted.
expectTypeOf<EmitArguments<typeof Done>>().toEqualTypeOf<[args: { id: string; count?: unknown; at: Date }]>();
expectTypeOf<EmitArguments<typeof Optional>>().toEqualTypeOf<[args?: { id: string } | undefined]>();
expectTypeOf<EmitArguments<typeof Prefaulted>>().toEqualTypeOf<[args?: { id?: string | undefined } | undefined]>();
expectTypeOf<EmitArguments<typeof Unknown>>().toEqualTypeOf<[args?: unknown]>();
expectTypeOf<EmitArguments<"Named">>().toEqualTypeOf<[args?: unknown]>();

@ServiceEvent(Done)
@ServiceEvent("Named", { args: type<string>(), version: 2, durable: true })
// @ts-expect-error a typo in an option
@ServiceEvent("Typo", { arg: type<string>() })
// @ts-expect-error an event that is made says everything itself
@ServiceEvent(Done, { durable: true })
// @ts-expect-error not an event
@ServiceEvent(5)
export class Emitting extends SoraFluentServiceBase {
  @ServiceEvent(Bare)
  async method(): Promise<void> {
    await this.emit(Done, { id: "a", at: new Date() });
    await this.emit(Done, { id: "a", count: "5", at: new Date() });
    await this.emit(Optional);
    await this.emit(Optional, { id: "a" });
    await this.emit(Prefaulted);
    await this.emit(Bare, { id: "a" });
    await this.emit(Nothing);
    await this.emit(Unknown, 5);
    await this.emit("ByName", { anything: true });
    await this.emit("ByName");
    await this.emit(SoraServiceEvents.Translation.Completed, { fileId: "f", from: "en", to: "de" });
    expectTypeOf(this.emit(Nothing)).toEqualTypeOf<Promise<void>>();
    // @ts-expect-error an argument is missing
    await this.emit(Done);
    // @ts-expect-error a property is missing
    await this.emit(Done, { id: "a" });
    // @ts-expect-error a property of another type
    await this.emit(Done, { id: 5, at: new Date() });
    // @ts-expect-error what the schema yields is not what it takes
    await this.emit(Done, { id: "a", at: "2026-11-23" });
    // @ts-expect-error a property too many
    await this.emit(Bare, { id: "a", extra: 1 });
    // @ts-expect-error nothing is taken
    await this.emit(Nothing, "something");
    // @ts-expect-error one argument
    await this.emit(Bare, { id: "a" }, { id: "b" });
    // @ts-expect-error a constant carries its type too
    await this.emit(SoraServiceEvents.Translation.Completed, { fileId: "f", from: "en" });
    // @ts-expect-error not an event
    await this.emit(5);
  }
}

// A context's emit is the same, and may be taken out of it.
export const emitting = defineService("Emitting", {
  events: { done: Done },
  actions: {
    emitOne: async ({ emit }) => {
      await emit(Done, { id: "a", at: new Date() });
      // @ts-expect-error a property is missing
      await emit(Done, { id: "a" });
    },
  },
});

// As a plain function, on a class.
ServiceEvent(Done)(Emitting);
ServiceEvent("Named")(Emitting);
