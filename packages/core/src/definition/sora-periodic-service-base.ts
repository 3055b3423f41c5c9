import { defaultMember, overridable } from "./default-member.ts";
import { definitionOf } from "./definition-of.ts";
import { declaredPeriod } from "./declared-period.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import type { commandsOf, PeriodicCommands } from "../fluent/shape-of.ts";
import type { Duration } from "../time/duration.ts";
import type { SoraPeriodicService } from "./sora-background-service.ts";

/** Members a subclass may override by a field or by a getter; configuration and the host's options stand above them, the decorator below. */
export interface SoraPeriodicServiceBase {
  /** Default: the decorator's, else 60 s. */
  readonly period: Duration;
  /** Default 0. */
  readonly initialDelay: Duration;
  /** Default false. */
  readonly runOnStartup: boolean;
  /** Compile-time only: `trigger`, `check-queue` and `process-batch`. */
  readonly [commandsOf]?: PeriodicCommands;
}

/** Base of services that run again and again. Every one of them can be poked; see {@link SoraPokablePeriodicServiceBase} for what a poke does. */
export abstract class SoraPeriodicServiceBase<Settings = Readonly<Record<string, unknown>>>
  extends SoraFluentServiceBase<Settings>
  implements SoraPeriodicService
{
  override executeCore(signal: AbortSignal): unknown {
    return this.executePeriodic(signal);
  }

  /** One run. What it throws is logged and counted, and the next run happens. */
  abstract executePeriodic(signal: AbortSignal): unknown;
}

/** A periodic service that says what a poke and a batch are. */
export abstract class SoraPokablePeriodicServiceBase<Settings = Readonly<Record<string, unknown>>> extends SoraPeriodicServiceBase<Settings> {
  /** The run that `trigger` and `check-queue` make. Default: `executePeriodic`. */
  onTriggerNow(signal: AbortSignal): unknown {
    return this.executePeriodic(signal);
  }

  /** One batch. Default: one run. */
  onProcessBatch(_batchSize: number | undefined, _filter: string | undefined, signal: AbortSignal): unknown {
    return this.executePeriodic(signal);
  }
}

Object.defineProperties(SoraPeriodicServiceBase.prototype, {
  period: overridable(instance => declaredPeriod(definitionOf(instance.constructor).options)),
  initialDelay: overridable(instance => (definitionOf(instance.constructor).options.initialDelaySeconds ?? 0) * 1_000),
  runOnStartup: overridable(instance => definitionOf(instance.constructor).options.runOnStartup ?? false),
});
defaultMember(SoraPokablePeriodicServiceBase.prototype.onTriggerNow);
defaultMember(SoraPokablePeriodicServiceBase.prototype.onProcessBatch);
