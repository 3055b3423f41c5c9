import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { ActionTimeoutError, defineService, ServiceAction, SoraFluentServiceBase, SoraServices, type } from "../index.ts";
import { createTestHost, createVirtualClock } from "../testing/index.ts";
import { rejection } from "../testing/rejection.ts";
import type { ActionContext, CallMetadata, SoraError } from "../index.ts";

const never = (): Promise<never> => new Promise(() => {});

describe("a call's time", () => {
  test("answers the caller when it is over and aborts the action's signal, though the action ignores it", async () => {
    let signal: AbortSignal | undefined;
    const deaf = defineService("Deaf", {
      actions: {
        sleep: context => {
          ({ signal } = context);
          return never();
        },
      },
    });
    await using host = await createTestHost({ services: [deaf], shutdownTimeout: 0 });
    const call = host.services(deaf).do("sleep").withTimeout("2s").execute();
    const answer = expect(call).rejects.toSatisfy(
      error => error instanceof ActionTimeoutError && error.code === "SORA_ACTION_TIMEOUT" && error.name === "ActionTimeoutError",
    );
    await host.clock.advance(1_999);
    expect(signal?.aborted).toBe(false);
    await host.clock.advance(1);
    await answer;
    expect(signal?.reason).toBeInstanceOf(ActionTimeoutError);
    const { actions } = await host.services(deaf).query().getInfo();
    expect(actions).toMatchObject([{ name: "sleep", calls: 1, failures: 1 }]);
  });

  test.each([
    ["the caller's", { action: "10s", service: "20s", caller: "1s" }, 1_000],
    ["the action's", { action: "2s", service: "20s" }, 2_000],
    ["the service's", { service: "3s" }, 3_000],
  ] as const)("is %s, before those after it", async (_whose, given, expected) => {
    const slow = defineService("Slow", {
      ...(given.service === undefined ? {} : { timeout: given.service }),
      actions: { work: { ...("action" in given ? { timeout: given.action } : {}), run: never } },
    });
    await using host = await createTestHost({ services: [slow], shutdownTimeout: 0 });
    const step = host.services(slow).do("work");
    const call = "caller" in given ? step.withTimeout(given.caller).execute() : step.execute();
    const answer = expect(call).rejects.toMatchObject({ code: "SORA_ACTION_TIMEOUT", details: { timeout: expected } });
    await host.clock.advance(expected);
    await answer;
  });

  test("is none where nobody gives one", async () => {
    const patient = defineService("Patient", { actions: { wait: context => context.delay("30d").then(() => context.deadline) } });
    await using host = await createTestHost({ services: [patient] });
    const call = host.services(patient).do("wait").execute();
    await host.clock.advance("31d");
    expect(await call).toBeUndefined();
  });

  test("is inherited by nested calls: the smaller of theirs and what is left", async () => {
    const deadlines: Record<string, number | undefined> = {};
    const inner = defineService("Inner", {
      actions: {
        look: {
          parameters: type<string>(),
          run: async (name: string, context) => void (deadlines[name] = context.deadline === undefined ? undefined : context.deadline - context.clock.now()),
        },
        hang: never,
      },
    });
    const outer = defineService("Outer", {
      actions: {
        work: async context => {
          await context.delay("4s");
          await context.services(inner).do("look", "inherited").execute();
          await context.services(inner).do("look", "smaller").withTimeout("1s").execute();
          await context.services(inner).do("look", "larger").withTimeout("1h").execute();
          await context.services(inner).do("hang").execute();
        },
      },
    });
    await using host = await createTestHost({ services: [inner, outer], shutdownTimeout: 0 });
    const answer = expect(host.services(outer).do("work").withTimeout("10s").execute()).rejects.toMatchObject({
      code: "SORA_ACTION_TIMEOUT",
      details: { service: "Outer" },
    });
    await host.clock.advance("10s");
    await answer;
    expect(deadlines).toEqual({ inherited: 6_000, smaller: 1_000, larger: 6_000 });
    expect((await host.services(inner).query().getInfo()).actions.find(action => action.name === "hang")).toMatchObject({ calls: 1, failures: 1 });
  });

  test("that is over before a nested call begins refuses it at once", async () => {
    let inner = 0;
    const service = defineService("Service", {
      actions: {
        inner: async () => void inner++,
        outer: async context => {
          await new Promise<void>(resolve => context.signal.addEventListener("abort", () => resolve()));
          await SoraServices.named("Service").do("inner").execute();
        },
      },
    });
    await using host = await createTestHost({ services: [service] });
    const answer = expect(host.services(service).do("outer").withTimeout("1s").execute()).rejects.toMatchObject({ code: "SORA_ACTION_TIMEOUT" });
    await host.clock.advance("1s");
    await answer;
    await host.clock.settle();
    expect(inner).toBe(0);
  });

  test("that is over already is said to be, and not to have been negative", async () => {
    const errors: unknown[] = [];
    const clock = createVirtualClock();
    const service = defineService("Service", {
      actions: {
        inner: async () => {},
        outer: async () => {
          clock.block("3s");
          errors.push(await rejection(SoraServices.named("Service").do("inner").execute()));
        },
      },
    });
    await using host = await createTestHost({ services: [service], clock });
    await host.services(service).do("outer").withTimeout("1s").execute();
    expect(errors).toMatchObject([
      { message: "Action Service.inner did not begin: no time was left for it.", details: { timeout: 0, phase: "waiting" }, code: "SORA_ACTION_TIMEOUT" },
    ]);
  });

  test("does not bind what the call has left behind, such as a timer, once it is over", async () => {
    const outcomes: unknown[] = [];
    const service = defineService("Service", {
      actions: {
        look: async (context): Promise<unknown> => context.deadline,
        leave: ({ clock }) => void clock.setTimer(() => outcomes.push(SoraServices.named("Service").do("look").execute()), 5_000),
      },
    });
    await using host = await createTestHost({ services: [service] });
    await host.services(service).do("leave").withTimeout("1s").execute();
    await host.clock.advance("5s");
    expect(await Promise.all(outcomes)).toEqual([undefined]);
  });

  test("does not run on for the handlers of its events", async () => {
    const seen: (number | undefined)[] = [];
    const service = defineService("Service", {
      actions: { emit: context => context.emit("Happened"), look: async context => void seen.push(context.deadline) },
    });
    await using host = await createTestHost({ services: [service] });
    using _subscription = await host
      .services(service)
      .on("Happened")
      .do((_args, { services }) => services(service).do("look").execute())
      .subscribe();
    await host.services(service).do("emit").withTimeout("1s").execute();
    expect(seen).toEqual([undefined]);
  });
});

