import { createTestHost } from "@sora/core/testing";
import { expect, test } from "vitest";
import { Greeted, greeter } from "./greeter.service.ts";

test("greet answers, and tells of it by an event", async () => {
  await using host = await createTestHost({ services: [greeter] });

  expect(await host.services(greeter).do("greet", { name: "Ada" }).execute()).toBe("Good morning, Ada.");
  expect(await host.events.next(Greeted)).toEqual({ name: "Ada" });
});
