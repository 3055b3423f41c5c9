import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { settlesWithin } from "../time/within.ts";
import { configurationError } from "../configuration/configuration-problem.ts";
import { findConfigurationProblems } from "../configuration/find-problems.ts";
import { validateConfiguration } from "../configuration/validate-configuration.ts";
import { defaultPriority, disabledBy, priorityOf, recurrenceOf, startupOrderOf } from "../lifecycle/effective-options.ts";
import { beginService, failService, startupLimit } from "../lifecycle/start-service.ts";
import { isValidName, invalidNameProblem } from "../definition/names.ts";
import { assertRecurrence } from "../schedule/recurrence.ts";
import { dependencyNames } from "./dependency-names.ts";
import { definitionError } from "./register-services.ts";
import { startOrder } from "./start-order.ts";
import { tellOfUnknownDependencies } from "./unknown-dependencies.ts";
import { tellOfUnmetParameters } from "./unmet-parameters.ts";
import type { ConfigurationProblem } from "../configuration/configuration-problem.ts";
import type { ConfigurationRoot } from "../configuration/configuration-root.ts";
import type { Patience } from "../injection/container.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { StartupLimit } from "../lifecycle/startup-work.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { Startable, StartOrder } from "./start-order.ts";

/** A service and what its place in the start depends on. */
interface Planned extends Startable {
  readonly service: ServiceRuntime;
}

/**
 * Checks the configuration against the registered services, opens the store, makes dependencies and instances, and returns the services in the order they are to start.
 * Nothing runs yet. Returns early where the host is stopped meanwhile.
 */
export async function prepareServices(host: HostKernel): Promise<readonly ServiceRuntime[]> {
  const known = await checkConfiguration(host, host.registry.list());
  await host.durable.openAtStart(); // by what the configuration says, and with a service of its own
  tellOfUnknownDependencies(host);
  const services = host.registry.list();
  await host.container.start(classesOf(services), patience(host));
  if (host.stopping) return [];
  const enabled = services.filter(service => !disable(service));
  tellOfUnmetParameters(enabled);
  if (enabled.length < services.length) tellOfAbsence(host);
  const problems: { service: string; problem: string }[] = [];
  const ready: ServiceRuntime[] = [];
  for (const service of enabled) {
    if (!makeInstance(service)) continue;
    const problem = adoptMembers(service, known);
    if (problem !== undefined) problems.push({ service: service.name, problem });
    else if (service.name === service.definition.name || !disable(service)) ready.push(service); // under another name, another entry counts
  }
  await known.finish();
  for (const service of services) host.health.add(service);
  const { ordered, problems: impossible } = orderOf(ready);
  problems.push(...impossible.map(problem => ({ service: "start order", problem })), ...clusterProblems(host, ready));
  if (problems.length > 0) throw definitionError(problems);
  return ordered;
}

/** A host in which the environment silences most of what was asked for should not do so in silence: `NODE_ENV=test` alone is enough for it. */
function tellOfAbsence(host: HostKernel): void {
  const silenced = host.registry.list().filter(({ state }) => state.phase === "disabled" && state.reason.includes("does not run in"));
  if (silenced.length === 0) return;
  const names = silenced
    .slice(0, 10)
    .map(service => service.name)
    .join(", ");
  host.logger.warn(`${silenced.length} of ${host.registry.size} services do not run in ${host.environment}: ${names}${silenced.length > 10 ? ", …" : ""}`, {
    environment: host.environment,
  });
}

/** Every service of the host in the order of a start, whatever keeps it from starting now. */
export function inStartOrder(host: HostKernel): ServiceRuntime[] {
  return [...orderOf(host.registry.list()).ordered];
}

/** The order of a start, which is the given one where nothing says otherwise. */
function orderOf(services: readonly ServiceRuntime[]): StartOrder<ServiceRuntime> {
  if (services.every(hasNoPlace)) return { ordered: services, problems: [] };
  const { ordered, problems } = startOrder(services.map(plan));
  return { ordered: ordered.map(({ service }) => service), problems };
}

