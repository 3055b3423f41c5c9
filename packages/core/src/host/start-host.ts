import { disabledBy } from "../lifecycle/effective-options.ts";
import { beginService, failService, startupLimit } from "../lifecycle/start-service.ts";
import { adoptMembers } from "./adopt-members.ts";
import { checkConfiguration } from "./known-services.ts";
import { inOrder } from "./order-services.ts";
import { definitionError } from "./register-services.ts";
import { tellOfSilenced } from "./silenced-services.ts";
import { singletonProblems } from "./singleton-problems.ts";
import { startupPatience, startupTimeout } from "./startup-patience.ts";
import { tellOfUnknownDependencies } from "./unknown-dependencies.ts";
import { tellOfUnmetParameters } from "./unmet-parameters.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { StartupLimit } from "../lifecycle/startup-work.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { KnownServices } from "./known-services.ts";
import type { DefinitionProblem } from "./register-services.ts";

/** Services as far as they came, and what is wrong with the others. */
interface Made {
  readonly ready: readonly ServiceRuntime[];
  readonly problems: readonly DefinitionProblem[];
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
  await host.container.start(classesOf(services), startupPatience(host));
  if (host.stopping) return [];
  const enabled = services.filter(service => !disable(service));
  tellOfUnmetParameters(enabled);
  if (enabled.length < services.length) tellOfSilenced(host);
  const made = makeInstances(enabled, known);
  await known.finish();
  for (const service of services) host.health.add(service);
  const { ordered, problems: impossible } = inOrder(made.ready);
  const problems = [...made.problems, ...impossible.map(problem => ({ service: "start order", problem })), ...singletonProblems(host, made.ready)];
  if (problems.length > 0) throw definitionError(problems);
  return ordered;
}

/** The classes of the services: where `provide` says how to make one of them, that is done when the service is made. */
function classesOf(services: readonly ServiceRuntime[]): Set<object> {
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

/** Makes the instances one after the other, and takes up what they override. */
function makeInstances(services: readonly ServiceRuntime[], known: KnownServices): Made {
  const ready: ServiceRuntime[] = [];
  const problems: DefinitionProblem[] = [];
  for (const service of services) {
    if (!makeInstance(service)) continue;
    const problem = adoptMembers(service, known);
    if (problem !== undefined) problems.push({ service: service.name, problem });
    else if (service.name === service.definition.name || !disable(service)) ready.push(service); // under another name, another entry counts
  }
  return { ready, problems };
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
