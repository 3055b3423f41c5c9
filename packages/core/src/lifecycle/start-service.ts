import { SoraError } from "../errors/sora-error.ts";
import { describeError } from "../errors/describe-error.ts";
import { disabledBy } from "./effective-options.ts";
import { PeriodicRunner } from "./periodic-runner.ts";
import { standingWork } from "./standing-work.ts";
import { StartupWork } from "./startup-work.ts";
import { Supervisor } from "./supervisor.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { StartupLimit } from "./startup-work.ts";

/**
 * Starts a service that is stopped, completed, failed or disabled no more. One that is up stays as it is, one that stops is started once it has stopped, and one
 * that starts is waited for. Background and periodic services are running when this resolves; a startup service has run to its end. Nothing is started beside
 * work of its last life.
 *
 * @throws SoraError `SORA_SERVICE_DISABLED`; `SORA_STARTUP_FAILED` or `SORA_STARTUP_TIMEOUT` naming the service; `SORA_HOST_NOT_RUNNING` where the host stops;
 *   `SORA_SERVICE_STILL_RUNNING` where its last life has not ended though the time for that is over; `SORA_SERVICE_UNAVAILABLE` where a stop asked for later came
 *   first: the last word counts.
 */
export async function startService(service: ServiceRuntime): Promise<void> {
  const asked = service.stopsAsked;
  for (;;) {
    const { host, change, state } = service;
    if (host.stopping)
      throw new SoraError("SORA_HOST_NOT_RUNNING", `Cannot start ${service.name}: the host is stopping.`, { details: { service: service.name } });
    if (service.stopsAsked !== asked) {
      throw new SoraError("SORA_SERVICE_UNAVAILABLE", `Did not start ${service.name}: it was told to stop again before it could.`, {
        details: { service: service.name, state: state.phase },
      });
    }
    if (state.phase === "stopping" && state.remains !== undefined) throw stillRunning(service, state.remains);
    if (change === undefined) return beginService(service);
    if (change.kind === "start") return change.done;
    await change.done;
  }
}

/** The same for a service that is not changing, but returns no promise where there is nothing to wait for: a host may start a hundred thousand. */
export function beginService(service: ServiceRuntime, limit?: StartupLimit): Promise<void> | undefined {
  const reason = disabledBy(service);
  if (reason !== undefined) {
    if (service.state.phase === "stopped") service.move("disable", since => ({ phase: "disabled", since, reason }));
    throw new SoraError("SORA_SERVICE_DISABLED", `Cannot start ${service.name}: it is disabled by ${reason}.`, {
      details: { service: service.name, by: reason },
    });
  }
  if (service.state.phase === "disabled") service.move("enable", "stopped");
  if (isUp(service)) return undefined;
  const remains = service.work?.underWay; // a startup service's run that went on past its time
  if (remains !== undefined) throw stillRunning(service, [remains]);
  service.host.noteStarted(service);
  service.move("start", "starting");
  try {
    service.ensureInstance();
    if (service.kind === "startup") return beginStartup(service, limit ?? startupLimit(service));
    if (service.kind === "periodic") {
      service.work = new PeriodicRunner(service);
      service.move("started", "running");
    } else if (service.definition.behaviour.execute === undefined && service.host.interceptRun === undefined) {
      standBy(service);
    } else {
      const supervisor = new Supervisor(service);
      service.work = supervisor;
      supervisor.begin();
    }
    return undefined;
  } catch (error) {
    throw failService(service, error);
  }
}

/** What most services of a host do: they have actions, and no run that somebody would have to watch. */
function standBy(service: ServiceRuntime): void {
  service.work = standingWork;
  service.record.runs++;
  service.record.lastProgress = service.host.clock.monotonic();
  service.move("started", "running");
}

function beginStartup(service: ServiceRuntime, limit: StartupLimit): Promise<void> {
  const work = new StartupWork(service);
  service.work = work;
  const done = runStartup(service, work, limit);
  const change = { kind: "start", done } as const;
  service.change = change;
  const settled = (): void => {
    if (service.change === change) service.change = undefined;
  };
  done.then(settled, settled);
  return done;
}

async function runStartup(service: ServiceRuntime, work: StartupWork, limit: StartupLimit): Promise<void> {
  try {
    await work.begin(limit);
  } catch (error) {
    throw failService(service, error);
  }
  if (service.state.phase === "starting") service.move("returned", "completed");
}

/** Takes a service that could not be started to `failed`, and returns the error that names it. One that is being stopped is left to its stop. */
export function failService(service: ServiceRuntime, error: unknown): SoraError {
  const failure = startupError(service, error);
  if (service.state.phase === "stopped") service.move("start", "starting"); // it failed before it could begin
  if (service.state.phase !== "starting") return failure;
  service.noteError(error);
  service.move("failed", since => ({ phase: "failed", since, error: failure }));
  return failure;
}

/** An error of Sora's that is about this service already stays as it is; any other is put into words that name it, with its code where it has one. */
function startupError(service: ServiceRuntime, error: unknown): SoraError {
  const { name } = service;
  if (!SoraError.is(error))
    return new SoraError("SORA_STARTUP_FAILED", `Cannot start ${name}: ${describeError(error)}`, { details: { service: name }, cause: error });
  if (error.details["service"] === name) return error;
  return new SoraError(error.code, `Cannot start ${name}: ${error.message}`, {
    details: { ...error.details, service: name },
    fix: error.fix,
    retryable: error.retryable,
    cause: error,
  });
}

function stillRunning(service: ServiceRuntime, remains: readonly string[]): SoraError {
  return new SoraError("SORA_SERVICE_STILL_RUNNING", `Cannot start ${service.name} again: ${remains.join("; ")}, though it was told to end.`, {
    details: { service: service.name, state: service.state.phase, remains },
  });
}

function isUp(service: ServiceRuntime): boolean {
  const { phase } = service.state;
  return phase === "starting" || phase === "running" || phase === "restarting" || phase === "stopping";
}

/** How long a startup service has by its own definition. Default 30 s. */
export function startupLimit(service: ServiceRuntime): StartupLimit {
  return { time: (service.definition.options.timeoutSeconds ?? 30) * 1_000, setting: "timeoutSeconds" };
}