describe("a caller's signal", () => {
  test("cancels the call: its signal aborts with the caller's reason as the cause, and the caller is answered at once", async () => {
    let seen: unknown;
    const deaf = defineService("Deaf", {
      actions: {
        sleep: context => {
          context.signal.addEventListener("abort", () => (seen = context.signal.reason));
          return never();
        },
      },
    });
    await using host = await createTestHost({ services: [deaf], shutdownTimeout: 0 });
    const controller = new AbortController();
    const reason = new Error("enough");
    const call = host.services(deaf).do("sleep").withSignal(controller.signal).execute();
    await host.clock.settle();
    controller.abort(reason);
    await expect(call).rejects.toMatchObject({ name: "SoraError", code: "SORA_ACTION_CANCELLED", cause: reason });
    expect(seen).toMatchObject({ code: "SORA_ACTION_CANCELLED", cause: reason });
  });

  test("that aborts for the end of the call's time changes nothing: it was the time, and is counted once", async () => {
    const group = new AbortController();
    const deaf = defineService("Deaf", {
      actions: {
        sleep: context => {
          context.signal.addEventListener("abort", () => group.abort());
          return never();
        },
      },
    });
    await using host = await createTestHost({ services: [deaf], shutdownTimeout: 0 });
    const call = host.services(deaf).do("sleep").withTimeout("2s").withSignal(group.signal).execute();
    const answer = expect(call).rejects.toMatchObject({ code: "SORA_ACTION_TIMEOUT" });
    await host.clock.advance("2s");
    await answer;
    const info = (await host.services(deaf).query().getInfo()).actions.find(action => action.name === "sleep");
    expect(info).toMatchObject({ calls: 1, failures: 1 });
  });

  test("that is aborted already lets nothing run", async () => {
    let runs = 0;
    const service = defineService("Service", { actions: { work: async () => void runs++ } });
    await using host = await createTestHost({ services: [service] });
    await expect(
      host
        .services(service)
        .do("work")
        .execute({ signal: AbortSignal.abort("gone") }),
    ).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED", cause: "gone" });
    expect(runs).toBe(0);
  });

  test("reaches nested calls, and answers them too", async () => {
    const reasons: unknown[] = [];
    const service = defineService("Service", {
      actions: {
        inner: context => {
          context.signal.addEventListener("abort", () => reasons.push((context.signal.reason as Error).cause));
          return never();
        },
        outer: async _context => {
          try {
            await SoraServices.named("Service").do("inner").execute();
          } catch (error) {
            reasons.push((error as SoraError).code);
            throw error;
          }
        },
      },
    });
    await using host = await createTestHost({ services: [service], shutdownTimeout: 0 });
    const controller = new AbortController();
    const call = host.services(service).do("outer").withSignal(controller.signal).execute();
    await host.clock.settle();
    controller.abort("gone");
    await expect(call).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED" });
    await host.clock.settle();
    expect(reasons).toEqual(["gone", "SORA_ACTION_CANCELLED"]);
  });

  test("of a plain call's nested call follows what surrounds it, here the run of a service that stops", async () => {
    let aborted = false;
    const service = defineService("Service", {
      actions: {
        wait: async context => {
          await new Promise<void>(resolve => context.signal.addEventListener("abort", () => resolve()));
          aborted = true;
        },
      },
      execute: async _context => void (await SoraServices.named("Service").do("wait").execute()),
    });
    const host = await createTestHost({ services: [service], shutdownTimeout: "10s" });
    const stopped = host.stop();
    await host.clock.advance("10s");
    expect(await stopped).toMatchObject({ exitCode: 0 });
    expect(aborted).toBe(true);
  });
});

