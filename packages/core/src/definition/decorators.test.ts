import { describe, expect, test } from "vitest";
import { z } from "zod";
import { serviceEvent } from "../events/service-event.ts";
import { createTestHost } from "../testing/index.ts";
import { definitionOf, isServiceClass } from "./definition-of.ts";
import { ServiceAction } from "./service-action.ts";
import { ServiceEvent } from "./service-event-decorator.ts";
import { SoraBackgroundService, SoraPeriodicService, SoraStartupService } from "./sora-background-service.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import { SoraPeriodicServiceBase } from "./sora-periodic-service-base.ts";
import { type } from "./type.ts";
import type { ActionContext } from "../actions/action-context.ts";

type Method<This, Args extends unknown[], R> = (this: This, ...args: Args) => R;

/** A decorator of somebody else's that puts another function in the method's place. */
function traced<This, Args extends unknown[], R>(
  method: Method<This, Args, R>,
  _context: ClassMethodDecoratorContext<This, Method<This, Args, R>>,
): Method<This, Args, R> {
  return function (this: This, ...args: Args): R {
    trace.push(args.length);
    return method.apply(this, args);
  };
}

/** A class decorator of somebody else's that puts a subclass in the class's place. */
function replaced<T extends new (...args: any[]) => object>(target: T, _context: ClassDecoratorContext<T>): T {
  return class extends target {
    readonly replaced = true;
  };
}

const trace: number[] = [];
const Started = serviceEvent("Started");
const Ended = serviceEvent("Ended");

const namesOf = (target: Function): string[] => [...definitionOf(target).actions.keys()].sort();

describe("beside decorators of other makers", () => {
  test("a method may be wrapped after @ServiceAction, which has seen what it declares", async () => {
    @SoraBackgroundService()
    class Wrapped extends SoraFluentServiceBase {
      @traced
      @ServiceAction()
      @ServiceEvent(Started)
      async both(parameters: unknown, { action }: ActionContext): Promise<unknown> {
        return [action, parameters];
      }
    }
    await using host = await createTestHost({ services: [Wrapped] });
    trace.length = 0;
    expect(await host.services(Wrapped).do("both", 5).execute()).toEqual(["both", 5]);
    expect(trace).toEqual([2]);
    expect([...definitionOf(Wrapped).events.keys()]).toEqual(["Started"]);
  });

  test("a method may be wrapped before it, where a schema says what it takes", async () => {
    @SoraBackgroundService()
    class Wrapped extends SoraFluentServiceBase {
      @ServiceAction({ parameters: type<number>() })
      @traced
      async twice(n: number): Promise<number> {
        return n * 2;
      }

      @ServiceAction()
      @traced
      async onlyContext({ action }: ActionContext): Promise<string> {
        return action;
      }
    }
    await using host = await createTestHost({ services: [Wrapped] });
    expect(await host.services(Wrapped).do("twice", 5).execute()).toBe(10);
    expect(await host.services(Wrapped).do("only-context").execute()).toBe("only-context");
  });

  test("a class may be put in the place of ours, by a decorator above or below", async () => {
    @replaced
    @SoraBackgroundService({ priority: 7 })
    @ServiceEvent(Started)
    class Above extends SoraFluentServiceBase {
      @ServiceAction() async work(): Promise<string> {
        return String((this as { replaced?: boolean }).replaced);
      }
    }
    @SoraBackgroundService({ priority: 8 })
    @replaced
    class Below extends SoraFluentServiceBase {
      @ServiceAction() async work(): Promise<string> {
        return String((this as { replaced?: boolean }).replaced);
      }
    }
    for (const [service, priority] of [
      [Above, 7],
      [Below, 8],
    ] as const) {
      expect(isServiceClass(service)).toBe(true);
      expect(definitionOf(service)).toMatchObject({ name: service === Above ? "Above" : "Below", options: { priority }, problems: [] });
      await using host = await createTestHost({ services: [service] });
      expect(await host.services(service).do("work").execute()).toBe("true");
    }
    expect([...definitionOf(Above).events.keys()]).toEqual(["Started"]);
  });

  test("a class may be frozen before ours has its turn", async () => {
    class Cold extends SoraFluentServiceBase {
      async work(): Promise<number> {
        return 1;
      }
    }
    Object.freeze(Cold);
    SoraBackgroundService({ name: "cold" })(Cold);
    ServiceEvent(Started)(Cold);
    ServiceAction()(Cold, "work");
    expect(isServiceClass(Cold)).toBe(true);
    expect(definitionOf(Cold)).toMatchObject({ name: "cold", problems: [] });
    expect([...definitionOf(Cold).events.keys()]).toEqual(["Started"]);
    await using host = await createTestHost({ services: [Cold] });
    expect(await host.services(Cold).do("work").execute()).toBe(1);
  });
});

