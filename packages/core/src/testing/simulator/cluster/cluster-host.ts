import { rig } from "../../../host/host-options.ts";
import type { RiggedHostOptions, ServiceSource } from "../../../host/host-options.ts";
import { SoraHost } from "../../../host/sora-host.ts";
import { silentLogger } from "../../../logging/logger.ts";
import { seededChance } from "../../../time/chance.ts";
import { seededIds } from "../../../time/ids.ts";
import type { DurableStore } from "../../../durable/store/durable-store.ts";
import type { VirtualClock } from "../../virtual-clock.ts";
import type { ClusterLedger } from "./cluster-ledger.ts";
import { clusterService, outboxService, singletonService } from "./cluster-services.ts";
import { CrashSwitch } from "./crash-point.ts";
import { FaultyStore } from "./faulty-store.ts";
import { HostClock } from "./host-clock.ts";
import type { Weather } from "./weather.ts";

export interface ClusterHostParts {
  readonly name: string;
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly store: DurableStore;
  readonly shared: boolean;
  readonly weather: Weather;
  readonly ledger: ClusterLedger;
  readonly concurrency: number;
}

/** One simulated process: a host with a clock and a way to the store of its own. */
export class ClusterHost {
  readonly name: string;
  readonly process: HostClock;
  readonly crash: CrashSwitch;
  readonly store: FaultyStore;
  readonly service: ServiceSource;
  readonly host: SoraHost;
  /** Whether it has begun to stop. */
  leaving = false;

  constructor({ name, seed, clock, store, shared, weather, ledger, concurrency }: ClusterHostParts) {
    const chance = seededChance(seed);
    this.name = name;
    this.process = new HostClock(clock);
    this.crash = new CrashSwitch(this.process, what => ledger.crashed(name, what));
    this.store = new FaultyStore({
      store,
      shared,
      network: clock,
      process: this.process,
      weather,
      crash: this.crash,
      onTrouble: milliseconds => ledger.troubled(name, milliseconds),
    });
    this.service = clusterService(name, ledger, this.crash);
    const options: RiggedHostOptions = {
      name,
      environment: "Testing",
      services: shared ? [this.service, singletonService(name, ledger.singleton), outboxService(ledger.outbox, this.crash)] : [this.service],
      clock: this.process,
      chance,
      ids: seededIds(chance),
      logger: silentLogger,
      store: this.store,
      worker: { concurrency },
      watchConfiguration: false,
      shutdownTimeout: "10s",
      [rig]: { env: {}, runsAll: true, builtIns: false, settingsFiles: false },
    };
    this.host = new SoraHost(options);
    ledger.hostStarted(name);
  }

  /** Whether it can be asked for something. */
  get serves(): boolean {
    return this.process.state === "running" && !this.leaving;
  }
}
