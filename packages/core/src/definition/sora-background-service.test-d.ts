import { type as arktype } from "arktype";
import * as v from "valibot";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { defineService } from "./define-service.ts";
import { SoraBackgroundService, SoraPeriodicService, SoraStartupService } from "./sora-background-service.ts";
import { SoraBackgroundServiceBase } from "./sora-background-service-base.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import { SoraPeriodicServiceBase, SoraPokablePeriodicServiceBase } from "./sora-periodic-service-base.ts";
import { TriggerNowCommand } from "../commands/service-command.ts";
import type { ServiceCommandType } from "../commands/service-command.ts";
import type { Duration } from "../time/duration.ts";
import type { SoraPeriodicServiceOptions } from "./service-options.ts";
import type {
  SoraBackgroundService as BackgroundService,
  SoraPeriodicService as PeriodicService,
  SoraStartupService as StartupService,
  SoraPokableService,
} from "./sora-background-service.ts";

const Settings = z.object({ folder: z.string(), retentionDays: z.number().default(30) });
const work = (): void => {};

// Settings: what the schema yields is what the class says it reads.
@SoraBackgroundService({ settings: Settings })
export class Typed extends SoraFluentServiceBase<z.infer<typeof Settings>> {
  override executeCore(): void {
    expectTypeOf(this.settings).toEqualTypeOf<{ folder: string; retentionDays: number }>();
    // @ts-expect-error a setting that is not there
    void this.settings.folders;
  }
}

@SoraBackgroundService({ settings: v.object({ folder: v.string() }) })
export class TypedByValibot extends SoraBackgroundServiceBase<{ folder: string }> {
  override execute = work;
}

@SoraPeriodicService({ settings: arktype({ folder: "string" }), every: "1h" })
export class TypedByArktype extends SoraPeriodicServiceBase<{ folder: string }> {
  override executePeriodic(): void {}
}

@SoraBackgroundService({ settings: Settings })
export class Untyped extends SoraFluentServiceBase {
  override executeCore(): void {
    expectTypeOf(this.settings).toEqualTypeOf<Readonly<Record<string, unknown>>>();
  }
}

@SoraBackgroundService({ settings: Settings })
export class WithoutSettings {
  execute(): void {}
}

// A class may read less than the schema yields, and inherit a schema from its base's decorator.
@SoraBackgroundService({ settings: Settings })
export class Less extends SoraFluentServiceBase<{ folder: string }> {}
@SoraBackgroundService({ runInTesting: true })
export class Inherited extends Typed {}

// @ts-expect-error the settings are not what the schema yields
@SoraBackgroundService({ settings: Settings })
export class Mistyped extends SoraFluentServiceBase<{ folder: number }> {}

// @ts-expect-error the class reads more than the schema yields
@SoraBackgroundService({ settings: Settings })
export class More extends SoraFluentServiceBase<{ folder: string; extra: string }> {}

// @ts-expect-error the class takes the schema's input for its output
@SoraPeriodicService({ settings: Settings })
export class InputForOutput extends SoraPeriodicServiceBase<z.input<typeof Settings> & { retentionDays: string }> {
  override executePeriodic(): void {}
}

// @ts-expect-error settings are a schema
@SoraBackgroundService({ settings: { folder: "string" } })
export class NoSchema extends SoraFluentServiceBase {}

// As plain functions.
SoraBackgroundService()(WithoutSettings);
SoraBackgroundService({ settings: Settings })(Typed);
// @ts-expect-error the settings are not what the schema yields
SoraBackgroundService({ settings: Settings })(Mistyped);
// @ts-expect-error not a class
SoraBackgroundService()({});

// A periodic or startup service has something to run.
SoraPeriodicService()(WithoutSettings);
SoraStartupService({ startupOrder: 1 })(WithoutSettings);
class Empty {
  readonly nothing = true;
}
SoraBackgroundService()(Empty);
// @ts-expect-error it has no execute
SoraPeriodicService()(Empty);
// @ts-expect-error it has no execute
SoraStartupService()(Empty);