test("under experimentalDecorators they are refused with what to do, and not lost", async () => {
  class Older extends SoraFluentServiceBase {
    doWork(): void {}
  }
  // as compilers call them by those rules: the prototype, the name and the descriptor; then the class
  type OlderDecorator = (target: unknown, name?: string, descriptor?: PropertyDescriptor) => void;
  const descriptor = Object.getOwnPropertyDescriptor(Older.prototype, "doWork")!;
  for (const decorate of [ServiceAction("do-work"), ServiceEvent("Happened")] as OlderDecorator[]) decorate(Older.prototype, "doWork", descriptor);
  (SoraBackgroundService() as OlderDecorator)(Older);
  const problem = "its decorator was compiled under experimentalDecorators, whose rules are older; turn that off, or write";
  expect(definitionOf(Older).problems).toEqual([
    `action doWork: ${problem} ServiceAction(…)(Older, "doWork") below the class`,
    `an event on doWork: ${problem} ServiceEvent(…)(Older) below the class`,
  ]);
  await expect(createTestHost({ services: [Older] })).rejects.toMatchObject({ code: "SORA_DEFINITION_INVALID" });
});

describe("as plain functions", () => {
  test("decorators may be applied in any order, before and after each other", async () => {
    const steps: readonly ((target: abstract new (...args: never[]) => object) => void)[] = [
      target => SoraBackgroundService({ name: "Any", priority: 3 })(target),
      target => ServiceEvent(Started)(target),
      target => ServiceEvent("Ended")(target),
      target => ServiceAction("work")(target as never, "work" as never),
      target => ServiceAction({ parameters: z.number() })(target as never, "twice" as never),
    ];
    for (const order of [steps, steps.toReversed(), [steps[3], steps[0], steps[4], steps[2], steps[1]]]) {
      class Any extends SoraFluentServiceBase {
        async work(): Promise<string> {
          return "work";
        }
        async twice(n: number): Promise<number> {
          return n * 2;
        }
      }
      for (const step of order) step?.(Any);
      const definition = definitionOf(Any);
      expect(definition).toMatchObject({ name: "Any", options: { priority: 3 }, problems: [] });
      expect([...definition.events.keys()].sort()).toEqual(["Ended", "Started"]);
      await using host = await createTestHost({ services: [Any] });
      expect(await host.services(Any).do("work").execute()).toBe("work");
      expect(await host.services(Any).do("twice", 2).execute()).toBe(4);
    }
  });

  test("an inherited method may be declared on the subclass", async () => {
    class Base extends SoraFluentServiceBase {
      async inherited(parameters: unknown, _context: ActionContext): Promise<unknown> {
        return parameters;
      }
    }
    class Sub extends Base {}
    ServiceAction()(Sub, "inherited");
    expect(namesOf(Base)).toEqual([]);
    await using host = await createTestHost({ services: [Sub] });
    expect(await host.services(Sub).do("inherited", 5).execute()).toBe(5);
  });
});

