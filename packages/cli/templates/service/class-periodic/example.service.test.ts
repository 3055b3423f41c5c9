import { createTestHost } from "@sora/core/testing";
import { expect, test } from "vitest";
import { Example } from "./example.service.ts";

test("runs when it is due, and whenever it is poked", async () => {
  await using host = await createTestHost({ services: [Example] });

  await host.clock.advance("1h");
  await host.services(Example).do("trigger").execute();

  expect(host.logs.filter(({ message }) => message === "Running")).toHaveLength(2);
});
