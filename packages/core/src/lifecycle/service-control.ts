import { SoraError } from "../errors/sora-error.ts";
import { describeError } from "../errors/describe-error.ts";
import { settlesWithin } from "../time/within.ts";
import { disabledBy } from "./effective-options.ts";
import { PeriodicRunner } from "./periodic-runner.ts";
import { standingWork } from "./standing-work.ts";
import { StartupWork } from "./startup-work.ts";
import { Supervisor } from "./supervisor.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { StartupLimit } from "./startup-work.ts";

/**
 * Starts a service that is stopped, completed, failed or disabled no more. One that is up stays as it is, one that stops is started once it has stopped, and one
 * that starts is waited for. Background and periodic services are running when this resolves; a startup service has run to its end.
 *
 * @throws SoraError `SORA_SERVICE_DISABLED`; `SORA_STARTUP_FAILED` or `SORA_STARTUP_TIMEOUT` naming the service; `SORA_HOST_NOT_RUNNING` where the host stops;
 *   `SORA_SERVICE_UNAVAILABLE` where a stop asked for later came first: the last word counts.
 */
export async function startService(service: ServiceRuntime): Promise<void> {
  const asked = service.stopsAsked;
  for (;;) {
    const { host, change } = service;
    if (host.stopping)
      throw new SoraError("SORA_HOST_NOT_RUNNING", `Cannot start ${service.name}: the host is stopping.`, { details: { service: service.name } });
    if (service.stopsAsked !== asked) {
      throw new SoraError("SORA_SERVICE_UNAVAILABLE", `Did not start ${service.name}: it was told to stop again before it could.`, {
        details: { service: service.name, state: service.state.phase },
      });
    }
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

function isUp(service: ServiceRuntime): boolean {
  const { phase } = service.state;
  return phase === "starting" || phase === "running" || phase === "restarting" || phase === "stopping";
}

/** How long a startup service has by its own definition. Default 30 s. */
export function startupLimit(service: ServiceRuntime): StartupLimit {
  return { time: (service.definition.options.timeoutSeconds ?? 30) * 1_000, setting: "timeoutSeconds" };
}

/** What a stop could not bring to an end, in words. */
export type Culprit = string;

const nobody: readonly Culprit[] = Object.freeze([]);
/** Milliseconds a disposal gets, though the time is over already. */
const leastForDisposal = 100;

/**
 * Stops a service within `limit` milliseconds: no new run and no outside call begins, what is under way drains for up to `drain` milliseconds, then its calls and its
 * work are aborted, and its instance is disposed of. Returns what did not end in time; the service is `stopped` all the same. Never rejects. One that is
 * stopping already is waited for.
 */
export function stopService(service: ServiceRuntime, reason: string, limit: number, drain: number = limit * 0.6): Promise<readonly Culprit[]> {
  const { phase } = service.state;
  service.noteStopAsked();
  if (phase === "stopped" || phase === "disabled") return Promise.resolve(nobody);
  if (service.change?.kind === "stop") return service.change.done;
  const done = endService(service, reason, limit, drain);
  service.change = { kind: "stop", done };
  return done;
}

async function endService(service: ServiceRuntime, reason: string, limit: number, drain: number): Promise<readonly Culprit[]> {
  const { clock } = service.host;
  const deadline = clock.monotonic() + limit;
  const left = (): number => Math.max(0, deadline - clock.monotonic());
  const error = new SoraError("SORA_SERVICE_UNAVAILABLE", `Service ${service.name} stops: ${reason}.`, { details: { service: service.name, reason } });
  const culprits: Culprit[] = [];
  const { work } = service;
  service.move("stop", since => ({ phase: "stopping", since, reason }));
  work?.pause();
  if (drain > 0 && !service.drained) await settlesWithin(clock, service.whenDrained(), drain);
  service.abortCalls(error);
  let workEnded = work === undefined;
  const ending = work?.end(error).finally(() => (workEnded = true));
  if (!(await settlesWithin(clock, ended(service, ending), left()))) {
    culprits.push(...unfinished(service, workEnded));
    service.abandonCalls(error);
  }
  if (!(await settlesWithin(clock, service.disposeInstance(), Math.max(leastForDisposal, left()))))
    culprits.push(`${service.name}: its disposal has not finished`);
  service.work = undefined;
  service.change = undefined;
  service.move("stopped", "stopped");
  return culprits;
}

/** Resolves once the work has ended and the calls under way, those it made as its last act among them. */
async function ended(service: ServiceRuntime, work: Promise<void> | undefined): Promise<void> {
  await work;
  await service.whenIdle();
}

/** What is still under way. */
function unfinished(service: ServiceRuntime, workEnded: boolean): Culprit[] {
  const culprits = new Set([...service.calls].map(call => `${service.name}: action ${call.action} has not finished`));
  if (!workEnded) culprits.add(`${service.name}: ${service.kind === "periodic" ? "a run" : "execute"} has not returned`);
  return [...culprits];
}