describe("inheritance", () => {
  @SoraBackgroundService({ priority: 9, runInProduction: false, restart: { budget: 1 }, abstract: true, name: "base-name" })
  @ServiceEvent(Started)
  abstract class Base extends SoraFluentServiceBase {
    @ServiceAction({ concurrency: 3 })
    async work(parameters: unknown, { action }: ActionContext): Promise<unknown> {
      return ["base", action, parameters];
    }

    @ServiceAction({ parameters: type<number>(), description: "twice" })
    async twice(n: number): Promise<number> {
      return n * 2;
    }
  }

  @SoraBackgroundService({ priority: 2 })
  @ServiceEvent(Ended)
  class Sub extends Base {
    override async work(parameters: unknown): Promise<unknown> {
      return ["sub", parameters];
    }

    @ServiceAction()
    async more(): Promise<void> {}
  }

  @SoraBackgroundService()
  class Redeclared extends Base {
    @ServiceAction({ concurrency: 5 })
    override async work(): Promise<unknown> {
      return "redeclared";
    }
  }

  class Undecorated extends Sub {}

  test("actions, events and options inherit; a name, and being abstract, do not", () => {
    expect(namesOf(Sub)).toEqual(["more", "twice", "work"]);
    expect([...definitionOf(Sub).events.keys()].sort()).toEqual(["Ended", "Started"]);
    expect(definitionOf(Sub)).toMatchObject({ name: "Sub", options: { priority: 2, runInProduction: false, restart: { budget: 1 } }, problems: [] });
    expect(definitionOf(Sub).options).not.toHaveProperty("name");
    expect(definitionOf(Sub).options).not.toHaveProperty("abstract");
    expect([...definitionOf(Base).events.keys()]).toEqual(["Started"]);
    expect(namesOf(Base)).toEqual(["twice", "work"]);
    expect(definitionOf(Base).name).toBe("base-name");
  });

  test.each([
    [{ every: "1h" }, { cron: "0 3 * * *" }, { cron: "0 3 * * *" }],
    [{ cron: "0 3 * * *", timeZone: "Europe/Berlin" }, { intervalSeconds: 5 }, { intervalSeconds: 5 }],
    [
      { cron: "0 3 * * *", timeZone: "Europe/Berlin" },
      { cron: "0 4 * * *", timeZone: "UTC" },
      { cron: "0 4 * * *", timeZone: "UTC" },
    ],
    [{ every: "1h", jitter: "1m" }, { overlap: "queue" }, { every: "1h", jitter: "1m", overlap: "queue" }],
    [
      { every: "1h", overlap: "queue" },
      { every: undefined, intervalSeconds: 5 },
      { intervalSeconds: 5, overlap: "queue" },
    ],
  ] as [object, object, object][])("when a service runs is said anew as a whole: over %o, %o means %o", (base, own, options) => {
    @SoraPeriodicService({ ...base, abstract: true })
    abstract class Planned {
      execute(): void {}
    }
    @SoraPeriodicService(own)
    class Planner extends Planned {}
    expect(definitionOf(Planner)).toMatchObject({ options, problems: [] });
    expect(Object.keys(definitionOf(Planner).options).sort()).toEqual(Object.keys(options).sort());
  });

  test("a method overridden without a decorator stays the action its base declared", async () => {
    await using host = await createTestHost({ services: [Sub] });
    expect(await host.services(Sub).do("work", 5).execute()).toEqual(["sub", 5]);
    expect(await host.services(Sub).do("twice", 4).execute()).toBe(8);
    expect(definitionOf(Sub).actions.get("work")?.options).toEqual({ concurrency: 3 });
    expect(definitionOf(Sub).actions.get("twice")?.options.description).toBe("twice");
  });

  test("the nearest declaration of a method is the one that holds", async () => {
    await using host = await createTestHost({ services: [Redeclared] });
    expect(await host.services(Redeclared).do("work").execute()).toBe("redeclared");
    expect(definitionOf(Redeclared).actions.get("work")?.options).toEqual({ concurrency: 5 });
    expect(definitionOf(Redeclared).problems).toEqual([]);
  });

  test("only a class with its own decorator, and not abstract, is found; one that is listed runs all the same", async () => {
    expect([Base, Sub, Redeclared, Undecorated].map(isServiceClass)).toEqual([false, true, true, false]);
    expect(definitionOf(Undecorated)).toMatchObject({ name: "Undecorated", options: { priority: 2 }, problems: [] });
    await using host = await createTestHost({ services: [Sub, Undecorated] });
    expect(await host.services(Undecorated).do("work", 1).execute()).toEqual(["sub", 1]);
    expect(
      host
        .list()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["Sub", "Undecorated"]);
  });

  test("a base's kind inherits, by its decorator as by its base class", () => {
    @SoraPeriodicService({ every: "1h", abstract: true })
    abstract class Hourly extends SoraFluentServiceBase {}
    @SoraBackgroundService()
    class Cleanup extends Hourly {}
    @SoraBackgroundService()
    class Sweep extends SoraPeriodicServiceBase {
      override executePeriodic(): void {}
    }
    @SoraStartupService({ startupOrder: 4 })
    class Migration extends SoraFluentServiceBase {}
    expect([Cleanup, Sweep, Migration].map(one => [definitionOf(one).kind, definitionOf(one).problems])).toEqual([
      ["periodic", []],
      ["periodic", []],
      ["startup", []],
    ]);
    expect(definitionOf(Cleanup).options).toEqual({ every: "1h" });
  });

  test("an event declared again nearer is the nearer one", () => {
    const Again = serviceEvent("Started", z.string(), { version: 2 });
    @SoraBackgroundService()
    @ServiceEvent(Again)
    class Newer extends Base {}
    expect(definitionOf(Newer).events.get("Started")).toBe(Again);
    expect(definitionOf(Newer).problems).toEqual([]);
    expect(definitionOf(Base).events.get("Started")).toBe(Started);
  });

  test("sisters do not see each other's declarations", () => {
    class A extends Base {
      @ServiceAction() async onlyA(): Promise<void> {}
    }
    class B extends Base {
      @ServiceAction() async onlyB(): Promise<void> {}
    }
    expect(namesOf(A)).toEqual(["only-a", "twice", "work"]);
    expect(namesOf(B)).toEqual(["only-b", "twice", "work"]);
  });

  test("a class declared while another is being declared keeps to itself", () => {
    let inner: Function | undefined;
    const while_ = <M>(method: M, _context: ClassMethodDecoratorContext): M => {
      @SoraBackgroundService()
      class Inner extends SoraFluentServiceBase {
        @ServiceAction() async inside(): Promise<void> {}
      }
      inner = Inner;
      return method;
    };
    @SoraBackgroundService()
    class Outer extends SoraFluentServiceBase {
      @ServiceAction() async before(): Promise<void> {}
      @while_ async meanwhile(): Promise<void> {}
      @ServiceAction() async after(): Promise<void> {}
    }
    expect(namesOf(Outer)).toEqual(["after", "before"]);
    expect(namesOf(inner as Function)).toEqual(["inside"]);
  });
});

