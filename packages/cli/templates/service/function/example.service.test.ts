import { createTestHost } from "@sora/core/testing";
import { expect, test } from "vitest";
import { example, ExampleFinished } from "./example.service.ts";

test("process tells when it has finished", async () => {
  await using host = await createTestHost({ services: [example] });

  expect(await host.services(example).do("process", { id: "1" }).execute()).toEqual({ id: "1" });
  expect(await host.events.next(ExampleFinished)).toEqual({ id: "1" });
});
