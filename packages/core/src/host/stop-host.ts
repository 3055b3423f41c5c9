import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { stopService } from "../lifecycle/service-control.ts";
import { settlesWithin } from "../time/within.ts";
import { retireHost } from "./ambient.ts";
import { closeDoors } from "./host-door.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { HostKernel } from "./host-kernel.ts";

/** How a host's stop went. */
export interface StopReport {
  readonly reason: string;
  /** 0 where everything ended in time and nothing critical had failed, else 1: what a program should exit with. */
  readonly exitCode: 0 | 1;
  /** What did not end in time, one sentence each. */
  readonly culprits: readonly string[];
  /** Milliseconds it took. */
  readonly duration: number;
  /** Why the host stopped itself, where it did. */
  readonly error?: SoraError;
}

/** Shares of the whole time: for work to finish by itself, then to finish once aborted; what is left is for stopping services. */
const drainShare = 0.6;
const abortShare = 0.2;
/** The most that closing the doors may take of it. */
const doorShare = 0.1;

/**
 * Stops a host within `limit` milliseconds: unready at once; no ticks and no calls from outside; what is under way drains, and calls it makes are still
 * served; then the doors are closed, and services are stopped in reverse order of their start and disposed of; dependencies last.
 */
export async function stopHost(host: HostKernel, started: readonly ServiceRuntime[], reason: string, limit: number, error?: SoraError): Promise<StopReport> {
  const { clock, logger } = host;
  const began = clock.monotonic();
  const left = (): number => Math.max(0, began + limit - clock.monotonic());
  host.announceStopping(reason);
  logger.info(`Stopping: ${reason}`);
  for (const service of started) service.work?.pause();
  const drained = Promise.all(started.map(service => service.whenIdle())).then(() => host.hub.drain());
  const ended = new SoraError("SORA_SERVICE_UNAVAILABLE", `The host stops: ${reason}.`, { details: { reason } });
  if (!(await settlesWithin(clock, drained, limit * drainShare))) {
    host.endWork(ended);
    for (const service of started) service.abortCalls(ended);
    await settlesWithin(clock, drained, limit * abortShare);
  }
  const culprits: string[] = [...(await closeDoors(host, Math.min(limit * doorShare, left())))];
  host.endWork(ended);
  for (const service of [...started].reverse()) {
    culprits.push(...(await stopService(service, reason, left(), 0)));
  }
  host.hub.dispose();
  host.scheduler.stop();
  host.health.stop();
  host.activity.settle();
  const disposal = host.container.dispose().catch((thrown: unknown) => logger.error(`Dependencies could not be disposed of: ${describeError(thrown)}`, { error: thrown }));
  if (!(await settlesWithin(clock, disposal, Math.max(100, left())))) culprits.push("dependencies: their disposal has not finished");
  retireHost(host);
  const duration = clock.monotonic() - began;
  if (culprits.length > 0) logger.error(`Stopped, but not everything ended within ${limit} ms: ${culprits.join("; ")}`, { culprits });
  else logger.info(`Stopped after ${Math.round(duration)} ms`);
  return { reason, exitCode: culprits.length > 0 || error !== undefined ? 1 : 0, culprits, duration, ...(error === undefined ? undefined : { error }) };
}
