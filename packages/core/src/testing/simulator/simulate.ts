import { rig } from "../../host/host-options.ts";
import { SoraHost } from "../../host/sora-host.ts";
import { createMemoryLogger } from "../../logging/memory-logger.ts";
import { seededChance } from "../../time/chance.ts";
import { seededIds } from "../../time/ids.ts";
import { createVirtualClock } from "../virtual-clock.ts";
import { Dice } from "./dice.ts";
import { Driver } from "./driver.ts";
import { Ledger } from "./ledger.ts";
import { addDeaf, drawWorld, longestDeaf, stopsWithin } from "./simulated-services.ts";
import { Trace } from "./trace.ts";
import type { RiggedHostOptions } from "../../host/host-options.ts";
import type { VirtualClock } from "../virtual-clock.ts";

/** What one seed led to. */
export interface SimulationReport {
  readonly seed: number;
  /** Sentences that did not hold; empty where all is well. */
  readonly violations: readonly string[];
  /** The same for every run of a seed. */
  readonly digest: string;
  readonly trace: readonly string[];
}

export interface SimulationOptions {
  /** Things the driver does. Default 60. */
  readonly steps?: number;
}

/**
 * Runs a whole host with services, calls, events and schedules drawn from `seed`, on virtual time, and holds what happened against what is promised. No real time
 * passes, and the same seed gives the same trace.
 */
export async function simulate(seed: number, { steps = 60 }: SimulationOptions = {}): Promise<SimulationReport> {
  const chance = seededChance(seed);
  const dice = new Dice(chance);
  const clock = createVirtualClock();
  const trace = new Trace(clock);
  const ledger = new Ledger(trace);
  const world = drawWorld(dice, ledger);
  // dice of their own, from a seed between two seeds
  addDeaf(world, new Dice(seededChance(seed + 0.5)), ledger);
  const logger = createMemoryLogger();
  const hostChance = seededChance(seed ^ 0x5f3759df);
  const options: RiggedHostOptions = {
    name: "simulated",
    environment: "Testing",
    services: world.sources,
    clock,
    chance: hostChance,
    ids: seededIds(hostChance),
    logger,
    watchConfiguration: false,
    shutdownTimeout: stopsWithin,
    [rig]: { env: {}, runsAll: true, builtIns: false, settingsFiles: false },
  };
  const host = new SoraHost(options);
  try {
    await driven(clock, host.start());
    ledger.stateOf = service => host.list().find(one => one.name === service)?.state ?? "";
    const driver = new Driver({ host, clock, dice, ledger, trace, world });
    for (let step = 0; step < steps; step++) await driver.step();
    if (dice.oneIn(2)) {
      await clock.advance(60_000);
      ledger.checkQuiet();
    }
    const report = await driven(clock, host.stop("the simulation is over"));
    ledger.stopped = true;
    trace.note(`stopped, ${report.culprits.length} culprits`);
    const isClean = ledger.checkStop(report.duration, stopsWithin, report.culprits);
    await clock.advance(longestDeaf); // it may have been told only as the time was over
    ledger.checkEnd(isClean);
    for (const status of host.list())
      if (status.state !== "stopped" && status.state !== "disabled") ledger.violate(`${status.name} is ${status.state} after the stop`);
    if (isClean)
      for (const status of host.list())
        if (status.inFlight !== 0 || status.waiting !== 0)
          ledger.violate(`${status.name} counts ${status.inFlight} in flight and ${status.waiting} waiting after the stop`);
    if (clock.pending > 0) ledger.violate(`${clock.pending} timers are left after the stop`);
  } catch (error) {
    ledger.violate(`the simulation itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  return { seed, violations: ledger.violations, digest: trace.digest, trace: trace.lines };
}

/** Awaits `work`, moving time on in small steps until it settles. */
async function driven<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let settled = false;
  const note = (): void => void (settled = true);
  work.then(note, note);
  // The first settling may need real turns of the loop, which no step of virtual time stands for.
  for (let turn = 0; !settled && turn < 50; turn++) await clock.settle();
  for (let step = 0; !settled && step < 2_000; step++) await clock.advance(50);
  return work;
}
