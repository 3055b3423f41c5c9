import { describe, expect, test } from "vitest";
import { createTestHost } from "../testing/index.ts";
import { TriggerNowCommand } from "../commands/service-command.ts";
import { ServiceCommand } from "../commands/service-command.ts";
import { definitionOf } from "./definition-of.ts";
import { SoraBackgroundService, SoraPeriodicService } from "./sora-background-service.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import { SoraPeriodicServiceBase } from "./sora-periodic-service-base.ts";
import { frameworkMembers } from "./framework-members.ts";
import { SoraBackgroundServiceBase } from "./sora-background-service-base.ts";
import { SoraPokablePeriodicServiceBase } from "./sora-periodic-service-base.ts";
import type { ServiceCommandType } from "../commands/service-command.ts";
import type { ServiceSource } from "../host/host-options.ts";
import type { Duration } from "../time/duration.ts";

class Sweep extends ServiceCommand {}

const runs: number[] = [];
const note = (host: { readonly clock: { now(): number } }): void => void runs.push(host.clock.now());

@SoraPeriodicService({ name: "decorated", every: "1h", initialDelaySeconds: 100, isCritical: false })
class ByField extends SoraPeriodicServiceBase {
  override readonly name = "overridden";
  override readonly isCritical = true;
  override readonly period = "5m";
  override readonly initialDelay = "10s";
  override readonly runOnStartup = true;
  override readonly supportedCommands: readonly ServiceCommandType[] = [Sweep];
  override executePeriodic(): void {
    note(this);
  }
  override handleCommand(command: ServiceCommand): string {
    return command.constructor.name;
  }
}

@SoraPeriodicService({ name: "decorated", every: "1h", initialDelaySeconds: 100 })
class ByGetter extends SoraPeriodicServiceBase {
  override get name(): string {
    return "overridden";
  }
  override get isCritical(): boolean {
    return true;
  }
  override get period(): Duration {
    return "5m";
  }
  override get initialDelay(): Duration {
    return "10s";
  }
  override get runOnStartup(): boolean {
    return true;
  }
  override get supportedCommands(): readonly ServiceCommandType[] {
    return [Sweep];
  }
  override executePeriodic(): void {
    note(this);
  }
  override handleCommand(command: ServiceCommand): string {
    return command.constructor.name;
  }
}

/** The same without a base class. */
class ByInterface {
  readonly name = "overridden";
  readonly isCritical = true;
  readonly period = "5m";
  readonly initialDelay = "10s";
  readonly runOnStartup = true;
  readonly supportedCommands = [Sweep];
  execute(): void {
    runs.push(current.now());
  }
  handleCommand(command: ServiceCommand): string {
    return command.constructor.name;
  }
}
let current: { now(): number };

class Unchanged extends SoraPeriodicServiceBase {
  override executePeriodic(): void {
    note(this);
  }
}
SoraPeriodicService({ every: "1h", initialDelaySeconds: 100, isCritical: true })(Unchanged);

class Undeclared extends SoraPeriodicServiceBase {
  override executePeriodic(): void {
    note(this);
  }
}

describe.each<[string, ServiceSource & (new () => SoraPeriodicServiceBase)]>([
  ["a field", ByField],
  ["a getter", ByGetter],
  ["a field of a class without a base", ByInterface as never],
])("overridden by %s", (_way, service) => {
  test("name, isCritical, period, initialDelay, runOnStartup and supportedCommands hold", async () => {
    runs.length = 0;
    await using host = await createTestHost({ services: [service] });
    current = host.clock;
    const begun = host.clock.now();
    expect(await host.services(service).query().getStatus()).toMatchObject({ name: "overridden", kind: "periodic", nextRun: begun + 10_000 });
    expect((await host.health()).entries["overridden"]).toMatchObject({ critical: true });
    expect((await host.services(service).query().getInfo()).configuration["IntervalSeconds"]).toMatchObject({ value: 300 });
    await host.clock.advance("11m");
    expect(runs.map(at => at - begun)).toEqual([10_000, 310_000, 610_000]);
    expect(await host.commands.send("overridden", new Sweep())).toBe("Sweep");
    expect((await host.services(service).query().getInfo()).commands).toContain("Sweep");
  });

  test("configuration stands above the member's period", async () => {
    runs.length = 0;
    await using host = await createTestHost({
      services: [service],
      configuration: { Sora: { BackgroundServices: { Services: { overridden: { IntervalSeconds: 60 } } } } },
    });
    current = host.clock;
    const begun = host.clock.now();
    await host.clock.advance("75s");
    expect(runs.map(at => at - begun)).toEqual([10_000, 70_000]);
  });
});

