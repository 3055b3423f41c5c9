import { expect, test } from "vitest";
import { addSora, defineService, SoraBackgroundService, SoraFluentServiceBase, SoraServices, token } from "../index.ts";
import { controlOf } from "../control/control-of.ts";
import { createTestHost } from "../testing/index.ts";
import type { Clock } from "../index.ts";

const neverDisposed = token<AsyncDisposable>("NeverDisposed");
const stuck = defineService("Stuck", {
  actions: {
    hang: () => new Promise(() => {}),
    hangFully: { concurrency: 3, run: () => new Promise(() => {}) },
    hangForeign: (): unknown => ({ then: () => {} }), // a promise of another library's making
    hangDisposing: ({ inject }) => void inject(neverDisposed),
  },
});
const hanging = defineService("Hanging", { every: "1h", execute: () => new Promise<void>(() => {}) });

test("a stop answers the callers of actions that ignore their signal, when its time is over", async () => {
  const host = await createTestHost({
    services: [stuck, hanging],
    shutdownTimeout: "500ms",
    provide: [[neverDisposed, () => ({ [Symbol.asyncDispose]: () => new Promise<void>(() => {}) }), { lifetime: "scoped" }]],
  });
  const calls = [
    host.services(stuck).do("hang").execute(),
    host.services(stuck).do("hang-fully").execute(),
    host.services(stuck).do("hang-foreign").execute(),
    host.services(stuck).do("hang-disposing").execute(),
    host.services(stuck).do("hang").withTimeout("1h").execute(),
    host.services(hanging).do("trigger").execute(),
  ].map(call => expect(call).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" }));
  const report = await host.stop();
  await Promise.all(calls);
  expect(report.exitCode).toBe(1);
  expect(report.culprits).toEqual(expect.arrayContaining(["Stuck: action hang has not finished"]));
});

test("stopping one service answers those callers too", async () => {
  await using host = await createTestHost({ services: [stuck], shutdownTimeout: "500ms" });
  const call = expect(host.services(stuck).do("hang").execute()).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
  const stopped = host.stopService(stuck);
  await host.clock.advance("1s");
  await stopped;
  await call;
});

test("a call that a stop answers is counted once, as cancelled, and whatever becomes of its action after is not", async () => {
  const gates = { plain: Promise.withResolvers<void>(), fully: Promise.withResolvers<void>(), failing: Promise.withResolvers<void>() };
  const late = defineService("Late", {
    actions: { plain: () => gates.plain.promise, fully: { concurrency: 3, run: () => gates.fully.promise }, failing: () => gates.failing.promise },
  });
  await using host = await createTestHost({ services: [late], shutdownTimeout: "500ms" });
  using metrics = controlOf(host).metrics();
  const counts = (): string[] => {
    const calls = metrics.collect().find(({ name }) => name === "sora_action_calls_total");
    const points = calls?.type === "counter" ? calls.points.filter(({ value }) => value > 0) : [];
    return points.map(({ labels, value }) => `${labels["action"]} ${labels["outcome"]} ${value}`);
  };
  const calls = (["plain", "fully", "failing"] as const).map(action =>
    expect(host.services(late).do(action).execute()).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" }),
  );
  const stopped = host.stopService(late);
  await host.clock.advance("1s");
  await Promise.all([stopped, ...calls]);
  const expected = ["plain cancelled 1", "fully cancelled 1", "failing cancelled 1"];
  expect(counts()).toEqual(expected);
  gates.plain.resolve();
  gates.fully.resolve();
  gates.failing.reject(new Error("too late"));
  await host.clock.settle();
  expect(counts()).toEqual(expected);
  expect(await host.services(late).query().getStatus()).toMatchObject({ inFlight: 0 });
  expect((await host.services(late).query().getStatus()).lastError).toBeUndefined();
});

test.each(["an action", "a run", "startup work"])("a stop does not wait for the calls that a timer goes on making which %s has left behind", async whose => {
  let calls = 0;
  const busy = defineService("Busy", {
    actions: { work: async ({ services, delay }) => (calls++, await delay(10), await services(quick).do("work").execute()) },
  });
  const quick = defineService("Quick", { actions: { work: async ({ delay }): Promise<void> => delay(10) } });
  const leave = ({ clock }: { readonly clock: Clock }): void => {
    const again = (): void => {
      clock.setTimer(again, 5);
      void SoraServices.named("Busy")
        .do("work")
        .execute()
        .catch(() => {}); // until the host is gone
    };
    again();
  };
  const leaving = defineService("Leaving", {
    ...(whose === "a run" ? { every: "1h" as const } : {}),
    ...(whose === "startup work" ? { startupOrder: 1 } : {}),
    ...(whose === "an action" ? { actions: { leave } } : { execute: leave }),
  });
  const host = await createTestHost({ services: [leaving, busy, quick] });
  if (whose !== "startup work")
    await SoraServices.named("Leaving")
      .do(whose === "a run" ? "trigger" : "leave")
      .execute();
  await host.clock.advance("1s");
  expect(calls).toBeGreaterThan(100);
  expect(await host.stop()).toMatchObject({ culprits: [], duration: expect.toSatisfy((duration: number) => duration <= 30) });
});

test("a call that waits for another service to come up again ends with the service it is made from", async () => {
  const down = defineService("Down", {
    restart: { delay: "1h", maxDelay: "1h", jitter: "none" },
    execute: async () => {
      throw new Error("down");
    },
    actions: { ask: async () => 1 },
  });
  const asker = defineService("Asker", { actions: { relay: async (context): Promise<unknown> => context.services(down).do("ask").execute() } });
  await using host = await createTestHost({ services: [down, asker], shutdownTimeout: "10s" });
  const call = expect(host.services(asker).do("relay").execute()).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
  const stopped = host.stopService(asker);
  await host.clock.advance("6s"); // the drain, after which it is told to end
  await Promise.all([call, stopped]);
  expect(await host.services(asker).query().getStatus()).toMatchObject({ state: "stopped", inFlight: 0 });
  expect(host.logs.filter(({ level }) => level === "error")).toEqual([]);
});

test("a call that waits for a service not started yet is refused when the start fails, and when the host is stopped meanwhile", async () => {
  const later = defineService("Later", { actions: { hi: () => 1 } });
  for (const fails of [true, false]) {
    const gate = Promise.withResolvers<void>();
    const boot = defineService("Boot", {
      startupOrder: 1,
      execute: ({ signal }) =>
        new Promise<void>((resolve, reject) => (signal.addEventListener("abort", () => resolve()), void gate.promise.then(resolve, reject))),
    });
    const host = addSora({ services: [boot, later], logger: false, watchConfiguration: false, environment: "Development" });
    const started = host.start().catch((error: unknown) => error);
    while (host.list === undefined || !running(host)) await new Promise(resolve => setImmediate(resolve));
    const call = expect(host.services(later).do("hi").execute()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    if (fails) gate.reject(new Error("no"));
    else await host.stop();
    await call;
    await started;
    await host.stop();
  }
});

function running(host: ReturnType<typeof addSora>): boolean {
  try {
    return host.list().some(status => status.state === "starting");
  } catch {
    return false; // not begun yet
  }
}

test("a stop asked for after a start that waits is the last word", async () => {
  const gate = Promise.withResolvers<void>();
  const slow = defineService("Slow", { actions: { work: () => gate.promise } });
  await using host = await createTestHost({ services: [slow] });
  const call = host.services(slow).do("work").execute();
  const first = host.stopService(slow);
  const start = expect(host.startService(slow)).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
  const last = host.stopService(slow);
  gate.resolve();
  await Promise.all([call, first, start, last]);
  expect((await host.services(slow).query().getStatus()).state).toBe("stopped");
});

test("an asynchronous configure() is refused with the service's name", async () => {
  @SoraBackgroundService()
  class Impatient extends SoraFluentServiceBase {
    async configure(): Promise<void> {
      throw new Error("later");
    }
  }
  await expect(createTestHost({ services: [Impatient] })).rejects.toMatchObject({
    message: expect.stringContaining("Impatient: its configure() returns a promise"),
  });
});
