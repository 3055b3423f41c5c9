import type { HealthReport } from "../health/health-report.ts";
import type { ServiceCommand, ServiceCommandType } from "../commands/service-command.ts";
import type { Duration } from "../time/duration.ts";
import { classDecorator } from "./class-decorator.ts";
import type { ServiceClassDecorator } from "./class-decorator.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { SoraBackgroundServiceOptions, SoraPeriodicServiceOptions, SoraStartupServiceOptions } from "./service-options.ts";

/** A service. A class that has these members is one, whatever it extends. */
export interface SoraBackgroundService {
  /** Default: the class's name. */
  readonly name?: string;
  /** The service's work; ends when the signal aborts. A service that returns is completed, one that throws is restarted. */
  execute(signal: AbortSignal): unknown;
  /** Whether it can take work; asked by readiness. Default true. */
  isReady?(signal: AbortSignal): boolean | Promise<boolean>;
  check?(signal: AbortSignal): HealthReport | Promise<HealthReport>;
}

/** A service that takes commands. */
export interface SoraPokableService extends SoraBackgroundService {
  handleCommand(command: ServiceCommand, signal: AbortSignal): unknown;
  readonly supportedCommands: readonly ServiceCommandType[];
}

/** A service whose `execute` is run again and again. */
export interface SoraPeriodicService extends SoraBackgroundService {
  readonly period: Duration;
  /** Default 0. */
  readonly initialDelay?: Duration;
  /** Default false. */
  readonly runOnStartup?: boolean;
}

/** A service that runs to its end before the others start, in ascending order. */
export interface SoraStartupService extends SoraBackgroundService {
  readonly startupOrder: number;
}

/** Declares a class a background service. Also a plain function: `SoraBackgroundService({ … })(MyService)`. Never throws; problems are reported at start. */
export function SoraBackgroundService<S extends StandardSchemaV1 | undefined = undefined>(
  options?: SoraBackgroundServiceOptions<S>,
): ServiceClassDecorator<"background", S> {
  return classDecorator("background", options);
}

/** Declares a class a periodic service: `execute`, or `executePeriodic`, runs every `intervalSeconds`, `every` or `cron`. Also a plain function. */
export function SoraPeriodicService<S extends StandardSchemaV1 | undefined = undefined>(
  options?: SoraPeriodicServiceOptions<S>,
): ServiceClassDecorator<"periodic", S> {
  return classDecorator("periodic", options);
}

/** Declares a class a startup service. Also a plain function. */
export function SoraStartupService<S extends StandardSchemaV1 | undefined = undefined>(
  options?: SoraStartupServiceOptions<S>,
): ServiceClassDecorator<"startup", S> {
  return classDecorator("startup", options);
}
