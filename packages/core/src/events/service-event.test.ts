import { type as arktype } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type } from "../definition/type.ts";
import { isServiceEvent, serviceEvent } from "./service-event.ts";

describe("serviceEvent", () => {
  test("makes frozen data with version 1 and not durable by default", () => {
    const event = serviceEvent("SyncCompleted");
    expect(event).toMatchObject({ name: "SyncCompleted", version: 1, durable: false });
    expect(Object.isFrozen(event)).toBe(true);
    expect(event).not.toHaveProperty("schema");
    expect(event).not.toHaveProperty("problem");
  });

  test("keeps schema, version, durability and description", () => {
    const schema = z.object({ id: z.string() });
    expect(serviceEvent("Synced", schema, { version: 2, durable: true, description: "A source was read." })).toMatchObject({
      schema,
      version: 2,
      durable: true,
      description: "A source was read.",
    });
  });

  test.each([
    ["zod", z.string()],
    ["valibot", v.string()],
    ["arktype", arktype("string")],
    ["type<T>()", type<string>()],
  ])("takes a schema of %s", (_library, schema) => {
    expect(serviceEvent("Synced", schema)).not.toHaveProperty("problem");
  });

  test.each(["", "a b", "größe", "x".repeat(65), "a.b", "a:b"])("records the name %j as a problem instead of throwing", name => {
    expect(serviceEvent(name).problem).toMatch(/^the event name ".*" is not 1 to 64 ASCII letters/);
  });

  test.each([
    ["a number as name", () => serviceEvent(7 as never)],
    ["a name that cannot be read", () => serviceEvent(Object.create(null) as never)],
    ["a schema that is none", () => serviceEvent("A", { parse: () => 1 } as never)],
    [
      "a schema whose traps throw",
      () =>
        serviceEvent(
          "A",
          new Proxy({} as never, {
            has() {
              throw new Error("trap");
            },
          }),
        ),
    ],
    ["version 0", () => serviceEvent("A", undefined, { version: 0 })],
    ["version NaN", () => serviceEvent("A", undefined, { version: Number.NaN })],
    ["a version as text", () => serviceEvent("A", undefined, { version: "2" as never })],
  ])("records %s as a problem instead of throwing", (_what, make) => {
    expect(make().problem).toEqual(expect.any(String));
  });
});

test("isServiceEvent knows events of any copy of the package, and never throws", () => {
  const event = serviceEvent("Synced");
  expect(isServiceEvent(event)).toBe(true);
  expect(isServiceEvent({ ...event })).toBe(true);
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error("trap");
      },
    },
  );
  for (const other of [undefined, null, "Synced", { name: "Synced", version: 1, durable: false }, hostile]) expect(isServiceEvent(other)).toBe(false);
});