test("a public method without a decorator compiles, and is refused by name when it is called", async () => {
  @SoraBackgroundService()
  class Half extends SoraFluentServiceBase {
    @ServiceAction() async declared(): Promise<void> {}
    async undeclared(): Promise<void> {}
  }
  await using host = await createTestHost({ services: [Half] });
  await expect(host.services(Half).do("undeclared").execute()).rejects.toMatchObject({
    code: "SORA_ACTION_UNKNOWN",
    details: { service: "Half", action: "undeclared", known: ["declared"], nearest: "declared" },
  });
});

describe("names", () => {
  test("the default is the class's name as it is written, which the decorator's context keeps", () => {
    const declare = SoraBackgroundService() as (target: unknown, context: object) => void;
    const minified = class a extends SoraFluentServiceBase {};
    declare(minified, { kind: "class", name: "TranslationService", metadata: {}, addInitializer() {} });
    expect(definitionOf(minified).name).toBe("TranslationService");

    @SoraBackgroundService()
    class Written extends SoraFluentServiceBase {
      static readonly me = (): unknown => Written; // a class that mentions itself is renamed when it is lowered
    }
    expect(definitionOf(Written).name).toBe("Written");
    expect(definitionOf(class Undecorated extends SoraFluentServiceBase {}).name).toBe("Undecorated");
  });

  test("one given by the decorator is its class's own", () => {
    @SoraBackgroundService({ name: "given" })
    class Named extends SoraFluentServiceBase {}
    class Sub extends Named {}
    expect([definitionOf(Named).name, definitionOf(Sub).name]).toEqual(["given", "Sub"]);
  });

  test("a class without a name says so", () => {
    expect(definitionOf(class extends SoraFluentServiceBase {}).problems).toEqual(['its name "" is not 1 to 64 ASCII letters, digits, "-" or "_"']);
  });
});
