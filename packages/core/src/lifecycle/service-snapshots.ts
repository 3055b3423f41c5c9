import { describeServiceConfiguration } from "../configuration/service-configuration.ts";
import { describeSchema } from "../definition/describe-schema.ts";
import { parseDuration } from "../time/duration.ts";
import { supportedCommandNames } from "../commands/built-in-command.ts";
import { packageOf } from "./package-of.ts";
import { recurrenceOf } from "./effective-options.ts";
import { redactValue } from "../logging/redact.ts";
import type { ActionDefinition } from "../definition/action-definition.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { EffectiveValue } from "../configuration/service-configuration.ts";
import type { ActionInfo, EventInfo, ServiceInfo } from "./service-info.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { ServiceStatus } from "./service-status.ts";

const nothingYet = Object.freeze({ calls: 0, failures: 0 });

/** The service at this moment. */
export function serviceStatus(service: ServiceRuntime): ServiceStatus {
  const nextRun = service.work?.nextRun;
  const { lastError, runs, restarts } = service.history;
  return {
    name: service.name,
    kind: service.kind,
    state: service.state.phase,
    since: service.state.since,
    ...(service.lastActivity === 0 ? undefined : { lastActivity: service.lastActivity }),
    ...(lastError === undefined ? undefined : { lastError }),
    runs,
    restarts,
    inFlight: service.inFlight,
    waiting: service.waiting,
    ...(nextRun === undefined ? undefined : { nextRun }),
    node: service.host.name,
  };
}

/** What the service offers and how it is set up. */
export async function serviceInfo(service: ServiceRuntime): Promise<ServiceInfo> {
  const { definition, host } = service;
  const { description } = definition.options;
  const [actions, events, ownPackage] = await Promise.all([
    Promise.all([...definition.actions.values()].map(action => describeAction(service, action))),
    Promise.all([...definition.events.values()].map(describeEvent)),
    packageOf(host.configuration.files[0]),
  ]);
  const all = describeServiceConfiguration(host.configuration, service.name, definition.options.configurationSection, layersOf(service));
  return {
    name: service.name,
    kind: service.kind,
    ...(description === undefined ? undefined : { description }),
    actions,
    events,
    commands: supportedCommandNames(service),
    configuration: all.configuration,
    settings: settingsOf(service, all.settings),
    ...(ownPackage === undefined ? undefined : { package: ownPackage }),
  };
}

/** What the definition says and what holds by default, for keys that configuration leaves alone. */
function layersOf(service: ServiceRuntime): Parameters<typeof describeServiceConfiguration>[3] {
  const { enabled, priority, startupOrder, intervalSeconds, every, cron } = service.definition.options;
  const recurrence = service.kind === "periodic" ? recurrenceOf(service) : undefined;
  const interval = recurrence?.kind === "interval" ? { intervalSeconds: recurrence.every / 1_000 } : undefined;
  const own = service.members.period !== undefined || every !== undefined || intervalSeconds !== undefined;
  const order = service.kind === "startup" ? (service.members.startupOrder ?? startupOrder) : undefined;
  return {
    decorator: {
      ...(enabled === undefined ? undefined : { enabled }),
      ...(priority === undefined ? undefined : { priority }),
      ...(order === undefined ? undefined : { startupOrder: order }),
      ...(own ? interval : undefined),
    },
    defaults: {
      enabled: true,
      priority: 100,
      ...(service.kind === "startup" ? { startupOrder: 100 } : undefined),
      ...(cron === undefined ? interval : undefined),
    },
  };
}

/** Settings that the schema added as defaults are shown too. */
function settingsOf(service: ServiceRuntime, configured: Readonly<Record<string, EffectiveValue>>): Readonly<Record<string, EffectiveValue>> {
  const { settings } = service;
  if (service.definition.options.settings === undefined || typeof settings !== "object" || settings === null) return configured;
  const shown: Record<string, EffectiveValue> = { ...configured };
  const known = new Set(Object.keys(configured).map(key => (key.split(":")[0] as string).toLowerCase()));
  for (const [key, value] of Object.entries(settings))
    if (!known.has(key.toLowerCase())) shown[key] = { value: redactValue(key, value), source: "default of the settings schema" };
  return shown;
}

async function describeAction(service: ServiceRuntime, { name, options }: ActionDefinition): Promise<ActionInfo> {
  const { calls, failures } = service.called.get(name) ?? nothingYet;
  const timeout = options.timeout ?? service.definition.options.timeout;
  return {
    name,
    ...(options.description === undefined ? undefined : { description: options.description }),
    requiresParameters: options.requiresParameters ?? false,
    parameters: await describeSchema(options.parameters, "input"),
    ...(options.concurrency === undefined ? undefined : { concurrency: options.concurrency }),
    ...(timeout === undefined ? undefined : { timeout: parseDuration(timeout, "timeout") }),
    idempotent: options.idempotent ?? false,
    version: options.version ?? 1,
    calls,
    failures,
  };
}

async function describeEvent(event: ServiceEvent<unknown, unknown>): Promise<EventInfo> {
  return {
    name: event.name,
    ...(event.description === undefined ? undefined : { description: event.description }),
    args: await describeSchema(event.schema, "output"),
    version: event.version,
    durable: event.durable,
  };
}