describe("parameters", () => {
  const schema = z.object({ name: z.string().trim(), times: z.number().default(1) });

  test("are checked once for each call, through every door, and before it waits", async () => {
    const checks: unknown[] = [];
    const counting = {
      "~standard": { ...schema["~standard"], validate: (value: unknown) => (checks.push(value), schema["~standard"].validate(value)) },
    } as typeof schema;
    const got: unknown[] = [];
    const service = defineService("Service", {
      actions: {
        work: {
          parameters: counting,
          concurrency: 1,
          run: async (parameters, context) => {
            got.push(parameters);
            await context.delay("1s");
          },
        },
      },
    });
    await using host = await createTestHost({ services: [service] });
    const client = host.services(service);
    const calls = [
      client.do("work", { name: " a " }).execute(),
      SoraServices.named("service").do("work", { name: "b", times: 2 }).execute(),
      client.do("work", { name: "c" }).execute(),
    ];
    const bad = client.do("work", { name: 1 } as never).execute();
    await expect(bad).rejects.toMatchObject({
      code: "SORA_PARAMETERS_INVALID",
      details: { issues: [{ path: ["name"] }] },
      message: expect.stringContaining("$.name") as string,
    });
    expect(checks).toHaveLength(4); // the one that runs, those that wait, and the one that was refused
    await host.clock.advance("5s");
    await Promise.all(calls);
    expect(got).toEqual([
      { name: "a", times: 1 },
      { name: "b", times: 2 },
      { name: "c", times: 1 },
    ]);
    expect(checks).toHaveLength(4);
  });

  test("that are refused name every path at once, and the method never sees them", async () => {
    let runs = 0;
    const service = defineService("Service", {
      actions: { work: { parameters: z.object({ a: z.string(), list: z.array(z.number()) }), run: async () => void runs++ } },
    });
    await using host = await createTestHost({ services: [service] });
    await expect(
      host
        .services(service)
        .do("work", { a: 1, list: [1, "x"] } as never)
        .execute(),
    ).rejects.toMatchObject({
      code: "SORA_PARAMETERS_INVALID",
      details: { service: "Service", action: "work", issues: [{ path: ["a"] }, { path: ["list", 1] }] },
    });
    expect(runs).toBe(0);
  });

  test("that an action requires are asked for even where no schema says so", async () => {
    const service = defineService("Service", {
      actions: { work: { requiresParameters: true, parameters: type<string | undefined>(), run: async (name: string | undefined) => name } },
    });
    await using host = await createTestHost({ services: [service] });
    await expect(host.services(service).do("work").execute()).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    expect(await host.services(service).do("work", "x").execute()).toBe("x");
  });

  test("are checked by a schema that takes its time, and nothing runs that was cancelled meanwhile", async () => {
    let runs = 0;
    let pass: (() => void) | undefined;
    const slow = {
      "~standard": {
        version: 1 as const,
        vendor: "test",
        validate: (value: unknown) => new Promise<{ value: unknown }>(resolve => void (pass = () => resolve({ value }))),
      },
    };
    const service = defineService("Service", { actions: { work: { parameters: slow as never, run: async () => void runs++ } } });
    await using host = await createTestHost({ services: [service] });
    const controller = new AbortController();
    const call = host
      .services(service)
      .do("work", "x" as never)
      .withSignal(controller.signal)
      .execute();
    await host.clock.settle();
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED" });
    pass?.();
    await host.clock.settle();
    expect(runs).toBe(0);
  });
});

