import { createMemoryStore } from "../../../durable/memory/memory-store.ts";
import { silentLogger } from "../../../logging/logger.ts";
import { seededChance } from "../../../time/chance.ts";
import { createVirtualClock } from "../../virtual-clock.ts";
import { Dice } from "../dice.ts";
import { Trace } from "../trace.ts";
import { ClusterDriver } from "./cluster-driver.ts";
import { ClusterLedger } from "./cluster-ledger.ts";
import { observedStore } from "./observed-store.ts";
import { StoreClock } from "./store-clock.ts";
import { Weather } from "./weather.ts";
import type { SimulationOptions, SimulationReport } from "../simulate.ts";

/** What one seed of a cluster led to. */
export interface ClusterReport extends SimulationReport {
  /** The moments at which hosts crashed, such as `before outcome`. */
  readonly crashes: readonly string[];
}

/**
 * Runs several hosts on one store, on virtual time: they crash, stand still and leave, requests to the store are refused, done and not answered, done late, bells are lost, clocks are wrong.
 * What the store did and what handlers saw is held against what is promised. The same seed gives the same trace.
 */
export async function simulateCluster(seed: number, { steps = 60 }: SimulationOptions = {}): Promise<ClusterReport> {
  await import("../../../durable/durable-runtime.ts"); // a host loads it when it starts, which takes real time once
  const chance = seededChance(seed);
  const dice = new Dice(chance);
  const clock = createVirtualClock();
  const trace = new Trace(clock);
  const shared = !dice.oneIn(4);
  const memory = createMemoryStore({ lease: dice.pick([1_500, 5_000, 15_000]) });
  await memory.open({ clock: new StoreClock(clock, dice.pick([-3_600_000, 0, 0, 3_600_000]), dice.pick([0.98, 1, 1, 1.02])), logger: silentLogger });
  const ledger = new ClusterLedger(trace, clock, memory);
  const store = observedStore(memory, ledger);
  const weather = new Weather(dice, dice.pick([0, 0, 5, 20]), shared);
  const driver = new ClusterDriver({ clock, dice, ledger, store, weather, shared, seed });
  try {
    for (let n = dice.between(1, 3); n > 0; n--) await driver.start();
    for (let step = 0; step < steps; step++) await driver.step();
    await driver.calm();
    await ledger.checkQuiet();
    driver.checkHeard();
  } catch (error) {
    ledger.violate(`the simulation itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  const report = { seed, violations: ledger.violations.slice(), crashes: ledger.crashes.slice(), digest: trace.digest, trace: trace.lines.slice() };
  await driver.end(); // what comes of clearing away counts for nothing
  return report;
}
