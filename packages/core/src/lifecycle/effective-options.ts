import { declaredPeriod } from "../definition/declared-period.ts";
import { findValue, splitKey } from "../configuration/configuration-node.ts";
import { serviceConfiguration } from "../configuration/service-configuration.ts";
import { stallLimit } from "../health/progress-monitor.ts";
import { parseDuration } from "../time/duration.ts";
import type { ServiceConfiguration } from "../configuration/service-configuration.ts";
import type { Recurrence } from "../schedule/recurrence.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

const allEnabledKey = "Sora:BackgroundServices:Enabled";
// Asked three times for each service of a host, so the key is taken apart once.
const allEnabled = splitKey(allEnabledKey);

/** What configuration says about a service, the host's own options included. */
function configured(service: ServiceRuntime): ServiceConfiguration {
  return serviceConfiguration(service.host.configuration, service.name, service.definition.options.configurationSection);
}

/** What turns the service off, in words; `undefined` where it runs. */
export function disabledBy(service: ServiceRuntime): string | undefined {
  const { configuration, environment, runOption, runsAll } = service.host;
  const { options } = service.definition;
  if (findValue(configuration, allEnabled) === false) return `${allEnabledKey} (${configuration.source(allEnabledKey) ?? "configuration"})`;
  const enabled = configured(service).enabled;
  if (enabled === false) return `${service.settingsSection.path}:Enabled (${service.configuration.source("Enabled") ?? "configuration"})`;
  if (enabled === undefined && options.enabled === false) return "its definition (enabled: false)";
  if (runsAll || (options[runOption] ?? runOption !== "runInTesting")) return undefined;
  return `its definition: it does not run in ${environment}`;
}

export const defaultPriority = 100;

/** Configuration, then the definition, then 100. */
export function priorityOf(service: ServiceRuntime): number {
  return configured(service).priority ?? service.definition.options.priority ?? defaultPriority;
}

/** Configuration, then a member of the class, then the definition, then 100. */
export function startupOrderOf(service: ServiceRuntime): number {
  return configured(service).startupOrder ?? service.members.startupOrder ?? service.definition.options.startupOrder ?? 100;
}

/** When a periodic service is to run: configuration, then a member of the class, then the definition, then every 60 s. */
export function recurrenceOf(service: ServiceRuntime): Recurrence {
  const { members } = service;
  const { options } = service.definition;
  const initialDelay = members.initialDelay === undefined ? (options.initialDelaySeconds ?? 0) * 1_000 : parseDuration(members.initialDelay, "initialDelay");
  const runOnStartup = members.runOnStartup ?? options.runOnStartup ?? false;
  const seconds = configured(service).intervalSeconds;
  if (seconds === undefined && members.period === undefined && options.cron !== undefined) {
    return { kind: "cron", expression: options.cron, timeZone: options.timeZone ?? "UTC", initialDelay, runOnStartup };
  }
  const every = seconds !== undefined ? seconds * 1_000 : members.period !== undefined ? parseDuration(members.period, "period") : declaredPeriod(options);
  return { kind: "interval", every, initialDelay, runOnStartup };
}

/** Milliseconds without progress after which the service's work counts as stalled; Infinity where nothing is known of its rhythm. */
export function stalledAfter(service: ServiceRuntime): number {
  const { stalledAfter: given } = service.definition.options;
  if (given !== undefined) return parseDuration(given, "stalledAfter");
  return stallLimit(service.work?.rhythm ?? service.history.loop?.period);
}