test("what is not overridden is the decorator's, else the default, and reads so on the instance", async () => {
  const made: SoraPeriodicServiceBase[] = [];
  const keep = (type: new () => SoraPeriodicServiceBase) => (): SoraPeriodicServiceBase => {
    const one = new type();
    made.push(one);
    return one;
  };
  await using host = await createTestHost({
    services: [Unchanged, Undeclared],
    provide: [
      [Unchanged, keep(Unchanged)],
      [Undeclared, keep(Undeclared)],
    ],
  });
  const [unchanged, undeclared] = made as [SoraPeriodicServiceBase, SoraPeriodicServiceBase];
  expect([unchanged.name, unchanged.isCritical, unchanged.period, unchanged.initialDelay, unchanged.runOnStartup, unchanged.supportedCommands]).toEqual([
    "Unchanged",
    true,
    3_600_000,
    100_000,
    false,
    [],
  ]);
  expect([undeclared.name, undeclared.isCritical, undeclared.period, undeclared.initialDelay, undeclared.runOnStartup]).toEqual([
    "Undeclared",
    false,
    60_000,
    0,
    false,
  ]);
  const begun = host.clock.now();
  expect((await host.services(Unchanged).query().getStatus()).nextRun).toBe(begun + 3_700_000);
  expect((await host.services(Undeclared).query().getStatus()).nextRun).toBe(begun + 60_000);
  await expect(host.commands.send(Undeclared, new Sweep())).rejects.toMatchObject({ code: "SORA_COMMAND_UNSUPPORTED" });
  expect(await host.commands.send(Undeclared, new TriggerNowCommand())).toBeUndefined();
});

test("startupOrder may be a field or a getter", async () => {
  const order: string[] = [];
  class Third {
    readonly startupOrder = 3;
    execute(): void {
      order.push("third");
    }
  }
  class First {
    get startupOrder(): number {
      return 1;
    }
    execute(): void {
      order.push("first");
    }
  }
  class Second {
    readonly startupOrder: number = 2;
    execute(): void {
      order.push("second");
    }
  }
  await using host = await createTestHost({ services: [Third, First, Second] });
  expect(order).toEqual(["first", "second", "third"]);
  expect(host.list().map(({ kind }) => kind)).toEqual(["startup", "startup", "startup"]);
});

test("a name that needs an instance is taken from it", async () => {
  class Tenant extends SoraFluentServiceBase {
    readonly tenant = "seven";
    override get name(): string {
      return `tenant-${this.tenant}`;
    }
  }
  class Prefixed extends SoraFluentServiceBase {
    override get name(): string {
      return `my-${super.name}`;
    }
  }
  expect([definitionOf(Tenant).name, definitionOf(Prefixed).name]).toEqual(["Tenant", "Prefixed"]);
  await using host = await createTestHost({ services: [Tenant, Prefixed] });
  expect(host.list().map(({ name }) => name)).toEqual(["tenant-seven", "my-Prefixed"]);
});

test("a bad name of an instance, or another's, is reported at start", async () => {
  class Empty extends SoraFluentServiceBase {
    override readonly name = "";
  }
  class Same extends SoraFluentServiceBase {
    override readonly name = "other";
  }
  class Other extends SoraFluentServiceBase {}
  await expect(createTestHost({ services: [Empty, Same, Other] })).rejects.toMatchObject({
    code: "SORA_DEFINITION_INVALID",
    details: {
      problems: [
        { service: "Empty", problem: expect.stringContaining('its name "" is not') as string },
        { service: "Same", problem: 'its name "other" is another service\'s too' },
      ],
    },
  });
});

test("a base class's getter is no override of its subclasses", () => {
  @SoraBackgroundService({ isCritical: true })
  class Base extends SoraBackgroundServiceBase {
    override execute(): void {}
  }
  class Sub extends Base {
    override readonly isCritical = false;
  }
  expect(definitionOf(Base).behaviour.members?.(new Base())).toEqual({});
  expect(definitionOf(Sub).behaviour.members?.(new Sub())).toEqual({ isCritical: false });
  expect(new Base().isCritical).toBe(true);
});

test("frameworkMembers lists every member of the base classes", () => {
  const known = new Set<string>(frameworkMembers);
  for (const { prototype } of [SoraBackgroundServiceBase, SoraFluentServiceBase, SoraPeriodicServiceBase, SoraPokablePeriodicServiceBase]) {
    expect(Object.getOwnPropertyNames(prototype).filter(name => name !== "constructor" && !known.has(name))).toEqual([]);
  }
});
