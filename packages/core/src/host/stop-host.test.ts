import { describe, expect, test } from "vitest";
import { defineService, HealthReport, serviceEvent, SoraServices, token, type } from "../index.ts";
import { createTestHost, createVirtualClock } from "../testing/index.ts";
import { TestHost } from "../testing/test-host.ts";
import type { ServiceSource, StopReport } from "../index.ts";

const untilAborted = (signal: AbortSignal): Promise<void> => new Promise(resolve => signal.addEventListener("abort", () => resolve()));
const never = (): Promise<never> => new Promise(() => {});

/** Stops the host and moves its clock by `time`, which must be enough. */
async function stopWithin(host: TestHost, time: number): Promise<StopReport> {
  const stopped = host.stop();
  await host.clock.advance(time);
  return stopped;
}

describe("a host's stop", () => {
  test("goes in order: unready, no ticks and no calls from outside, drain, execute aborted in reverse, disposal, dependencies", async () => {
    const log: string[] = [];
    const database = token<object>("Database");
    const service = (name: string): ServiceSource => {
      class Service {
        async execute(signal: AbortSignal): Promise<void> {
          await untilAborted(signal);
          log.push(`${name} aborted`);
          await Promise.resolve();
          log.push(`${name} ended`);
        }
        async [Symbol.asyncDispose](): Promise<void> {
          log.push(`${name} disposed`);
        }
      }
      Object.defineProperty(Service, "name", { value: name });
      return Service;
    };
    const worker = defineService("Worker", {
      actions: {
        outer: async context => {
          await context.delay("5s");
          log.push(`nested ${String(await context.services(helper).do("help").execute())}`);
          await context.emit("Finished");
        },
      },
    });
    const helper = defineService("Helper", { actions: { help: async context => context.delay("1s").then(() => "served") } });
    const ticking = defineService("Ticking", { every: "1s", execute: async () => void log.push("tick") });
    const host = await createTestHost({
      services: [service("First"), service("Second"), worker, helper, ticking],
      provide: [[database, () => ({ dispose: () => log.push("database disposed") })]],
    });
    await host
      .services(worker)
      .on("Finished")
      .do(async () => void log.push("handled"))
      .subscribe();
    await host.clock.advance("1s");
    const call = host.services(worker).do("outer").execute();
    host.lifetime.stopping.addEventListener("abort", () => log.push("stopping"));
    const stopped = host.stop();
    await host.clock.settle();
    expect(await host.ready()).toMatchObject({ ready: false, reasons: ["the host is stopping"] });
    await expect(host.services(helper).do("help").execute()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    await expect(host.startService(helper)).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    expect(log).toEqual(["tick", "stopping"]);
    await host.clock.advance("6s");
    await call;
    expect(await stopped).toMatchObject({ exitCode: 0, culprits: [], duration: 6_000, reason: "asked to" });
    expect(log.slice(2)).toEqual([
      "nested served",
      "handled",
      "Second aborted",
      "Second ended",
      "Second disposed",
      "First aborted",
      "First ended",
      "First disposed",
      "database disposed",
    ]);
    await host.clock.advance("1h");
    expect(log).toHaveLength(11);
    expect(host.clock.pending).toBe(0);
  });

  test("gives the same report to everybody who asks, and to those who wait for it", async () => {
    const host = await createTestHost({ services: [] });
    const [one, two, three] = await Promise.all([host.stop("one"), host.stop("two"), host.stopped]);
    expect(one).toBe(two);
    expect(one).toBe(three);
    expect(one.reason).toBe("one");
    expect(await host.stop()).toBe(one);
  });

  test("of a host that was never started is over at once, and it cannot be started any more", async () => {
    const host = new TestHost({ services: [] });
    expect(await host.stop()).toMatchObject({ exitCode: 0, culprits: [] });
    await expect(host.start()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING", message: expect.stringContaining("it is stopped") as string });
    expect(await host.stopped).toMatchObject({ exitCode: 0 });
  });

  test("lets periodic runs and their calls finish, and begins none", async () => {
    const log: string[] = [];
    const helper = defineService("Helper", { actions: { help: async context => context.delay("1s") } });
    const job = defineService("Job", {
      every: "10s",
      execute: async context => {
        log.push("begin");
        await context.delay("3s");
        await context.services(helper).do("help").execute();
        log.push("end");
      },
    });
    const host = await createTestHost({ services: [helper, job] });
    await host.clock.advance("10s");
    const waiting = host.services(job).do("trigger").execute(); // waits for the run under way
    const report = await stopWithin(host, 60_000);
    await waiting;
    expect(log).toEqual(["begin", "end", "begin", "end"]);
    expect(report).toMatchObject({ exitCode: 0, duration: 8_000 });
  });

  test("does not wait for what a long execute goes on doing, and aborts it once the calls have drained", async () => {
    const helper = defineService("Helper", { actions: { help: async context => context.delay(100) } });
    const busy = defineService("Busy", {
      execute: async context => {
        while (!context.signal.aborted) await context.services(helper).do("help").execute();
      },
    });
    const host = await createTestHost({ services: [helper, busy] });
    await host.clock.advance("1s");
    const report = await stopWithin(host, 1_000);
    expect(report).toMatchObject({ exitCode: 0, culprits: [] });
    expect(report.duration).toBeLessThanOrEqual(200);
  });
});

describe("a stop that does not settle", () => {
  test.each([
    ["an action", { actions: { hang: never } }, "Culprit: action hang has not finished"],
    ["an execute", { execute: never }, "Culprit: execute has not returned"],
    [
      "a loop that ignores its signal",
      {
        execute: async ({ clock }: { clock: { sleep(ms: number): Promise<void> } }) => {
          for (;;) await clock.sleep(500);
        },
      },
      "Culprit: execute has not returned",
    ],
    ["a periodic run", { every: "1s" as const, execute: never }, "Culprit: a run has not returned"],
  ])("because of %s is over within a second of its limit, non-zero, and names it", async (_what, spec, culprit) => {
    const service = defineService("Culprit", spec as never);
    const fine = defineService("Fine", { execute: ({ signal }) => untilAborted(signal) });
    const host = await createTestHost({ services: [service, fine], shutdownTimeout: "10s" });
    if ("actions" in spec)
      void SoraServices.named("Culprit")
        .do("hang")
        .execute()
        .catch(() => {});
    await host.clock.advance("1s");
    const report = await stopWithin(host, 11_000);
    expect(report).toMatchObject({ exitCode: 1, culprits: [culprit] });
    expect(report.duration).toBeLessThanOrEqual(11_000);
    expect(host.list().map(one => one.state)).toEqual(["actions" in spec ? "stopped" : "stopping", "stopped"]);
    expect(host.logs.filter(line => line.level === "error").at(-1)?.message).toContain(culprit);
  });

  test("because of handlers names their events, how many there are and whose, those of subscriptions that have ended too, in the order of subscribing", async () => {
    const happened = serviceEvent("Happened", type<void>());
    const moved = serviceEvent("Moved", type<void>());
    const service = defineService("Service", {
      events: { happened, moved },
      actions: { emit: context => void Promise.all([context.emit(happened), context.emit(moved), context.emit(happened)]) },
    });
    const mailer = defineService("Mailer", {
      actions: {
        subscribe: async context => {
          await context.services(service).on(happened).do(never).subscribe();
        },
      },
    });
    const host = await createTestHost({ services: [service, mailer], shutdownTimeout: "10s" });
    await host.services(service).on(moved).do(never).subscribe();
    await host.services(service).on(happened).once().do(never).subscribe();
    const ended = await host.services(service).on(happened).do(never).subscribe();
    await host
      .services(service)
      .on(happened)
      .do(async () => {})
      .subscribe();
    await host.services(mailer).do("subscribe").execute();
    await host.services(service).do("emit").execute();
    ended.dispose();
    expect(await stopWithin(host, 11_000)).toMatchObject({
      exitCode: 1,
      culprits: [
        "Service:Moved: an event handler has not finished",
        "Service:Happened: 2 event handlers have not finished",
        "Service:Happened: an event handler of Mailer has not finished, and one event waits for that",
      ],
    });
  });

  test("because of a handler and an action names both", async () => {
    const happened = serviceEvent("Happened", type<void>());
    const service = defineService("Service", { events: { happened }, actions: { emit: context => void context.emit(happened), hang: never } });
    const host = await createTestHost({ services: [service], shutdownTimeout: "10s" });
    await host.services(service).on(happened).do(never).subscribe();
    await host.services(service).do("emit").execute();
    void host
      .services(service)
      .do("hang")
      .execute()
      .catch(() => {});
    expect(await stopWithin(host, 11_000)).toMatchObject({
      exitCode: 1,
      culprits: ["Service:Happened: an event handler has not finished", "Service: action hang has not finished"],
    });
  });

  test("names no handler where all of them have finished", async () => {
    const happened = serviceEvent("Happened", type<void>());
    const service = defineService("Service", { events: { happened }, actions: { emit: context => context.emit(happened), hang: never } });
    const host = await createTestHost({ services: [service], shutdownTimeout: "10s" });
    await host
      .services(service)
      .on(happened)
      .do(async () => {})
      .subscribe();
    await host
      .services(service)
      .on(happened)
      .once()
      .do(async () => {})
      .subscribe();
    await host.services(service).do("emit").execute();
    void host
      .services(service)
      .do("hang")
      .execute()
      .catch(() => {});
    expect(await stopWithin(host, 11_000)).toMatchObject({ culprits: ["Service: action hang has not finished"] });
  });

  test.each([3_000, Infinity])(
    "because of an event that a service emits as it ends waits for its handlers, in its time, and names them (%s ms)",
    async time => {
      const ending = serviceEvent("Ending", type<void>());
      let handled = false;
      const service = defineService("Service", {
        events: { ending },
        execute: async ({ signal, emit }) => {
          await untilAborted(signal);
          void emit(ending);
        },
      });
      const host = await createTestHost({ services: [service], shutdownTimeout: "10s" });
      await host
        .services(service)
        .on(ending)
        .do(async () => {
          await (time === Infinity ? never() : host.clock.sleep(time));
          handled = true;
        })
        .subscribe();
      const report = await stopWithin(host, 11_000);
      expect(report.culprits).toEqual(time === Infinity ? ["Service:Ending: an event handler has not finished"] : []);
      expect(handled).toBe(time !== Infinity);
      expect(report.duration).toBeLessThanOrEqual(11_000);
    },
  );

  test("because of disposals names them, those of services and those of dependencies", async () => {
    class Service {
      execute(signal: AbortSignal): Promise<void> {
        return untilAborted(signal);
      }
      [Symbol.asyncDispose](): Promise<void> {
        return never();
      }
    }
    const stuck = token<object>("Stuck");
    const host = await createTestHost({ services: [Service], provide: [[stuck, () => ({ [Symbol.asyncDispose]: never })]], shutdownTimeout: "10s" });
    const report = await stopWithin(host, 11_000);
    expect(report).toMatchObject({ exitCode: 1, culprits: ["Service: its disposal has not finished", "dependencies: their disposal has not finished"] });
    expect(report.duration).toBeLessThanOrEqual(11_000);
  });

  test("because of twenty services is still over in time, and each of them had its signal", async () => {
    const aborted: string[] = [];
    const services = Array.from({ length: 20 }, (_, i) => {
      class Hanging {
        async execute(signal: AbortSignal): Promise<void> {
          signal.addEventListener("abort", () => aborted.push(`S${i}`));
          await never();
        }
        [Symbol.asyncDispose](): Promise<void> {
          return never();
        }
      }
      Object.defineProperty(Hanging, "name", { value: `S${i}` });
      return Hanging;
    });
    const host = await createTestHost({ services, shutdownTimeout: "10s" });
    const report = await stopWithin(host, 11_000);
    expect(report.culprits).toHaveLength(40);
    expect(report.duration).toBeLessThanOrEqual(11_000);
    expect(aborted).toEqual(Array.from({ length: 20 }, (_, i) => `S${19 - i}`));
  });

  test("lets a service that takes its time have it, though another one hangs", async () => {
    let ended = false;
    const slow = defineService("Slow", {
      execute: async ({ signal, clock }) => {
        await untilAborted(signal);
        await clock.sleep(4_000);
        ended = true;
      },
    });
    const hanging = defineService("Hanging", { execute: never });
    const host = await createTestHost({ services: [slow, hanging], shutdownTimeout: "10s" });
    expect(await stopWithin(host, 11_000)).toMatchObject({ culprits: ["Hanging: execute has not returned"] });
    expect(ended).toBe(true);
  });

  test("takes over the stop of a single service that was under way, with what it could not end", async () => {
    const hanging = defineService("Hanging", { execute: never });
    const host = await createTestHost({ services: [hanging], shutdownTimeout: "10s" });
    void host.stopService(hanging);
    await host.clock.advance("1s");
    expect(await stopWithin(host, 11_000)).toMatchObject({ exitCode: 1, culprits: ["Hanging: execute has not returned"] });
  });

  test("is not drawn out by whoever asks for a single service's stop meanwhile", async () => {
    const service = defineService("Service", { actions: { hang: never } });
    const host = await createTestHost({ services: [service], shutdownTimeout: "10s" });
    void SoraServices.named("Service")
      .do("hang")
      .execute()
      .catch(() => {});
    const stopped = host.stop();
    await host.clock.advance("3s");
    const single = host.stopService(service);
    const restarted = expect(host.restartService(service)).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    await host.clock.advance("8s");
    expect((await stopped).duration).toBeLessThanOrEqual(11_000);
    await Promise.all([single, restarted]);
  });

  test("rejects nothing and logs where a disposal throws", async () => {
    class Service {
      async execute(): Promise<void> {}
      dispose(): void {
        throw new Error("cannot close");
      }
    }
    const broken = token<object>("Broken");
    const host = await createTestHost({
      services: [Service],
      provide: [
        [
          broken,
          () => ({
            dispose: () => {
              throw new Error("nor this");
            },
          }),
        ],
      ],
    });
    expect(await host.stop()).toMatchObject({ exitCode: 0, culprits: [] });
    expect(host.logs.filter(line => line.level === "error").map(line => line.message)).toEqual([
      "The service could not be disposed of",
      expect.stringContaining("Dependencies could not be disposed of") as string,
    ]);
  });
});

describe("a stop while the host starts", () => {
  test.each(["immediately", "while dependencies are made", "while a startup service runs"])(
    "%s: what was begun is taken back, nothing else begins, and start() resolves once all is over",
    async when => {
      const log: string[] = [];
      const clock = createVirtualClock();
      const slow = token<object>("Slow");
      const step = defineService("Step", {
        startupOrder: 1,
        execute: async context => {
          log.push("step");
          await context.delay("5s");
        },
      });
      const later = defineService("Later", { execute: ({ signal }) => (log.push("later"), untilAborted(signal)) });
      const host = new TestHost({
        services: [step, later],
        clock,
        provide: [
          [
            slow,
            async () => {
              log.push("making");
              await clock.sleep(2_000);
              return { dispose: () => log.push("disposed") };
            },
          ],
        ],
      });
      const started = host.start();
      if (when !== "immediately") await clock.advance(when === "while dependencies are made" ? 1_000 : 3_000);
      const stopped = host.stop();
      await clock.advance("10s");
      await started;
      expect(await stopped).toMatchObject({ exitCode: 0, culprits: [] });
      expect(log).toEqual(when === "immediately" ? [] : when === "while dependencies are made" ? ["making", "disposed"] : ["making", "step", "disposed"]);
      expect(clock.pending).toBe(0);
      await expect(async () => SoraServices.all()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    },
  );

  test("is not held up by a startup service that ignores its signal, nor by one that never runs", async () => {
    const clock = createVirtualClock();
    const deaf = defineService("Deaf", { startupOrder: 1, execute: never });
    const host = new TestHost({ services: [deaf], clock, shutdownTimeout: "3s" });
    const started = host.start();
    await clock.advance("1s");
    const stopped = host.stop();
    await clock.advance("4s");
    expect(await stopped).toMatchObject({ exitCode: 1, culprits: ["Deaf: execute has not returned"] });
    await started;
  });

  test("is not held up by a dependency that is never made, names it, and disposes of it should it come after all", async () => {
    const clock = createVirtualClock();
    let make: ((value: object) => void) | undefined;
    let disposed = 0;
    const stuck = token<object>("Stuck");
    const host = new TestHost({ services: [], clock, shutdownTimeout: "3s", provide: [[stuck, () => new Promise<object>(resolve => (make = resolve))]] });
    const started = host.start();
    await clock.settle();
    const stopped = host.stop();
    await clock.advance("4s");
    expect(await stopped).toMatchObject({ exitCode: 1, culprits: expect.arrayContaining(["the start: its preparation has not finished"]) as string[] });
    await started;
    make?.({ dispose: () => disposed++ });
    await clock.settle();
    expect(disposed).toBe(1);
  });

  test("by a critical failure ends it with that failure", async () => {
    const clock = createVirtualClock();
    const critical = defineService("Critical", { isCritical: true, priority: 500, restart: false, execute: async () => Promise.reject(new Error("no power")) });
    const other = defineService("Other", { dependsOn: critical, execute: ({ signal }) => untilAborted(signal) });
    const host = new TestHost({ services: [critical, other], clock, onCriticalFailure: "stop" });
    await host.start();
    expect(await host.stopped).toMatchObject({ exitCode: 1, error: { code: "SORA_SERVICE_FAILED" } });
    expect(host.list().map(one => one.state)).toEqual(["stopped", "stopped"]);
  });

  test("by the constructor of a critical service, where the host goes on without others, ends it too", async () => {
    class Critical {
      readonly isCritical = true;
      constructor() {
        throw new Error("no power");
      }
      async execute(): Promise<void> {}
    }
    const named = defineService("Named", {
      isCritical: true,
      startupOrder: 1,
      continueOnFailure: true,
      execute: async () => Promise.reject(new Error("no power")),
    });
    const host = new TestHost({
      services: [Critical, named],
      onCriticalFailure: "stop",
      configuration: { Sora: { BackgroundServices: { FailFastOnStartupFailure: false } } },
    });
    await host.start();
    expect(await host.stopped).toMatchObject({ exitCode: 1, reason: "critical service Named has failed" });
  });
});

describe("after a stop", () => {
  test.each([true, false])("whatever asks for the store hears that the host has stopped, whether it was open (%s) or not", async wasOpen => {
    const service = defineService("Service", { actions: { work: async () => {} } });
    const host = await createTestHost({ services: [service] });
    const receipt = wasOpen ? await host.services(service).do("work").enqueue() : host.actions.receipt("1");
    await host.stop();
    const asked = [
      () => host.services(service).do("work").enqueue(),
      () => host.services(service).doEach("work", [undefined]).enqueue(),
      () => host.services(service).do("work").schedule("hourly", { every: "1h" }),
      () => receipt.status(),
      () => receipt.result(),
      () => receipt.cancel(),
      () => host.actions.list(),
      () => host.actions.pause("Service"),
      () => host.schedules.list(),
      () => host.outbox.append("topic", 1),
    ];
    for (const ask of asked) await expect(ask(), String(ask)).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
  });

  test("the host answers questions, refuses work, and holds no timer", async () => {
    const service = defineService("Service", { every: "1s", execute: async () => {}, check: () => HealthReport.healthy(), actions: { work: async () => {} } });
    const host = await createTestHost({ services: [service], loopMonitor: true, builtIns: true });
    await host.clock.advance("5s");
    await host.stop();
    expect(host.clock.pending).toBe(0);
    expect(host.list()[0]).toMatchObject({ state: "stopped", runs: 5 });
    expect((await host.ready()).ready).toBe(false);
    await expect(host.services(service).do("work").execute()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    await expect(host.services(service).do("trigger").execute()).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    await expect(
      host
        .services(service)
        .on("Anything")
        .do(() => {})
        .subscribe(),
    ).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    await expect(host.startService(service)).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    await expect(host.restartService(service)).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
    await host.stopService(service);
    expect(host.clock.pending).toBe(0);
  });
});
