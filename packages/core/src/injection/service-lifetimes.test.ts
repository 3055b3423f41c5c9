import { describe, expect, test } from "vitest";
import { ProcessBatchCommand, ServiceCommand, TriggerNowCommand } from "../commands/service-command.ts";
import { defineService } from "../definition/define-service.ts";
import { ServiceAction } from "../definition/service-action.ts";
import { SoraBackgroundService, SoraPeriodicService, SoraStartupService } from "../definition/sora-background-service.ts";
import { SoraFluentServiceBase } from "../definition/sora-fluent-service-base.ts";
import { SoraPokablePeriodicServiceBase } from "../definition/sora-periodic-service-base.ts";
import { serviceEvent } from "../events/service-event.ts";
import { HealthReport } from "../health/health-report.ts";
import { createTestHost } from "../testing/index.ts";
import { inject } from "./inject.ts";
import { token } from "./token.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ServiceLifetime } from "../definition/service-options.ts";

/** A dependency that is numbered, and says when it ends. */
function sessions(): { readonly Session: new () => { readonly number: number; dispose(): void }; readonly log: string[]; readonly open: () => number } {
  const log: string[] = [];
  let made = 0;
  let disposed = 0;
  class Session {
    readonly number = ++made;
    dispose(): void {
      disposed++;
      log.push(`end ${this.number}`);
    }
  }
  return { Session, log, open: () => made - disposed };
}

describe("a scoped service", () => {
  class Sweep extends ServiceCommand {}
  const Swept = serviceEvent("Swept");
  const make = () => {
    const { Session, log, open } = sessions();
    @SoraPeriodicService({ lifetime: "scoped", every: "1h" })
    class Scoped extends SoraPokablePeriodicServiceBase {
      readonly session = inject(Session);
      override readonly supportedCommands = [Sweep];
      dispose(): void {
        log.push(`dispose ${this.session.number}`);
      }
      override async executePeriodic(): Promise<void> {
        log.push(`run ${this.session.number}`);
        await this.emit(Swept);
      }
      override onProcessBatch(): string {
        return `batch ${this.session.number}`;
      }
      override handleCommand(): string {
        return `command ${this.session.number}`;
      }
      override check(): HealthReport {
        return HealthReport.degraded(`check ${this.session.number}`);
      }
      @ServiceAction() async work(): Promise<string> {
        return `work ${this.session.number}`;
      }
      @ServiceAction() async fail(): Promise<never> {
        throw new Error(`fail ${this.session.number}`);
      }
    }
    return { Scoped, Session, log, open, provide: [[Session, Session, { lifetime: "scoped" }]] as const };
  };

  test("has a new instance, with a new scope, for each action, command and run, which end when it settles", async () => {
    const { Scoped, log, open, provide } = make();
    await using host = await createTestHost({ services: [Scoped], provide: [...provide] });
    const services = host.services(Scoped);
    expect(open()).toBe(1); // the lasting one
    expect(await services.do("work").execute()).toBe("work 2");
    expect(log.splice(0)).toEqual(["dispose 2", "end 2"]);
    await expect(services.do("fail").execute()).rejects.toThrow("fail 3");
    expect(log.splice(0)).toEqual(["dispose 3", "end 3"]);
    expect(await services.do("process-batch").execute()).toBe("batch 4");
    expect(await host.commands.send(Scoped, new ProcessBatchCommand())).toBe("batch 5");
    expect(await host.commands.send(Scoped, new Sweep())).toBe("command 6");
    log.length = 0;
    await services.do("trigger").execute();
    await host.commands.send(Scoped, new TriggerNowCommand());
    expect(log.splice(0)).toEqual(["run 7", "dispose 7", "end 7", "run 8", "dispose 8", "end 8"]);
    await host.clock.advance("1h");
    expect(log.splice(0)).toEqual(["run 9", "dispose 9", "end 9"]);
    expect(open()).toBe(1);
  });

  test("has one instance as long as the host for its checks, its events and its long loop", async () => {
    const { Scoped, open, provide } = make();
    const host = await createTestHost({ services: [Scoped], provide: [...provide] });
    await host.services(Scoped).do("work").execute();
    expect((await host.services(Scoped).query().getHealth()).description).toBe("check 1");
    const heard: unknown[] = [];
    using _ = await host
      .services(Scoped)
      .on(Swept)
      .do(() => void heard.push(open()))
      .subscribe();
    await host.services(Scoped).do("trigger").execute();
    expect(heard).toEqual([2]);
    await host.stop();
    expect(open()).toBe(0);

    const { Session, log } = sessions();
    @SoraBackgroundService({ lifetime: "scoped" })
    class Loop extends SoraFluentServiceBase {
      readonly session = inject(Session);
      override async executeCore(signal: AbortSignal): Promise<void> {
        for await (const { count } of this.periodicTimer("1m", signal)) log.push(`tick ${count} of ${this.session.number}`);
      }
      @ServiceAction() async work(): Promise<number> {
        return this.session.number;
      }
    }
    await using loops = await createTestHost({ services: [Loop], provide: [[Session, Session, { lifetime: "scoped" }]] });
    await loops.clock.advance("1m");
    expect(await loops.services(Loop).do("work").execute()).toBe(2);
    await loops.clock.advance("1m");
    expect(log).toEqual(["tick 1 of 1", "end 2", "tick 2 of 1"]);
  });

  test("that cannot be constructed for a call fails that call, and leaves nothing behind", async () => {
    const { Session, open } = sessions();
    let fails = false;
    class Fragile {
      readonly session = inject(Session);
      readonly failure = ((): void => {
        if (fails) throw new Error("not today");
      })();
      async work(): Promise<number> {
        return this.session.number;
      }
    }
    ServiceAction()(Fragile, "work");
    SoraBackgroundService({ lifetime: "scoped" })(Fragile);
    await using host = await createTestHost({ services: [Fragile], provide: [[Session, Session, { lifetime: "scoped" }]] });
    fails = true;
    await expect(host.services(Fragile).do("work").execute()).rejects.toThrow("not today");
    expect(open()).toBe(1);
    fails = false;
    expect(await host.services(Fragile).do("work").execute()).toBe(3);
  });

  test("whose disposal fails answers its caller all the same, is logged, and keeps nothing that it took", async () => {
    const { Session, open } = sessions();
    class Sticky {
      readonly session = inject(Session);
      async work(): Promise<string> {
        return "done";
      }
      dispose(): void {
        throw new Error("stuck");
      }
    }
    ServiceAction()(Sticky, "work");
    SoraBackgroundService({ lifetime: "scoped" })(Sticky);
    const host = await createTestHost({ services: [Sticky], provide: [[Session, Session, { lifetime: "scoped" }]] });
    expect(open()).toBe(1); // the lasting instance's
    expect(await host.services(Sticky).do("work").execute()).toBe("done");
    expect(open()).toBe(1);
    await host.stop();
    expect(open()).toBe(0);
    expect(host.logs.some(({ level, message }) => level === "error" && message.includes("disposed of"))).toBe(true);
  });
});

