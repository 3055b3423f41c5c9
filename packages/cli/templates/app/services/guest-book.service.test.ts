import { createTestHost } from "@sora/core/testing";
import { expect, test } from "vitest";
import { greeter } from "./greeter.service.ts";
import { GuestBook } from "./guest-book.service.ts";

test("notes who was greeted, and says so every 30 seconds of a clock that the test moves", async () => {
  await using host = await createTestHost({ services: [greeter, GuestBook] });
  await host.services(greeter).do("greet", { name: "Ada" }).execute();
  await host.services(greeter).do("greet", { name: "Grace", politely: false }).execute();

  await host.clock.advance("1m");

  expect(await host.services(GuestBook).do("list-guests").execute()).toEqual(["Ada", "Grace"]);
  expect(host.logs.filter(({ message }) => message === "Guests so far: 2")).toHaveLength(2);
});
