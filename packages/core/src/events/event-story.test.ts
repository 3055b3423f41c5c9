import { expect, test } from "vitest";
import { defineService, serviceEvent, SoraServices, type } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

const Arrived = serviceEvent("Arrived", type<string>());
const station = defineService("Station", {
  events: { arrived: Arrived },
  actions: { arrive: { parameters: type<string>(), run: (name, context) => context.emit(Arrived, name) } },
});
const clerk = defineService("Clerk", { actions: { note: context => context.correlationId } });

test("work that outlives an event's handler stays part of that event's story", async () => {
  await using host = await createTestHost({ services: [station, clerk] });
  const stories: string[] = [];
  using _subscription = await host
    .services(station)
    .on(Arrived)
    .do(name => {
      void host.clock.sleep(10).then(async () => stories.push(`${name}: ${await SoraServices.of(clerk).do("note").execute()}`));
    })
    .subscribe();
  await host.services(station).do("arrive", "first").withCorrelationId("one").execute();
  await host.services(station).do("arrive", "second").withCorrelationId("two").execute();
  await host.clock.advance(10);
  expect(stories).toEqual(["first: one", "second: two"]);
});
