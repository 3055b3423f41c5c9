import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { serviceEvent } from "../events/service-event.ts";
import { createTestHost } from "../testing/index.ts";
import { SoraServices } from "./sora-services.ts";
import type { TestHost } from "../testing/index.ts";

type EmitAnything = (event: unknown) => Promise<void>;

const Happened = serviceEvent("Happened");
const service = defineService("Service", {
  events: { Happened },
  actions: {
    work: async () => "worked",
    emitNothing: async ({ emit }) => (emit as EmitAnything)(undefined),
    emitFive: async ({ emit }) => (emit as EmitAnything)(5),
  },
});

/** The builder as JavaScript sees it. */
interface Loose {
  (...args: unknown[]): Loose;
  do: Loose;
  on: Loose;
  withFilter: Loose;
  withQueue: Loose;
  withSignal: Loose;
  withCorrelationId: Loose;
  subscribe(): Promise<unknown>;
  execute(options?: object): Promise<unknown>;
}
const loose = (host: TestHost, target: unknown = service): Loose => host.services(target as typeof service) as unknown as Loose;
const later = "it is declared further down, or its module imports this one";
const refused = (message: string): object => ({ code: "SORA_OPTION_INVALID", message });

describe("what the compiler cannot keep out is refused by name", () => {
  const noop = (): void => {};
  test.each<[string, (builder: Loose) => unknown, string]>([
    ["on(undefined)", b => b.on(undefined), `Cannot subscribe: undefined was given: ${later}; an event is one that serviceEvent() made, or a name.`],
    ["on(5)", b => b.do("work").on(5), "Cannot subscribe: 5 was given; an event is one that serviceEvent() made, or a name."],
    [
      "on(class)",
      b =>
        b
          .on(Happened)
          .do(noop)
          .on(class {}),
      "Cannot subscribe: a function was given; an event is one that serviceEvent() made, or a name.",
    ],
    [
      "do(undefined)",
      b => b.on(Happened).do(undefined),
      `Cannot go on with the chain: undefined was given: ${later}; after an event, a function handles it and a string names an action.`,
    ],
    [
      "do({})",
      b => b.on(Happened).do(noop).do("work").do({}),
      "Cannot go on with the chain: an object was given; after an event, a function handles it and a string names an action.",
    ],
    ["withFilter(string)", b => b.on(Happened).withFilter("x"), 'Cannot filter: "x" was given; a filter is a function of an event\'s arguments.'],
    [
      "withQueue(5, policy)",
      b => b.on(Happened).withQueue(5, "drop"),
      'Cannot queue: "drop" was given; an overflow policy is one of "drop-newest", "drop-oldest", "wait".',
    ],
    ["withSignal(string)", b => b.do("work").withSignal("x"), 'Cannot cancel by this: "x" was given; it is an AbortSignal.'],
    ["withCorrelationId('')", b => b.do("work").withCorrelationId(""), 'Cannot use this correlation id: "" was given; it is a string of 1 to 200 characters.'],
  ])("%s", async (_title, step, message) => {
    await using host = await createTestHost({ services: [service] });
    expect(() => step(loose(host))).toThrow(expect.objectContaining(refused(message)));
  });

  test.each([
    ["one action", (b: Loose) => b.do("work")],
    ["a chain", (b: Loose) => b.do("work").do("work")],
  ])("execute({ signal }) of %s, as a rejection", async (_title, chain) => {
    await using host = await createTestHost({ services: [service] });
    await expect(chain(loose(host)).execute({ signal: 5 })).rejects.toMatchObject(refused("Cannot cancel by this: 5 was given; it is an AbortSignal."));
    expect(await loose(host).do("work").withSignal(undefined).execute({ signal: undefined })).toBe("worked");
  });

  test("a service that is none, through every door, as a rejection", async () => {
    await using host = await createTestHost({ services: [service] });
    const missing = refused(`Cannot tell which service is meant by undefined: ${later}.`);
    for (const door of [loose(host, null), SoraServices.of({} as never) as unknown as Loose, SoraServices.named(5 as never) as unknown as Loose])
      await expect(door.do("work").execute()).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
    await expect((SoraServices.of(undefined as never) as unknown as Loose).do("work").execute()).rejects.toMatchObject(missing);
    await expect((SoraServices.remote(undefined as never) as unknown as Loose).do("work").execute()).rejects.toMatchObject(missing);
    await expect(host.startService(undefined as never)).rejects.toMatchObject(missing);
  });

  test("an event that is none, where it is emitted", async () => {
    await using host = await createTestHost({ services: [service] });
    await expect(host.services(service).do("emit-nothing").execute()).rejects.toMatchObject(
      refused(`Cannot emit undefined: ${later}; an event is one that serviceEvent() made, or a name.`),
    );
    await expect(host.services(service).do("emit-five").execute()).rejects.toMatchObject(
      refused("Cannot emit 5; an event is one that serviceEvent() made, or a name."),
    );
  });

  test("what is added to a host that runs", async () => {
    await using host = await createTestHost();
    expect(() => host.intercept(undefined as never)).toThrow(
      expect.objectContaining(
        refused("Cannot add this to the host: one of its options is wrong.\n  - intercept is undefined; it is an object with call, run or event"),
      ),
    );
    expect(() => host.contribute({ name: "db" } as never)).toThrow(
      expect.objectContaining(
        refused("Cannot add this to the host: one of its options is wrong.\n  - contributors[0] has no check(); it is an object with check"),
      ),
    );
  });
});
