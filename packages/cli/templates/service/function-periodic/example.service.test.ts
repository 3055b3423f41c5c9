import { createTestHost } from "@sora/core/testing";
import { expect, test } from "vitest";
import { example } from "./example.service.ts";

test("runs when it is due, and whenever it is poked", async () => {
  await using host = await createTestHost({ services: [example] });

  await host.clock.advance("1h");
  await host.services(example).do("trigger").execute();

  expect(host.logs.filter(({ message }) => message === "Running")).toHaveLength(2);
});