// Options: each kind has its own, and a typo is none.
SoraPeriodicService({ every: "1h", jitter: "30s", overlap: "queue", misfire: { all: 3 }, initialDelaySeconds: 5, runOnStartup: true });
SoraPeriodicService({ cron: "0 3 * * *", timeZone: "Europe/Berlin", jitter: "30s" });
SoraPeriodicService({ intervalSeconds: 5, every: undefined });
SoraPeriodicService({ priority: 5 });
declare const eitherPlan: SoraPeriodicServiceOptions;
SoraPeriodicService(eitherPlan);
SoraStartupService({ startupOrder: 5, continueOnFailure: true, timeoutSeconds: 60 });
SoraBackgroundService({ dependsOn: [Typed, "postgres", defineService("Other")], restart: { budget: 3, jitter: "none" }, lifetime: "scoped" });
SoraBackgroundService({ restart: false, dependsOn: Typed });
// @ts-expect-error a typo
SoraBackgroundService({ runInProd: true });
// @ts-expect-error a periodic service's
SoraBackgroundService({ every: "1h" });
// @ts-expect-error a startup service's
SoraPeriodicService({ startupOrder: 1 });
// @ts-expect-error a unit that is not there
SoraPeriodicService({ every: "1 hour" });
// @ts-expect-error a number without a unit is a number
SoraPeriodicService({ jitter: "30" });
// @ts-expect-error a policy that is not there
SoraPeriodicService({ overlap: "wait" });
// @ts-expect-error two plans
SoraPeriodicService({ every: "1h", cron: "0 3 * * *" });
// @ts-expect-error two plans
SoraPeriodicService({ every: "1h", intervalSeconds: 60 });
// @ts-expect-error two plans
SoraPeriodicService({ cron: "0 3 * * *", intervalSeconds: 60 });
// @ts-expect-error an interval has no time zone
SoraPeriodicService({ every: "1h", timeZone: "Europe/Berlin" });
// @ts-expect-error nor has the usual one
SoraPeriodicService({ timeZone: "Europe/Berlin" });
// @ts-expect-error a lifetime that is not there
SoraBackgroundService({ lifetime: "request" });
// @ts-expect-error a name with its service
SoraBackgroundService({ dependsOn: 5 });
// @ts-expect-error null is no options
SoraBackgroundService(null);

// Members overridden by fields …
export class ByField extends SoraPokablePeriodicServiceBase {
  override readonly name = "by-field";
  override readonly isCritical = true;
  override readonly period = "5m";
  override readonly initialDelay: Duration = 500;
  override readonly runOnStartup = true;
  override readonly supportedCommands: readonly ServiceCommandType[] = [TriggerNowCommand];
  override executePeriodic(): void {}
}

// … and by getters.
export class ByGetter extends SoraPokablePeriodicServiceBase {
  override get name(): string {
    return "by-getter";
  }
  override get isCritical(): boolean {
    return true;
  }
  override get period(): Duration {
    return "5m";
  }
  override get initialDelay(): Duration {
    return 500;
  }
  override get runOnStartup(): boolean {
    return true;
  }
  override get supportedCommands(): readonly ServiceCommandType[] {
    return [TriggerNowCommand];
  }
  override executePeriodic(): void {}
}

export class BadPeriod extends SoraPeriodicServiceBase {
  // @ts-expect-error a typo in a duration
  override readonly period = "5 min";
  override executePeriodic(): void {}
}

// @ts-expect-error a periodic base class asks for executePeriodic
export class NoRun extends SoraPeriodicServiceBase {}
// @ts-expect-error the plain base class asks for execute
export class NoExecute extends SoraBackgroundServiceBase {}
// @ts-expect-error base classes are abstract
void (() => new SoraFluentServiceBase());

// A class needs no base: the interfaces are enough, and share their names with the decorators.
export class Interfaces implements BackgroundService, PeriodicService, StartupService, SoraPokableService {
  readonly period = "1m";
  readonly startupOrder = 1;
  readonly supportedCommands = [TriggerNowCommand];
  async execute(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }
  handleCommand(): void {}
}
// @ts-expect-error a service has execute
export class NotOne implements BackgroundService {
  readonly name = "not-one";
}

// The services' own members know their types.
export class Members extends SoraFluentServiceBase {
  override async executeCore(signal: AbortSignal): Promise<void> {
    await this.delay("5s", signal);
    // @ts-expect-error a typo in a duration
    await this.delay("5sec", signal);
    for await (const tick of this.periodicTimer("5m", signal)) expectTypeOf(tick.scheduledAt).toBeNumber();
    // @ts-expect-error a typo in a duration
    this.periodicTimer("5min", signal);
  }
}