describe("correlation and metadata", () => {
  test("flow into nested calls, events, their handlers and the lines logged in all of them", async () => {
    const seen: [string, string, CallMetadata][] = [];
    const note = (where: string, context: { readonly correlationId: string; readonly metadata: CallMetadata }): void =>
      void seen.push([where, context.correlationId, context.metadata]);
    const service = defineService("Service", {
      actions: {
        outer: async context => {
          note("outer", context);
          context.logger.info("in outer");
          await SoraServices.named("Service").do("inner").execute();
          await SoraServices.named("Service").do("inner").withMetadata({ user: "u", tenant: "other" }).execute();
          await context.emit("Happened");
        },
        inner: async context => {
          note("inner", context);
          context.logger.info("in inner");
        },
      },
    });
    await using host = await createTestHost({ services: [service] });
    using _subscription = await host
      .services(service)
      .on("Happened")
      .do(async (_args, context) => {
        note("handler", context);
        await context.services(service).do("inner").execute();
      })
      .subscribe();
    await host.services(service).do("outer").withCorrelationId("c-1").withMetadata({ tenant: "t" }).execute();

    const tenant = { tenant: "t" };
    expect(seen).toEqual([
      ["outer", "c-1", tenant],
      ["inner", "c-1", tenant],
      ["inner", "c-1", { tenant: "other", user: "u" }],
      ["handler", "c-1", tenant],
      ["inner", "c-1", tenant],
    ]);
    expect(host.logs.filter(line => line.message.startsWith("in ")).map(line => line.fields["correlationId"])).toEqual(["c-1", "c-1", "c-1", "c-1"]);
  });

  test("are new for each call from outside, and one for all of a chain", async () => {
    const service = defineService("Service", { actions: { id: async context => context.correlationId } });
    await using host = await createTestHost({ services: [service] });
    const client = host.services(service);
    const [a, b] = [await client.do("id").execute(), await client.do("id").execute()];
    const chain = await client.do("id").do("id").do("id").execute();
    expect(new Set([a, b, ...chain]).size).toBe(3);
    expect(new Set(chain).size).toBe(1);
  });

  test("are each call's own where a long execute makes them, and one story in a periodic run", async () => {
    const target = defineService("Target", { actions: { id: async context => context.correlationId } });
    const ids: Record<string, string[]> = { long: [], run: [] };
    const long = defineService("Long", {
      execute: async context => {
        for (let i = 0; i < 2; i++) ids["long"]?.push(await context.services(target).do("id").execute());
        await new Promise(resolve => context.signal.addEventListener("abort", resolve));
      },
    });
    const periodic = defineService("Periodic", {
      every: "1h",
      execute: async context => {
        for (let i = 0; i < 2; i++) ids["run"]?.push(await context.services(target).do("id").execute());
      },
    });
    await using host = await createTestHost({ services: [target, long, periodic] });
    await host.clock.advance("1h");
    expect(new Set(ids["long"]).size).toBe(2);
    expect(new Set(ids["run"]).size).toBe(1);
  });
});

