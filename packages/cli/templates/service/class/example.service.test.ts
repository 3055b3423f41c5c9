import { createTestHost } from "@sora/core/testing";
import { expect, test } from "vitest";
import { Example, ExampleFinished } from "./example.service.ts";

test("process tells when it has finished", async () => {
  await using host = await createTestHost({ services: [Example] });

  expect(await host.services(Example).do("process", { id: "1" }).execute()).toEqual({ id: "1" });
  expect(await host.events.next(ExampleFinished)).toEqual({ id: "1" });
});
