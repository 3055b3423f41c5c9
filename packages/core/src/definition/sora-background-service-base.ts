import { HealthReport } from "../health/health-report.ts";
import { defaultMember, overridable } from "./default-member.ts";
import { bindingOf, bindInstance, loggerOf } from "./service-binding.ts";
import { definitionOf } from "./definition-of.ts";
import type { ServiceClientFactory } from "../fluent/service-client-factory.ts";
import type { HealthContributor } from "../health/health-contributor.ts";
import type { HostLifetime } from "../host/host-lifetime.ts";
import type { Clock } from "../time/clock.ts";
import type { Logger } from "../logging/logger.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { PeriodicTick } from "../time/periodic-timer.ts";
import type { Duration } from "../time/duration.ts";
import type { SoraBackgroundService } from "./sora-background-service.ts";

/** Members a subclass may override by a field or by a getter. */
export interface SoraBackgroundServiceBase {
  /** Default: the name its decorator gives, else the class's. */
  readonly name: string;
  /** Default: its decorator's `isCritical`, else false. */
  readonly isCritical: boolean;
}

/** Base of services that need no actions and events of their own: work, readiness, health, and what services need at hand. */
export abstract class SoraBackgroundServiceBase<Settings = Readonly<Record<string, unknown>>> implements SoraBackgroundService, HealthContributor {
  constructor() {
    bindInstance(this);
  }

  /** Lines carry the service's name, and the correlation id of the call or run they are written in. */
  get logger(): Logger {
    return loggerOf(this);
  }

  /** The service's own section of the configuration. */
  get configuration(): Configuration {
    return bindingOf(this).configuration;
  }

  /** The `Settings` section, as the decorator's `settings` schema yields it. Read it where it is used: it changes with the file. */
  get settings(): Settings {
    return bindingOf(this).settings as Settings;
  }

  /** The host's clock; virtual in a test host. */
  get clock(): Clock {
    return bindingOf(this).clock;
  }

  get lifetime(): HostLifetime {
    return bindingOf(this).lifetime;
  }

  /** The fluent API on this service's host. */
  get services(): ServiceClientFactory {
    return bindingOf(this).services;
  }

  /** Waits on the host's clock; rejects with the signal's reason, at once, when it aborts. */
  delay(duration: Duration, signal?: AbortSignal): Promise<void> {
    return bindingOf(this).delay(duration, signal);
  }

  /** `for await (const tick of this.periodicTimer("5m", signal))`: fixed rate on the host's clock, until the signal aborts. */
  periodicTimer(period: Duration, signal?: AbortSignal): AsyncIterable<PeriodicTick> {
    return bindingOf(this).periodicTimer(period, signal);
  }

  /** The service's work. */
  abstract execute(signal: AbortSignal): unknown;

  /** Whether it can take work; asked by readiness. Default true. */
  isReady(_signal: AbortSignal): boolean | Promise<boolean> {
    return true;
  }

  /** Its health, asked within a time limit and cached. Default healthy: what the host knows of its state counts before this. */
  check(_signal: AbortSignal): HealthReport | Promise<HealthReport> {
    return HealthReport.healthy();
  }
}

Object.defineProperties(SoraBackgroundServiceBase.prototype, {
  name: overridable(instance => definitionOf(instance.constructor).name),
  isCritical: overridable(instance => definitionOf(instance.constructor).options.isCritical ?? false),
});
defaultMember(SoraBackgroundServiceBase.prototype.isReady);
defaultMember(SoraBackgroundServiceBase.prototype.check);
