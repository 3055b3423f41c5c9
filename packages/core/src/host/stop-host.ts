import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { stopService } from "../lifecycle/stop-service.ts";
import { settlesWithin } from "../time/within.ts";
import { retireHost } from "./ambient.ts";
import { closeDoors } from "./host-door.ts";
import { unfinishedHandlers } from "./unfinished-handlers.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { HostKernel } from "./host-kernel.ts";

/** How a host's stop went. */
export interface StopReport {
  readonly reason: string;
  /** 0 where everything ended in time and the host did not stop for a failure, else 1: what a program should exit with. */
  readonly exitCode: 0 | 1;
  /** What did not end in time, one sentence each. */
  readonly culprits: readonly string[];
  /** Milliseconds it took. */
  readonly duration: number;
  /** Why the host stopped itself, where it did. */
  readonly error?: SoraError;
}

/** Shares of the whole time: for what is under way to finish by itself, then to finish once aborted; what is left is for stopping services. */
const drainShare = 0.6;
const abortShare = 0.2;
/** What is kept of it for closing the doors. */
const doorShare = 0.1;
/** Milliseconds that writing the last outcomes and closing the store gets, though the time is over already. */
const leastForStore = 200;
/** Milliseconds that disposing of dependencies gets, though the time is over already. */
const leastForDisposal = 100;

/**
 * Stops a host within `limit` milliseconds, or little more where something does not end: unready at once; no ticks and no calls from outside; calls, periodic
 * runs and event handlers under way drain, and calls they make are still served; then services are stopped in reverse order of their start, each
 * after the one before it has ended or had half of the time that was left, and disposed of, and what they emitted is handled; then the doors are closed, which were opened before the
 * first service began; dependencies last. Never rejects.
 */
export async function stopHost(host: HostKernel, reason: string, limit: number, error?: SoraError): Promise<StopReport> {
  const { clock, logger, started } = host;
  const began = clock.monotonic();
  const left = (): number => Math.max(0, began + limit - clock.monotonic());
  const culprits: string[] = [];
  const ended = new SoraError("SORA_SERVICE_UNAVAILABLE", `The host stops: ${reason}.`, { details: { reason } });
  logger.info(`Stopping: ${reason}`);
  for (const service of started) service.work?.pause();
  host.durable.pause();
  const drained = drain(host);
  let isDrained = await settlesWithin(clock, drained, limit * drainShare);
  if (!isDrained) {
    host.endWork(ended);
    for (const service of started) {
      for (const call of service.calls) call.abort(ended);
      service.work?.abortRuns?.(ended);
    }
    isDrained = await settlesWithin(clock, drained, limit * abortShare);
    if (!isDrained) culprits.push(...unfinishedHandlers(host.hub));
  }
  host.endWork(ended);
  const forDoors = host.doors.size === 0 ? 0 : limit * doorShare;
  const leftForServices = (): number => Math.max(0, left() - forDoors);
  culprits.push(...(await stopServices(host, reason, leftForServices)));
  // What services emitted as they ended is handled too; where handlers hung before, there is nothing to wait for.
  if (isDrained && !(await settlesWithin(clock, host.hub.drain(), leftForServices()))) culprits.push(...unfinishedHandlers(host.hub));
  culprits.push(...(await closeDoors(host, forDoors)));
  culprits.push(...(await host.durable.close(Math.max(leastForStore, left() - forDoors))));
  host.hub.dispose();
  host.scheduler.stop();
  host.health.stop();
  host.activity.settle();
  culprits.push(...(await disposeUnstarted(host, left)));
  if (!(await settlesWithin(clock, disposeDependencies(host), Math.max(leastForDisposal, left()))))
    culprits.push("dependencies: their disposal has not finished");
  retireHost(host);
  const duration = clock.monotonic() - began;
  if (culprits.length > 0) logger.error(`Stopped, but not everything ended within ${Math.round(limit)} ms: ${culprits.join("; ")}`, { culprits });
  else logger.info(`Stopped after ${Math.round(duration)} ms`);
  return { reason, exitCode: culprits.length > 0 || error !== undefined ? 1 : 0, culprits, duration, ...(error === undefined ? undefined : { error }) };
}

/** Resolves once no call, no periodic run and no event handler is under way, at one moment. */
async function drain(host: HostKernel): Promise<void> {
  do {
    for (let busy = busyServices(host); busy.length > 0; busy = busyServices(host)) await Promise.all(busy.map(service => service.whenDrained()));
    await host.hub.drain();
  } while (busyServices(host).length > 0);
}

function busyServices(host: HostKernel): ServiceRuntime[] {
  return host.started.filter(service => !service.drained);
}

async function stopServices(host: HostKernel, reason: string, left: () => number): Promise<string[]> {
  const stops: Promise<readonly string[]>[] = [];
  for (const service of [...host.started].reverse()) {
    const stop = stopService(service, reason, left(), 0);
    stops.push(stop);
    await settlesWithin(host.clock, stop, left() / 2);
  }
  return (await Promise.all(stops)).flat();
}

/** Instances that were made and never started. */
async function disposeUnstarted(host: HostKernel, left: () => number): Promise<string[]> {
  const disposals: Promise<string[]>[] = [];
  for (const service of [...host.registry].reverse()) {
    if (service.instance === undefined) continue;
    const disposal = service.disposeInstance();
    disposals.push(
      settlesWithin(host.clock, disposal, Math.max(leastForDisposal, left())).then(settled =>
        settled ? [] : [`${service.name}: its disposal has not finished`],
      ),
    );
    await settlesWithin(host.clock, disposal, left() / 2);
  }
  return (await Promise.all(disposals)).flat();
}

async function disposeDependencies(host: HostKernel): Promise<void> {
  try {
    await host.container.dispose();
  } catch (thrown) {
    host.logger.error(`Dependencies could not be disposed of: ${describeError(thrown)}`, { error: thrown });
  }
}
