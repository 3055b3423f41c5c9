import { expectTypeOf } from "vitest";
import { z } from "zod";
import { serviceEvent } from "../events/service-event.ts";
import { SoraServices } from "../fluent/sora-services.ts";
import { serviceContract } from "./service-contract.ts";
import { type } from "./type.ts";
import type { SoraHost } from "../host/sora-host.ts";

declare const host: SoraHost;
const Options = z.object({ to: z.string(), from: z.string().default("auto") });

const translation = serviceContract("TranslationService", {
  actions: {
    translate: { parameters: Options, result: z.object({ characters: z.coerce.number() }), description: "translates a file" },
    parseURL: { result: type<URL>() },
    maybe: { parameters: z.string().optional() },
    checkQueue: {},
  },
  events: { completed: serviceEvent("Completed", Options) },
});

// Callers give the parameters' input and get the result's output.
for (const services of [SoraServices.of(translation), host.services(translation)]) {
  expectTypeOf(services.do("translate", { to: "de" }).execute()).toEqualTypeOf<Promise<{ characters: number }>>();
  expectTypeOf(services.do("parse-url").execute()).toEqualTypeOf<Promise<URL>>();
  expectTypeOf(services.do("maybe").execute()).toEqualTypeOf<Promise<unknown>>();
  expectTypeOf(services.do("check-queue").do("translate", { to: "de" }).execute()).toEqualTypeOf<Promise<[unknown, { characters: number }]>>();
  // @ts-expect-error an unknown action
  services.do("translat", { to: "de" });
  // @ts-expect-error parameters are missing
  services.do("translate");
  // @ts-expect-error a property of another type
  services.do("translate", { to: 5 });
  // @ts-expect-error an action without parameters
  services.do("check-queue", {});
}
// @ts-expect-error a contract without actions has none
SoraServices.of(serviceContract("Empty")).do("anything");
// @ts-expect-error parameters are a schema
serviceContract("Bad", { actions: { translate: { parameters: { to: "string" } } } });
// @ts-expect-error an option that is not there
serviceContract("Bad", { actons: {} });
// @ts-expect-error a contract says nothing of how
serviceContract("Bad", { actions: { translate: { run: () => {} } } });
// @ts-expect-error nobody changes it
translation.name = "Other";
