// Exported without a type of their own, so the compiler has to be able to write every type of Sora's that it infers here into a declaration.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defineService,
  inject,
  ServiceAction,
  serviceContract,
  serviceEvent,
  ServiceEvent,
  SoraBackgroundService,
  SoraPeriodicServiceBase,
  SoraServices,
  token,
  type,
} from "@sora/core";
import type { ActionContext } from "@sora/core";
import { z } from "zod";

export const Done = serviceEvent("Done", z.object({ id: z.string() }));
export const Greeting = token<string>("Greeting");
export const anything = type<{ readonly id: string }>();
export const greeter = defineService("Greeter", {
  every: "1h",
  settings: z.object({ folder: z.string() }),
  events: { done: Done },
  actions: {
    greet: { parameters: z.object({ name: z.string().default("you") }), run: async ({ name }) => ({ name }) },
    checkQueue: async context => context.settings,
  },
  execute: async () => {},
});
export const contract = serviceContract("Greeter", { actions: { greet: { parameters: anything, result: z.string() } } });
export const services = SoraServices.of(greeter);
export const byContract = SoraServices.of(contract);
export const call = services.do("greet", {}).withPriority(1).do("check-queue");
export const chain = services
  .on(Done)
  .withFilter(({ id }) => id !== "")
  .do(() => {});
export const mixed = chain.do("greet", {}).withTimeout("5s");
export const query = services.query();
export const declare = SoraBackgroundService({ settings: z.object({ folder: z.string() }) });
export const action = ServiceAction("check-queue", { parameters: anything });
export const event = ServiceEvent(Done);

export class Cleanup extends SoraPeriodicServiceBase<{ readonly folder: string }> {
  readonly greeting = inject(Greeting);
  override executePeriodic() {}
  @ServiceAction() async work(parameters: { readonly id: string }, context: ActionContext) {
    return { parameters, at: context.clock.now(), by: this.services(greeter).do("greet", {}) };
  }
}
export const cleanup = SoraServices.remote<Cleanup>("Cleanup").do("work", { id: "a" });

test("what was exported is what it says", () => {
  assert.deepEqual(
    [greeter.name, contract.name, Done.name, typeof call.execute, typeof mixed.subscribe],
    ["Greeter", "Greeter", "Done", "function", "function"],
  );
});
