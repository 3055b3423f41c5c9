import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defineService, serviceEvent, type } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await new Promise(resolve => void setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const trap = (): never => {
  throw new Error("trap");
};
const circle: Record<string, unknown> = {};
circle["self"] = circle;
/** What code that goes wrong throws, and what becomes of it. */
const thrown: [string, unknown][] = [
  ["an error", new Error("no")],
  ["undefined", undefined],
  ["null", null],
  ["a number", 42],
  [
    "a Proxy whose traps all throw",
    new Proxy(Object.create(null) as object, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap }),
  ],
  ["a circle", circle],
  ["an error whose getters throw", Object.defineProperties(new Error(), { message: { get: trap }, stack: { get: trap }, cause: { get: trap } })],
  ["an object that cannot be a string", Object.create(null)],
  ["a revoked Proxy", revoked()],
];

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** The very thing, whatever comparing it would do. */
async function outcome(work: Promise<unknown>): Promise<{ readonly threw: unknown }> {
  try {
    await work;
  } catch (error) {
    return { threw: error };
  }
  throw new Error("it did not reject");
}

describe("an action", () => {
  for (const path of ["plainly", "with a timeout"] as const) {
    test.each(thrown)(
      `called ${path} that throws or rejects with %s gives that to its caller, is counted once, and runs the next time`,
      async (_what, error) => {
        let runs = 0;
        const service = defineService("Service", {
          actions: {
            throws: () => {
              if (++runs % 2 === 1) throw error;
              return "fine";
            },
            rejects: async () => {
              if (++runs % 2 === 1) throw error;
              return "fine";
            },
          },
        });
        await using host = await createTestHost({ services: [service] });
        for (const name of ["throws", "rejects"] as const) {
          const step = path === "plainly" ? host.services(service).do(name) : host.services(service).do(name).withTimeout("1m");
          expect(Object.is((await outcome(step.execute())).threw, error)).toBe(true);
          expect(await step.execute()).toBe("fine");
        }
        const { actions } = await host.services(service).query().getInfo();
        expect(actions.map(({ name, calls, failures }) => [name, calls, failures])).toEqual([
          ["throws", 2, 1],
          ["rejects", 2, 1],
        ]);
        expect(host.list()[0]).toMatchObject({ state: "running", inFlight: 0, lastError: { message: expect.any(String) as string } });
      },
    );
  }

  test("that returns something whose then throws rejects with what that threw", async () => {
    const service = defineService("Service", {
      actions: {
        odd: () => ({
          get then(): never {
            throw new Error("then");
          },
        }),
      },
    });
    await using host = await createTestHost({ services: [service] });
    await expect(host.services(service).do("odd").execute()).rejects.toThrow("then");
    expect(host.list()[0]).toMatchObject({ inFlight: 0 });
  });

  test("that never settles is answered at its timeout, and its neighbours are not held up", async () => {
    const service = defineService("Service", { actions: { hang: () => new Promise(() => {}), work: async () => "fine" } });
    await using host = await createTestHost({ services: [service], shutdownTimeout: 0 });
    const hanging = expect(host.services(service).do("hang").withTimeout("5s").execute()).rejects.toMatchObject({ code: "SORA_ACTION_TIMEOUT" });
    expect(await host.services(service).do("work").execute()).toBe("fine");
    await host.clock.advance("5s");
    await hanging;
    expect(await host.services(service).do("work").execute()).toBe("fine");
  });
});

describe("an event's handler", () => {
  test.each(thrown)("that throws or rejects with %s harms neither the emitter nor its neighbours, and gets the next event", async (_what, error) => {
    const happened = serviceEvent("Happened", type<number>());
    const service = defineService("Service", {
      events: { happened },
      actions: { emit: { parameters: type<number>(), run: (n: number, context) => context.emit(happened, n) } },
    });
    await using host = await createTestHost({ services: [service] });
    const got: number[] = [];
    const bad: number[] = [];
    using subscription = await host
      .services(service)
      .on(happened)
      .do(n => {
        bad.push(n);
        throw error;
      })
      .do(async n => {
        bad.push(n);
        throw error;
      })
      .do(n => got.push(n))
      .subscribe();
    for (const n of [1, 2, 3]) await host.services(service).do("emit", n).execute();
    expect(got).toEqual([1, 2, 3]);
    expect(bad.sort()).toEqual([1, 1, 2, 2, 3, 3]);
    expect(subscription.stats).toMatchObject({ delivered: 3, failed: 6 });
    expect(host.logs.filter(line => line.level === "error")).toHaveLength(6);
  });

  test("that never settles holds up its own subscription alone, and the emitter for 30 s at most", async () => {
    const happened = serviceEvent("Happened", type<number>());
    const service = defineService("Service", {
      events: { happened },
      actions: { emit: { parameters: type<number>(), run: (n: number, context) => context.emit(happened, n) } },
    });
    await using host = await createTestHost({ services: [service], shutdownTimeout: 0 });
    const got: number[] = [];
    using _subscription = await host
      .services(service)
      .on(happened)
      .do(() => new Promise(() => {}))
      .do(n => got.push(n))
      .subscribe();
    let emitted = false;
    const emit = host
      .services(service)
      .do("emit", 1)
      .execute()
      .then(() => (emitted = true));
    await host.clock.advance(29_999);
    expect([got, emitted]).toEqual([[1], false]);
    await host.clock.advance(1);
    await emit;
    void host.services(service).do("emit", 2).execute();
    await host.clock.settle();
    expect(got).toEqual([1, 2]);
  });
});

describe("code that blocks the event loop for 5 s", () => {
  test.each([
    [
      "in an action that has ended since",
      "Blocker",
      { actions: { block: (context: { clock: unknown }) => (context.clock as { block(time: string): void }).block("5s") } },
    ],
    [
      "in an action that goes on",
      "Blocker.block",
      {
        actions: {
          block: async (context: { clock: { sleep(ms: number): Promise<void> } }) => (
            (context.clock as unknown as { block(time: string): void }).block("5s"),
            context.clock.sleep(10_000)
          ),
        },
      },
    ],
    [
      "in a periodic run",
      "Blocker",
      { every: "1s", execute: (context: { clock: unknown; run: number }) => context.run === 1 && (context.clock as { block(time: string): void }).block("5s") },
    ],
  ])("%s is reported once the loop turns, with what was under way, and everything goes on", async (_where, named, spec) => {
    const blocker = defineService("Blocker", spec as never);
    const job = defineService("Job", { every: "1s", execute: () => {} });
    await using host = await createTestHost({ services: [blocker, job, defineService("Idle", { actions: { work: async () => {} } })], loopMonitor: true });
    await host.clock.advance("900ms");
    if ("actions" in spec)
      void host
        .services(blocker as never as { prototype: object })
        .do("block" as never, ...([] as never))
        .execute();
    await host.clock.advance("150ms");
    const line = host.logs.find(one => one.message.startsWith("The event loop was blocked"));
    expect(line?.level).toBe("warn");
    expect(line?.fields["lag"]).toBeGreaterThanOrEqual(4_000);
    expect(line?.fields["working"]).toContain(named);
    expect(line?.fields["working"]).not.toContain("Idle");
    expect(host.live()).toMatchObject({ status: "degraded", live: true, reasons: [expect.stringContaining("the event loop was blocked")] });
    await host.clock.advance("10s");
    expect(host.live()).toMatchObject({ status: "healthy" });
    expect(host.list().find(one => one.name === "Job")?.runs).toBeGreaterThanOrEqual(10);
    expect(host.logs.filter(one => one.message.startsWith("The event loop was blocked"))).toHaveLength(1);
  });
});
