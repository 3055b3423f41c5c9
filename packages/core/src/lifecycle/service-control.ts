import { SoraError } from "../errors/sora-error.ts";
import { toError } from "../errors/describe-error.ts";
import { settlesWithin } from "../time/within.ts";
import { disabledBy } from "./effective-options.ts";
import { PeriodicRunner } from "./periodic-runner.ts";
import { StartupWork } from "./startup-work.ts";
import { Supervisor } from "./supervisor.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/**
 * Starts a service that is stopped, completed or failed. Background and periodic services are running when this returns; a startup service has run to its
 * end, within `limit` milliseconds.
 *
 * @throws SoraError `SORA_SERVICE_DISABLED`; for a startup service `SORA_STARTUP_FAILED` or `SORA_STARTUP_TIMEOUT`; whatever its constructor throws.
 */
export async function startService(service: ServiceRuntime, limit: number = startupLimit(service)): Promise<void> {
  const pending = beginService(service, limit);
  if (pending !== undefined) await pending;
}

/** The same, but returns no promise where there is nothing to wait for: a host may start a hundred thousand. */
export function beginService(service: ServiceRuntime, limit: number): Promise<void> | undefined {
  const reason = disabledBy(service);
  if (reason !== undefined) {
    if (service.state.phase === "stopped") service.move("disable", since => ({ phase: "disabled", since, reason }));
    throw new SoraError("SORA_SERVICE_DISABLED", `Cannot start ${service.name}: it is disabled by ${reason}.`, { details: { service: service.name, by: reason } });
  }
  if (service.state.phase === "disabled") service.move("enable", since => ({ phase: "stopped", since }));
  if (isUp(service)) return undefined;
  if (service.host.stopping) throw new SoraError("SORA_SERVICE_UNAVAILABLE", `Cannot start ${service.name}: the host is stopping.`, { details: { service: service.name, state: service.state.phase } });
  service.move("start", since => ({ phase: "starting", since }));
  try {
    service.ensureInstance();
    if (service.kind === "startup") return beginStartup(service, limit);
    if (service.kind === "periodic") {
      service.work = new PeriodicRunner(service);
      service.move("started", since => ({ phase: "running", since }));
    } else {
      const supervisor = new Supervisor(service);
      service.work = supervisor;
      supervisor.begin();
    }
    return undefined;
  } catch (error) {
    fail(service, error);
    throw error;
  }
}

async function beginStartup(service: ServiceRuntime, limit: number): Promise<void> {
  const work = new StartupWork(service);
  service.work = work;
  try {
    await work.begin(limit);
  } catch (error) {
    fail(service, error);
    throw error;
  }
  if (service.state.phase === "starting") service.move("returned", since => ({ phase: "completed", since }));
}

function fail(service: ServiceRuntime, error: unknown): void {
  const failure = SoraError.is(error) ? error : new SoraError("SORA_STARTUP_FAILED", `Service ${service.name} could not be started: ${toError(error).message}`, { details: { service: service.name }, cause: error });
  service.noteError(error);
  if (service.state.phase === "starting") service.move("failed", since => ({ phase: "failed", since, error: failure }));
}

function isUp(service: ServiceRuntime): boolean {
  const { phase } = service.state;
  return phase === "starting" || phase === "running" || phase === "restarting" || phase === "stopping";
}

/** Milliseconds a startup service has. Default 30 s. */
export function startupLimit(service: ServiceRuntime): number {
  return (service.definition.options.timeoutSeconds ?? 30) * 1_000;
}

/** What a stop could not bring to an end. */
export type Culprit = string;

/**
 * Stops a service within `limit` milliseconds: no new run and no outside call begins, what is under way drains, then its work is aborted, its calls with it,
 * and its instance disposed of. Returns what did not end in time; the service is `stopped` all the same.
 */
export async function stopService(service: ServiceRuntime, reason: string, limit: number, drain: number = limit * 0.6): Promise<readonly Culprit[]> {
  const { phase } = service.state;
  if (phase === "stopped" || phase === "disabled") return [];
  if (phase === "stopping") {
    await stopped(service);
    return [];
  }
  const { clock } = service.host;
  const deadline = clock.monotonic() + limit;
  const error = new SoraError("SORA_SERVICE_UNAVAILABLE", `Service ${service.name} stops: ${reason}.`, { details: { service: service.name, reason } });
  const culprits: Culprit[] = [];
  service.move("stop", since => ({ phase: "stopping", since, reason }));
  service.work?.pause();
  if (!service.idle && drain > 0) await settlesWithin(clock, service.whenIdle(), drain);
  service.abortCalls(error);
  const ended = Promise.all([service.work?.end(error), service.whenIdle()]);
  if (!(await settlesWithin(clock, ended, deadline - clock.monotonic()))) culprits.push(...unfinished(service));
  const disposal = service.disposeInstance().catch((thrown: unknown) => service.logger.error("The service could not be disposed of", { error: thrown }));
  if (!(await settlesWithin(clock, disposal, Math.max(100, deadline - clock.monotonic())))) culprits.push(`${service.name}: its disposal has not finished`);
  service.work = undefined;
  service.move("stopped", since => ({ phase: "stopped", since }));
  return culprits;
}

/** What is still under way, in words. */
function unfinished(service: ServiceRuntime): Culprit[] {
  const calls = [...service.calls].map(call => `${service.name}: action ${call.action} has not finished`);
  if (calls.length > 0) return [...new Set(calls)];
  return [`${service.name}: ${service.work instanceof PeriodicRunner ? "a run" : "execute"} has not returned`];
}

function stopped(service: ServiceRuntime): Promise<void> {
  return new Promise(resolve => {
    const unwatch = service.watch(() => {
      if (service.state.phase === "stopping") return;
      unwatch();
      resolve();
    });
  });
}
