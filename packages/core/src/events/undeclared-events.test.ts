import { expect, test } from "vitest";
import { defineService, serviceEvent, type } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

test("an event that its service does not declare reaches its subscribers, and is warned about once by name", async () => {
  const Declared = serviceEvent("Declared");
  const service = defineService("Service", {
    events: { declared: Declared },
    actions: {
      tell: async ({ emit }) => {
        await emit(Declared);
        await emit("Declared");
        await emit("Unheard", 1);
        await emit(serviceEvent("Other"), 2);
      },
    },
  });
  await using host = await createTestHost({ services: [service] });
  const heard: unknown[] = [];
  using _ = await host
    .services(service)
    .on("Unheard")
    .do(args => heard.push(args))
    .on("Other")
    .do(args => heard.push(args))
    .subscribe();
  await host.services(service).do("tell").execute();
  await host.services(service).do("tell").execute();
  expect(heard).toEqual([1, 2, 1, 2]);
  expect(host.logs.filter(({ level }) => level === "warn").map(({ fields }) => fields["event"])).toEqual(["Unheard", "Other"]);
});

test("names of events that are made up as it goes are warned about a hundred times at most", async () => {
  const service = defineService("Service", { actions: { tell: { parameters: type<number>(), run: (n: number, { emit }) => emit(`Order-${n}`) } } });
  await using host = await createTestHost({ services: [service] });
  for (let n = 0; n < 150; n++) await host.services(service).do("tell", n).execute();
  expect(host.logs.filter(({ level }) => level === "warn")).toHaveLength(100);
});