describe("executeAction", () => {
  test("stands around every call of the class, and goes on through super", async () => {
    const seen: unknown[] = [];
    class Audited extends SoraFluentServiceBase {
      override async executeAction(action: string, parameters: unknown, context: ActionContext): Promise<unknown> {
        seen.push([action, parameters, context.action]);
        if (action === "forbidden") throw new Error("no");
        return { wrapped: await super.executeAction(action, parameters, context) };
      }
      async double({ n }: { n: number }): Promise<number> {
        return 2 * n;
      }
      async plain(_context: ActionContext): Promise<string> {
        return "plain";
      }
      async forbidden(): Promise<void> {}
    }
    ServiceAction({ parameters: z.object({ n: z.number() }) })(Audited, "double");
    ServiceAction()(Audited, "plain");
    ServiceAction()(Audited, "forbidden");
    await using host = await createTestHost({ services: [Audited] });
    const client = host.services(Audited);
    expect(await client.do("double", { n: 2 }).execute()).toEqual({ wrapped: 4 });
    expect(await client.do("plain").execute()).toEqual({ wrapped: "plain" });
    await expect(client.do("forbidden").execute()).rejects.toThrow("no");
    expect(seen).toEqual([
      ["double", { n: 2 }, "double"],
      ["plain", undefined, "plain"],
      ["forbidden", undefined, "forbidden"],
    ]);
  });

  test("that goes on to an action the service has not is told so", async () => {
    class Redirected extends SoraFluentServiceBase {
      override executeAction(action: string, parameters: unknown, context: ActionContext): unknown {
        return super.executeAction(action === "old" ? "new-one" : "new-oen", parameters, context);
      }
      async old(): Promise<void> {}
      async other(): Promise<void> {}
      async newOne(): Promise<string> {
        return "new";
      }
    }
    for (const method of ["old", "other", "newOne"] as const) ServiceAction()(Redirected, method);
    await using host = await createTestHost({ services: [Redirected] });
    expect(await host.services(Redirected).do("old").execute()).toBe("new");
    await expect(host.services(Redirected).do("other").execute()).rejects.toMatchObject({ code: "SORA_ACTION_UNKNOWN", details: { nearest: "new-one" } });
  });
});

test.each([undefined, null, 7, "", {}])(
  "a call of the action %o, which is no name, says that there is no such action, whatever was called before",
  async name => {
    const service = defineService("Service", { actions: { real: async () => 1 } });
    await using host = await createTestHost({ services: [service] });
    const call = (): Promise<unknown> =>
      SoraServices.named("Service")
        .do(name as string)
        .execute();
    await expect(call()).rejects.toMatchObject({ code: "SORA_ACTION_UNKNOWN" });
    await host.services(service).do("real").execute();
    await expect(call()).rejects.toMatchObject({ code: "SORA_ACTION_UNKNOWN" });
  },
);