function hasNoPlace(service: ServiceRuntime): boolean {
  return service.kind !== "startup" && service.definition.options.dependsOn === undefined && priorityOf(service) === defaultPriority;
}

/** The names that configuration is held against; a service whose field gives it another name is known only once it is made. */
class KnownServices {
  readonly serviceSections: Map<string, string>;
  readonly #host: HostKernel;
  readonly #renamed: ServiceRuntime[] = [];

  constructor(host: HostKernel, services: readonly ServiceRuntime[]) {
    this.#host = host;
    this.serviceSections = sectionsOf(services);
  }

  get serviceNames(): string[] {
    return this.#host.registry.list().map(({ name }) => name);
  }

  rename(service: ServiceRuntime, before: string): void {
    const section = this.serviceSections.get(before);
    this.serviceSections.delete(before);
    if (section !== undefined) this.serviceSections.set(service.name, section);
    this.#renamed.push(service);
  }

  /** Logs the warnings, and checks the settings of those that have renamed themselves. */
  async finish(): Promise<void> {
    const { configuration, logger } = this.#host;
    for (const warning of findConfigurationProblems(configuration, this).warnings) logger.warn(warning.message, { source: warning.source });
    const problems = await checkSettings(this.#renamed, configuration);
    if (problems.length > 0) throw configurationError(problems, "Cannot start the host with this configuration");
  }
}

async function checkConfiguration(host: HostKernel, services: readonly ServiceRuntime[]): Promise<KnownServices> {
  const { configuration } = host;
  const known = new KnownServices(host, services);
  validateConfiguration(configuration, known, [...host.durable.configurationProblems, ...(await checkSettings(services, configuration))]);
  return known;
}

/** What the services' schemas find wrong with their settings; where nothing is, all are adopted. */
async function checkSettings(services: readonly ServiceRuntime[], configuration: ConfigurationRoot): Promise<ConfigurationProblem[]> {
  const typed = services.filter(service => service.definition.options.settings !== undefined);
  const checks = await Promise.all(typed.map(service => service.settingsSection.check(configuration)));
  const problems = checks.flatMap(check => check.problems);
  if (problems.length === 0) for (const check of checks) check.adopt();
  return problems;
}

/** Services that have a section of their own, by name. */
function sectionsOf(services: readonly ServiceRuntime[]): Map<string, string> {
  const sections = new Map<string, string>();
  for (const { name, definition } of services)
    if (definition.options.configurationSection !== undefined) sections.set(name, definition.options.configurationSection);
  return sections;
}

/** The classes of the services: where `provide` says how to make one of them, that is done when the service is made. */
function classesOf(services: readonly ServiceRuntime[]): Set<object> {
  const classes = new Set<object>();
  for (const { definition } of services) if (definition.behaviour.token !== undefined) classes.add(definition.behaviour.token);
  return classes;
}

/** Lets the factories of dependencies take as long, all together, as startup services may. */
function patience(host: HostKernel): Patience {
  const { clock } = host;
  const limit = startupTimeout(host);
  const deadline = clock.monotonic() + limit;
  return async (made, name) => {
    if (await settlesWithin(clock, made, deadline - clock.monotonic())) return made;
    throw new SoraError(
      "SORA_STARTUP_TIMEOUT",
      `Cannot make ${name}, which the host provides: its factory has not finished within ${limit} ms (StartupTimeoutSeconds).`,
      {
        details: { dependency: name, timeout: limit, setting: "StartupTimeoutSeconds" },
      },
    );
  };
}

/** Milliseconds for all startup services together. */
function startupTimeout({ configuration }: HostKernel): number {
  return configuration.get("Sora:BackgroundServices:StartupTimeoutSeconds", 120) * 1_000;
}

/** Marks a service that is turned off; true where it is. */
function disable(service: ServiceRuntime): boolean {
  const reason = disabledBy(service);
  if (reason !== undefined) service.move("disable", since => ({ phase: "disabled", since, reason }));
  return reason !== undefined;
}

/** False where its constructor threw, and the host goes on without it. */
function makeInstance(service: ServiceRuntime): boolean {
  try {
    service.ensureInstance();
    return true;
  } catch (error) {
    goOnWithout(service, failService(service, error));
    return false;
  }
}

/** Takes up what the instance overrides: its name, and a period or startup order that only its fields tell of. */
function adoptMembers(service: ServiceRuntime, known: KnownServices): string | undefined {
  const { name, period, startupOrder } = service.members;
  if (service.kind === "background" && period !== undefined) service.kind = "periodic";
  else if (service.kind === "background" && startupOrder !== undefined) service.kind = "startup";
  if (service.kind !== "background" && service.definition.behaviour.execute === undefined) return `a ${service.kind} service needs a method execute(signal)`;
  if (name !== undefined && name !== service.name) {
    if (!isValidName(name)) return invalidNameProblem("its name", name);
    const before = service.name;
    if (!service.host.registry.rename(service, name)) return `its name "${name}" is another service's too`;
    service.settingsSection.moved();
    known.rename(service, before);
  }
  return scheduleProblem(service);
}

/** What is wrong with the period that the instance gives itself, and would otherwise fail at the start of the service. */
function scheduleProblem(service: ServiceRuntime): string | undefined {
  const { period, initialDelay } = service.members;
  if (service.kind !== "periodic" || (period === undefined && initialDelay === undefined)) return undefined;
  try {
    assertRecurrence(recurrenceOf(service));
    return undefined;
  } catch (error) {
    return describeError(error).replace(/^SoraError: /, "");
  }
}

function plan(service: ServiceRuntime): Planned {
  return {
    service,
    name: service.name,
    kind: service.kind,
    startupOrder: service.kind === "startup" ? startupOrderOf(service) : 0,
    priority: priorityOf(service),
    after: dependencyNames(service),
  };
}

/** Without a store that hosts share, nothing keeps two of them from running a service at once. */
function clusterProblems(host: HostKernel, services: readonly ServiceRuntime[]): { service: string; problem: string }[] {
  const { current } = host.durable;
  if (current?.cluster !== undefined && current.store.shared) return [];
  const alone = services.filter(service => service.definition.options.singleton === true);
  if (host.environment === "Production")
    return alone.map(service => ({ service: service.name, problem: "`singleton: true` needs a store that all hosts share, and this host has none" }));
  for (const service of alone) service.logger.warn("`singleton: true` holds for this process only: the host has no store that others share");
  return [];
}

/**
 * Starts the services in the given order. Startup services one after the other, each within its own time and all within `StartupTimeoutSeconds`; where one
 * fails and the host is not told to go on, this rejects. Where the host is stopped meanwhile, it returns.
 *
 * @throws SoraError `SORA_STARTUP_FAILED` or `SORA_STARTUP_TIMEOUT`, naming the service.
 */
export async function startServices(host: HostKernel, ordered: readonly ServiceRuntime[]): Promise<void> {
  const { clock } = host;
  const deadline = clock.monotonic() + startupTimeout(host);
  for (const service of ordered) {
    if (host.stopping) return;
    try {
      const pending = service.change?.done ?? beginService(service, service.kind === "startup" ? limitOf(service, deadline - clock.monotonic()) : undefined);
      if (pending !== undefined) await pending;
    } catch (error) {
      if (host.stopping) return;
      goOnWithout(service, error);
    }
  }
}

/** A startup service's own time, or what is left of that of all of them together. */
function limitOf(service: ServiceRuntime, left: number): StartupLimit {
  const own = startupLimit(service);
  return left < own.time ? { time: left, setting: "StartupTimeoutSeconds" } : own;
}

/** Goes on where the host is told to; throws `error` where it is not. */
function goOnWithout(service: ServiceRuntime, error: unknown): void {
  const failFast = service.host.configuration.get("Sora:BackgroundServices:FailFastOnStartupFailure", true);
  if (failFast && service.definition.options.continueOnFailure !== true) throw error;
  service.logger.error("The service failed to start; the host goes on without it", { error });
  if (service.state.phase === "failed") service.host.serviceFailed(service, service.state.error);
}