describe("context.inject", () => {
  test.each([undefined, "singleton", "scoped", "transient"] as (ServiceLifetime | undefined)[])(
    "gives a function service of lifetime %s what is scoped, one for each call and run, until it settles",
    async lifetime => {
      const { Session, log, open } = sessions();
      const gate = Promise.withResolvers<void>();
      const service = defineService("Functions", {
        ...(lifetime === undefined ? undefined : { lifetime }),
        every: "1h",
        actions: {
          twice: async (context: ActionContext) => [context.inject(Session).number, context.inject(Session).number],
          synchronous: ({ inject: take }) => take(Session).number,
          limited: { timeout: "1m", concurrency: 1, run: async (_parameters, context) => context.inject(Session).number },
          fail: async context => {
            throw new Error(`fail ${context.inject(Session).number}`);
          },
          failAtOnce: context => {
            throw new Error(`fail ${context.inject(Session).number}`);
          },
          wait: async context => {
            const { number } = context.inject(Session);
            await gate.promise;
            return number;
          },
        },
        execute: async context => void log.push(`run ${context.inject(Session).number}`),
        onProcessBatch: async (_batch, context) => context.inject(Session).number,
      });
      await using host = await createTestHost({ services: [service], provide: [[Session, Session, { lifetime: "scoped" }]] });
      const services = host.services(service);
      expect(await services.do("twice").execute()).toEqual([1, 1]);
      expect(log.splice(0)).toEqual(["end 1"]);
      expect(await services.do("synchronous").execute()).toBe(2);
      expect(await services.do("limited").execute()).toBe(3);
      await expect(services.do("fail").execute()).rejects.toThrow("fail 4");
      await expect(services.do("fail-at-once").execute()).rejects.toThrow("fail 5");
      expect(await services.do("process-batch").execute()).toBe(6);
      expect(log.splice(0)).toEqual(["end 2", "end 3", "end 4", "end 5", "end 6"]);
      await services.do("trigger").execute();
      await host.clock.advance("1h");
      expect(log.splice(0)).toEqual(["run 7", "end 7", "run 8", "end 8"]);
      const waiting = services.do("wait").execute();
      await host.clock.settle();
      expect(open()).toBe(1);
      gate.resolve();
      expect(await waiting).toBe(9);
      expect(open()).toBe(0);
      const { inFlight, lastError } = await services.query().getStatus();
      expect([inFlight, lastError?.message]).toEqual([0, "Error: fail 5"]);
    },
  );

  test("gives each of two calls at once its own, and a nested call another", async () => {
    const { Session, open } = sessions();
    const service = defineService("Nested", {
      actions: {
        outer: async context => [context.inject(Session).number, await context.services(inner).do("inner").execute(), context.inject(Session).number],
      },
    });
    const inner = defineService("Inner", { actions: { inner: async context => context.inject(Session).number } });
    await using host = await createTestHost({ services: [service, inner], provide: [[Session, Session, { lifetime: "scoped" }]] });
    const [one, other] = await Promise.all([host.services(service).do("outer").execute(), host.services(service).do("outer").execute()]);
    expect([one?.[0], other?.[0]]).toEqual([one?.[2], other?.[2]]);
    expect(new Set([one, other].flat()).size).toBe(4);
    expect(open()).toBe(0);
  });

  test("gives a startup service, and a long loop, what is scoped until it ends", async () => {
    const { Session, log } = sessions();
    const provide = [[Session, Session, { lifetime: "scoped" }]] as const;
    const startup = defineService("Startup", { startupOrder: 1, execute: async context => void log.push(`startup ${context.inject(Session).number}`) });
    let fail = true;
    const loop = defineService("Loop", {
      restart: { jitter: "none", delay: "1s" },
      execute: async context => {
        log.push(`loop ${context.inject(Session).number}`);
        if (fail) throw new Error("again");
        await context.delay("1d").catch(() => log.push("stopped"));
      },
    });
    const host = await createTestHost({ services: [startup, loop], provide: [...provide] });
    await host.clock.settle();
    expect(log.splice(0)).toEqual(["startup 1", "end 1", "loop 2", "end 2"]);
    fail = false;
    await host.clock.advance("1s");
    expect(log.splice(0)).toEqual(["loop 3"]);
    await host.stop();
    expect(log).toEqual(["stopped", "end 3"]);
  });

  test("lets transient dependencies go with the call that asked for them", async () => {
    const { Session, log, open } = sessions();
    const service = defineService("Transient", { actions: { work: async context => [context.inject(Session).number, context.inject(Session).number] } });
    await using host = await createTestHost({ services: [service], provide: [[Session, Session, { lifetime: "transient" }]] });
    expect(await host.services(service).do("work").execute()).toEqual([1, 2]);
    expect([log, open()]).toEqual([["end 2", "end 1"], 0]);
  });

  test("of a disposal that fails answers the caller all the same, and logs it", async () => {
    const Sticky = token<object>("Sticky");
    const service = defineService("Sticking", { actions: { work: async context => typeof context.inject(Sticky) } });
    await using host = await createTestHost({
      services: [service],
      provide: [[Sticky, () => ({ dispose: () => Promise.reject(new Error("stuck")) }), { lifetime: "scoped" }]],
    });
    expect(await host.services(service).do("work").execute()).toBe("object");
    expect(host.logs.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  test("is refused in a singleton's fields for what is scoped, with the way there", async () => {
    const { Session } = sessions();
    class Repository {
      readonly session = inject(Session);
    }
    class Orders extends SoraFluentServiceBase {
      readonly repository = inject(Repository);
    }
    await expect(
      createTestHost({
        services: [Orders],
        provide: [
          [Repository, Repository, { lifetime: "transient" }],
          [Session, Session, { lifetime: "scoped" }],
        ],
      }),
    ).rejects.toMatchObject({
      code: "SORA_DEPENDENCY_SCOPE",
      message: expect.stringContaining(
        "Cannot give Session to something that lives as long as the host (Repository → Session): it is scoped to one call or run.",
      ) as string,
    });
  });
});

describe("provide", () => {
  const Db = token<{ readonly name: string }>("Db");
  class Reader extends SoraFluentServiceBase {
    readonly db: { readonly name: string };
    constructor(db: { readonly name: string } = { name: "none" }) {
      super();
      this.db = db;
    }
    async read(): Promise<string> {
      this.logger.info("reading");
      return `${this.name} ${this.db.name}`;
    }
    async disposeLater(): Promise<void> {}
  }
  ServiceAction()(Reader, "read");

  test("may say how a service is made, from an asynchronous dependency too", async () => {
    await using host = await createTestHost({
      services: [Reader],
      provide: [
        [Reader, scope => new Reader(scope.get(Db))],
        [Db, async () => ({ name: "sqlite" })],
      ],
    });
    expect(await host.services(Reader).do("read").execute()).toBe("Reader sqlite");
  });

  test("may give a service that is made already, which keeps its host and is not disposed of", async () => {
    let disposed = 0;
    class Given extends Reader {
      dispose(): void {
        disposed++;
      }
    }
    const given = new Given({ name: "given" });
    for (let time = 0; time < 2; time++) {
      await using host = await createTestHost({ services: [Given], provide: [[Given, given]] });
      expect(await host.services(Given).do("read").execute()).toBe("Given given");
      expect(host.logs.map(({ message }) => message)).toContain("reading");
    }
    expect(disposed).toBe(0);
  });

  test("may have a factory that makes another service's object on the way", async () => {
    class Helper extends SoraFluentServiceBase {}
    await using host = await createTestHost({ services: [Reader], provide: [[Reader, () => [new Helper(), new Reader({ name: "second" })][1]]] });
    expect(await host.services(Reader).do("read").execute()).toBe("Reader second");
    expect(host.logs.map(({ message }) => message)).toContain("reading");
  });

  test.each([
    ["a promise", async () => new Reader(), "gives a promise, not an instance"],
    ["nothing", () => undefined, "gives undefined, not an instance"],
    [
      "a rejected promise",
      async () => {
        throw new Error("later");
      },
      "gives a promise, not an instance",
    ],
  ])("refuses a factory of a service that gives %s", async (_what, factory, message) => {
    await expect(createTestHost({ services: [Reader], provide: [[Reader, factory]] })).rejects.toMatchObject({
      code: "SORA_OPTION_INVALID",
      message: expect.stringContaining(message) as string,
    });
  });

  test("replaces what a program provides: the last wins", async () => {
    const program = [
      [
        Db,
        async () => {
          throw new Error("no server in tests");
        },
      ],
      [Reader, (scope: { get(key: typeof Db): { readonly name: string } }) => new Reader(scope.get(Db))],
    ] as const;
    await using host = await createTestHost({ services: [Reader], provide: [...program, [Db, { name: "fake" }]] });
    expect(await host.services(Reader).do("read").execute()).toBe("Reader fake");
    expect(host.get(Db)).toEqual({ name: "fake" });
  });

  test("gives nobody a service, which may be restarted: one is called", async () => {
    class Asking extends SoraFluentServiceBase {
      readonly reader = inject(Reader);
    }
    for (const provide of [[], [[Reader, () => new Reader()]] as const, [Reader] as const]) {
      await expect(createTestHost({ services: [Asking, Reader], provide: [...provide] })).rejects.toMatchObject({
        code: "SORA_DEPENDENCY_UNKNOWN",
        message: expect.stringContaining("Cannot inject Reader: it is a service of this host, which may be restarted.") as string,
        fix: "Call it: `this.services(Reader).do(…)`, or `context.services(Reader)`.",
      });
    }
  });

  test("names what a service lacks, and a circle that its dependencies make", async () => {
    class Left {
      readonly right: unknown = inject(Right);
    }
    class Right {
      readonly left: unknown = inject(Left);
    }
    class Needing extends SoraFluentServiceBase {
      readonly db = inject(Db);
    }
    class Circling extends SoraFluentServiceBase {
      readonly left = inject(Left);
    }
    await expect(createTestHost({ services: [Needing] })).rejects.toMatchObject({
      code: "SORA_DEPENDENCY_UNKNOWN",
      message: expect.stringContaining("Cannot inject Db: the host does not provide it.") as string,
    });
    await expect(
      createTestHost({
        services: [Circling],
        provide: [
          [Left, Left, { lifetime: "transient" }],
          [Right, Right, { lifetime: "transient" }],
        ],
      }),
    ).rejects.toMatchObject({
      code: "SORA_DEPENDENCY_CYCLE",
      message: expect.stringContaining("Cannot make Left: it depends on itself, Left → Right → Left.") as string,
    });
  });

  test("is disposed of after the services that use it, in reverse order, whatever fails", async () => {
    const log: string[] = [];
    const part = (name: string) => (): object => ({
      dispose: () => {
        log.push(name);
        throw new Error(`${name} is stuck`);
      },
    });
    const [First, Second] = [token<object>("First"), token<object>("Second")];
    @SoraStartupService({ startupOrder: 1 })
    class Startup extends SoraFluentServiceBase {
      readonly first = inject(First);
      override executeCore(): void {}
      dispose(): void {
        log.push("startup");
      }
    }
    @SoraBackgroundService()
    class Background extends SoraFluentServiceBase {
      readonly second = inject(Second);
      dispose(): void {
        log.push("background");
      }
    }
    const host = await createTestHost({
      services: [Background, Startup],
      provide: [
        [First, part("first")],
        [Second, part("second")],
      ],
    });
    await host.stop();
    expect(log).toEqual(["background", "startup", "second", "first"]);
    expect(host.logs.filter(({ level }) => level === "error").length).toBeGreaterThan(0);
  });

  test("is disposed of where the start fails", async () => {
    const { Session, open } = sessions();
    const failing = defineService("Failing", { startupOrder: 1, execute: () => Promise.reject(new Error("no")) });
    await expect(createTestHost({ services: [failing], provide: [Session] })).rejects.toMatchObject({ code: "SORA_STARTUP_FAILED" });
    expect(open()).toBe(0);
  });
});