describe("what a call leaves behind", () => {
  const signals = new Set<AbortSignal>();
  const listening = (): number => [...signals].reduce((sum, signal) => sum + getEventListeners(signal, "abort").length, 0);
  beforeEach(() => {
    signals.clear();
    const { addEventListener } = AbortSignal.prototype;
    vi.spyOn(AbortSignal.prototype, "addEventListener").mockImplementation(function (this: AbortSignal, ...args: Parameters<typeof addEventListener>) {
      signals.add(this);
      addEventListener.apply(this, args);
    });
  });
  afterEach(() => void vi.restoreAllMocks());

  test("is no abort listener and no timer, however it ended", async () => {
    const service = defineService("Service", {
      actions: {
        ok: async context => void context.signal.aborted,
        fails: async () => Promise.reject(new Error("no")),
        nested: async _context => {
          await SoraServices.named("Service").do("ok").execute();
          await SoraServices.named("Service").do("ok").withTimeout("1h").execute();
        },
        queued: { concurrency: 1, timeout: "1h", run: async (_none: unknown, context) => context.delay("1s") },
        deaf: async context => {
          void context.signal.aborted;
          await context.clock.sleep(10_000);
        },
      },
    });
    await using host = await createTestHost({ services: [service] });
    await host.clock.settle();
    const client = host.services(service);
    const controller = new AbortController();
    const before = { listening: listening(), timers: host.clock.pending };

    const calls: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round++) {
      calls.push(
        client.do("ok").withTimeout("1h").execute(),
        client.do("ok").withSignal(controller.signal).withTimeout("1h").execute(),
        client
          .do("fails")
          .withSignal(controller.signal)
          .execute()
          .catch(() => {}),
        client.do("nested").withSignal(controller.signal).withTimeout("1h").execute(),
        client.do("queued").withSignal(controller.signal).execute(),
        client
          .do("deaf")
          .withTimeout("1s")
          .withSignal(controller.signal)
          .execute()
          .catch(() => {}),
        client
          .do("queued")
          .withTimeout("10ms")
          .execute()
          .catch(() => {}),
      );
    }
    await host.clock.advance("1m");
    await Promise.all(calls);
    expect({ listening: listening(), timers: host.clock.pending }).toEqual(before);
  });

  test("is nothing either where the service could not take it", async () => {
    const down = defineService("Down", {
      restart: { delay: "1h", maxDelay: "1h", jitter: "none" },
      execute: async () => Promise.reject(new Error("down")),
      actions: { work: async () => {} },
    });
    const up = defineService("Up", {
      actions: {
        work: async context =>
          context
            .services(down)
            .do("work")
            .execute()
            .catch(() => {}),
      },
    });
    const patient = defineService("Patient", {
      actions: {
        work: async context => {
          await rejection(context.services(down).do("work").withTimeout("500ms").execute());
          await context.delay("1m"); // goes on, and its signal with it
        },
      },
    });
    await using host = await createTestHost({ services: [down, up, patient] });
    await host.clock.settle();
    const controller = new AbortController();
    const before = { listening: listening(), timers: host.clock.pending };
    const going = host.services(patient).do("work").execute();
    await host.clock.settle();
    const calls = [
      host
        .services(up)
        .do("work")
        .withTimeout("1s")
        .execute()
        .catch(() => {}),
      host
        .services(down)
        .do("work")
        .withSignal(controller.signal)
        .execute()
        .catch(() => {}),
      host
        .services(down)
        .do("work")
        .withTimeout("1s")
        .execute()
        .catch(() => {}),
    ];
    await host.clock.advance("1s");
    controller.abort();
    await Promise.all(calls);
    expect({ listening: listening(), timers: host.clock.pending }).toEqual({ listening: before.listening + 1, timers: before.timers + 1 }); // the patient one's own delay
    await host.clock.advance("1m");
    await going;
    expect({ listening: listening(), timers: host.clock.pending }).toEqual(before);
  });
});
