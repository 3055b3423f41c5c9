import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { validateConfiguration } from "../configuration/validate-configuration.ts";
import { disabledBy, priorityOf, recurrenceOf, startupOrderOf } from "../lifecycle/effective-options.ts";
import { beginService, startupLimit } from "../lifecycle/service-control.ts";
import { isValidName, invalidNameProblem } from "../definition/names.ts";
import { dependencyNames } from "./host-health.ts";
import { definitionError } from "./register-services.ts";
import { startOrder } from "./start-order.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { Startable } from "./start-order.ts";

/** A service and what its place in the start depends on. */
interface Planned extends Startable {
  readonly service: ServiceRuntime;
}

/**
 * Checks the configuration against the registered services, makes dependencies and instances, and returns the services in the order they are to start.
 * Nothing runs yet.
 */
export async function prepareServices(host: HostKernel): Promise<readonly ServiceRuntime[]> {
  await checkConfiguration(host);
  await host.container.start(classesOf(host.registry));
  const enabled: ServiceRuntime[] = [];
  for (const service of host.registry) if (!disable(service)) enabled.push(service);
  const problems: { service: string; problem: string }[] = [];
  const ready: ServiceRuntime[] = [];
  for (const service of enabled) {
    makeInstance(service);
    const problem = adoptMembers(service);
    if (problem !== undefined) problems.push({ service: service.name, problem });
    else if (service.name === service.definition.name || !disable(service)) ready.push(service); // under another name, another entry counts
  }
  const planned = ready.map(plan);
  const { ordered, problems: impossible } = startOrder(planned);
  problems.push(...impossible.map(problem => ({ service: "start order", problem })), ...clusterProblems(host, ready));
  if (problems.length > 0) throw definitionError(problems);
  return ordered.map(({ service }) => service);
}

async function checkConfiguration(host: HostKernel): Promise<void> {
  const { configuration, registry, logger } = host;
  const services = [...registry];
  const typed = services.filter(service => service.definition.options.settings !== undefined);
  const checks = await Promise.all(typed.map(service => service.settingsSection.check(configuration)));
  const known = { serviceNames: services.map(service => service.name), serviceSections: sectionsOf(services) };
  const warnings = validateConfiguration(configuration, known, checks.flatMap(check => check.problems));
  for (const warning of warnings) logger.warn(warning.message, { source: warning.source });
  for (const check of checks) check.adopt();
}

/** Services that have a section of their own, by name. */
function sectionsOf(services: readonly ServiceRuntime[]): Map<string, string> {
  const sections = new Map<string, string>();
  for (const { name, definition } of services) if (definition.options.configurationSection !== undefined) sections.set(name, definition.options.configurationSection);
  return sections;
}

/** The classes of the services: where `provide` says how to make one of them, that is done when the service is made. */
function classesOf(services: Iterable<ServiceRuntime>): Set<object> {
  const classes = new Set<object>();
  for (const { definition } of services) if (definition.behaviour.token !== undefined) classes.add(definition.behaviour.token);
  return classes;
}

/** Marks a service that is turned off; true where it is. */
function disable(service: ServiceRuntime): boolean {
  const reason = disabledBy(service);
  if (reason !== undefined) service.move("disable", since => ({ phase: "disabled", since, reason }));
  return reason !== undefined;
}

function makeInstance(service: ServiceRuntime): void {
  try {
    service.ensureInstance();
  } catch (error) {
    if (SoraError.is(error)) throw error;
    throw new SoraError("SORA_STARTUP_FAILED", `Cannot construct ${service.name}: ${describeError(error)}`, { details: { service: service.name }, cause: error });
  }
}

/** Takes up what the instance overrides: its name, and a period or startup order that only its fields tell of. */
function adoptMembers(service: ServiceRuntime): string | undefined {
  const { name, period, startupOrder } = service.members;
  if (service.kind === "background" && period !== undefined) service.kind = "periodic";
  else if (service.kind === "background" && startupOrder !== undefined) service.kind = "startup";
  if (service.kind !== "background" && service.definition.behaviour.execute === undefined) return `a ${service.kind} service needs a method execute(signal)`;
  if (name === undefined || name === service.name) return undefined;
  if (!isValidName(name)) return invalidNameProblem("its name", name);
  return service.host.registry.rename(service, name) ? undefined : `its name "${name}" is another service's too`;
}

function plan(service: ServiceRuntime): Planned {
  return { service, name: service.name, kind: service.kind, startupOrder: service.kind === "startup" ? startupOrderOf(service) : 0, priority: priorityOf(service), after: dependencyNames(service) };
}

/** Without a store that hosts share, nothing keeps two of them from running a service at once. */
function clusterProblems(host: HostKernel, services: readonly ServiceRuntime[]): { service: string; problem: string }[] {
  const alone = services.filter(service => service.definition.options.singleton === true);
  if (host.environment === "Production") return alone.map(service => ({ service: service.name, problem: "`singleton: true` needs a store that all hosts share, and this host has none" }));
  for (const service of alone) service.logger.warn("`singleton: true` holds for this process only: the host has no store that others share");
  return [];
}

/**
 * Starts the services in the given order. Startup services one after the other, each within its own time and all within `StartupTimeoutSeconds`; where one
 * fails and the host is not told to go on, this rejects.
 *
 * @throws SoraError `SORA_STARTUP_FAILED` or `SORA_STARTUP_TIMEOUT`, naming the service.
 */
export async function startServices(host: HostKernel, ordered: readonly ServiceRuntime[], onStarted: (service: ServiceRuntime) => void): Promise<void> {
  const { clock, configuration } = host;
  const failFast = configuration.get("Sora:BackgroundServices:FailFastOnStartupFailure", true);
  const deadline = clock.monotonic() + configuration.get("Sora:BackgroundServices:StartupTimeoutSeconds", 120) * 1_000;
  for (const service of ordered) {
    if (host.stopping) return;
    onStarted(service);
    try {
      const limit = service.kind === "startup" ? Math.min(startupLimit(service), Math.max(0, deadline - clock.monotonic())) : 0;
      const pending = beginService(service, limit);
      if (pending !== undefined) await pending;
    } catch (error) {
      if (failFast && service.definition.options.continueOnFailure !== true) throw asStartupFailure(service, error);
      service.logger.error("The service failed to start; the host goes on without it", { error });
    }
    if (service.state.phase !== "failed") host.health.add(service);
  }
}

function asStartupFailure(service: ServiceRuntime, error: unknown): SoraError {
  if (SoraError.is(error)) return error;
  return new SoraError("SORA_STARTUP_FAILED", `Service ${service.name} could not be started: ${describeError(error)}`, { details: { service: service.name }, cause: error });
}

/** Checks early what would otherwise fail at the first tick. */
export function checkSchedules(services: readonly ServiceRuntime[]): void {
  for (const service of services) if (service.kind === "periodic") recurrenceOf(service);
}
