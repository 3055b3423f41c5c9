import { expectTypeOf } from "vitest";
import { z } from "zod";
import { type } from "../definition/type.ts";
import { serviceEvent } from "./service-event.ts";
import { SoraServiceEvents } from "./service-events.ts";
import type { ServiceEvent } from "./service-event.ts";
import type { TranslationEventArgs } from "./service-events.ts";

const synced = serviceEvent("Synced", z.object({ id: z.string(), count: z.coerce.number().default(1) }));
type Input = { id: string; count?: unknown };
type Args = { id: string; count: number };

declare function emit<A, I>(event: ServiceEvent<A, I>, args: I): void;
declare function on<A, I>(event: ServiceEvent<A, I>, handler: (args: A) => void): void;

// Emitters give the schema's input, handlers get its output.
expectTypeOf(synced).toExtend<ServiceEvent<Args, Input>>();
emit(synced, { id: "a" });
on(synced, args => expectTypeOf(args).toEqualTypeOf<Args>());
// @ts-expect-error the id is missing
emit(synced, { count: 1 });

// A name alone carries unknown arguments.
expectTypeOf(serviceEvent("Synced")).toEqualTypeOf<ServiceEvent<unknown, unknown, "Synced">>();
on(serviceEvent("Synced"), args => expectTypeOf(args).toBeUnknown());

// The bare type form.
on(serviceEvent("Synced", type<{ id: string }>()), args => expectTypeOf(args).toEqualTypeOf<{ id: string }>());
// @ts-expect-error another type
emit(serviceEvent("Synced", type<{ id: string }>()), { id: 1 });

// Names stay literal, and any event is an event.
expectTypeOf(synced.name).toEqualTypeOf<"Synced">();
expectTypeOf(synced).toExtend<ServiceEvent>();

// Constants carry their arguments.
expectTypeOf(SoraServiceEvents.Translation.Completed.name).toEqualTypeOf<"TranslationCompleted">();
on(SoraServiceEvents.Translation.Completed, args => expectTypeOf(args).toEqualTypeOf<TranslationEventArgs>());
// @ts-expect-error a translation has a target language
emit(SoraServiceEvents.Translation.Completed, { fileId: "f1", from: "en" });
