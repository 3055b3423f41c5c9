import { SoraHost } from "../host/sora-host.ts";
import { checkedBy, hostChecks } from "../host/check-host-options.ts";
import { rig } from "../host/host-options.ts";
import { shown } from "../options/shown.ts";
import { aNumber, anObject, flag } from "../options/value-checks.ts";
import { createMemoryLogger } from "../logging/memory-logger.ts";
import { seededChance } from "../time/chance.ts";
import { seededIds } from "../time/ids.ts";
import { currentContext } from "../host/ambient.ts";
import { HubRecorder } from "./event-recorder.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { drive } from "./drive.ts";
import { openDurableRuntime } from "../durable/durable-runtime.ts";
import type { OptionChecks } from "../options/option-check.ts";
import type { RiggedHostOptions, SoraHostOptions } from "../host/host-options.ts";
import type { StopReport } from "../host/stop-host.ts";
import type { MemoryLogLine, MemoryLogger } from "../logging/memory-logger.ts";
import type { EventRecorder } from "./event-recorder.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What a test host is made of: the host's options, on a virtual clock and without the outside world. */
export interface TestHostOptions extends Omit<SoraHostOptions, "clock" | "signals" | "logger"> {
  /** Default: a new one. Several hosts may share one. */
  readonly clock?: VirtualClock;
  /** Seeds jitter and ids, with the host's name. Default 1. Hosts that share a store need names of their own. */
  readonly seed?: number;
  /** The variables of the environment it sees. Default none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Whether the framework's own services run beside those given. Default false. */
  readonly builtIns?: boolean;
  /** Whether `clock.block(…)` is noticed and logged as a blocked event loop. It takes a timer every 500 virtual ms, so that days take long to pass. Default false. */
  readonly loopMonitor?: boolean;
}

const { signals: _signals, logger: _logger, ...shared } = hostChecks;
const testHostChecks: OptionChecks<TestHostOptions> = {
  ...shared,
  clock: (what, value, report) => {
    if (typeof (value as VirtualClock | null)?.advance !== "function") report(`${what} is ${shown(value)}; it is what createVirtualClock() returned`);
  },
  seed: aNumber(),
  env: anObject,
  builtIns: flag,
  loopMonitor: flag,
};

/** Hosts of other names draw other ids from the same seed, so that they can share a store. */
function spread(name = ""): number {
  return Array.from(name).reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003, 0);
}

/** Longest virtual time a start, or a stop, is given. */
const longestStart = 600_000;

/**
 * A host for tests: virtual time, seeded chance, recorded events and log lines, no files, no signals, no variables of the environment. It runs what it is given,
 * whatever `runInTesting` says.
 */
export class TestHost extends SoraHost {
  readonly clock: VirtualClock;
  readonly events: EventRecorder;
  readonly #logger: MemoryLogger;

  /** @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options. */
  constructor(options: TestHostOptions = {}) {
    const given = checkedBy<TestHostOptions>(testHostChecks, options, "a test host");
    const { seed = 1, clock = createVirtualClock(), env = {}, builtIns = false, loopMonitor = false, ...rest } = given;
    const chance = seededChance(seed + spread(given.name));
    const recorder = new HubRecorder();
    const logger = createMemoryLogger({ correlation: () => currentContext()?.flowingCorrelationId() });
    const rigged: RiggedHostOptions = {
      environment: "Testing",
      name: "test",
      chance,
      ids: seededIds(chance),
      watchConfiguration: false,
      ...rest,
      clock,
      logger,
      [rig]: {
        env,
        builtIns,
        loopMonitor,
        runsAll: true,
        settingsFiles: rest.contentRoot !== undefined,
        openDurable: openDurableRuntime, // loaded with the kit: a start that waited for a module would pass for one that waits for time
        onKernel: kernel => recorder.attach(kernel.hub),
      },
    };
    super(rigged);
    this.clock = clock;
    this.events = recorder;
    this.#logger = logger;
  }

  /** Everything logged so far. */
  get logs(): readonly MemoryLogLine[] {
    return this.#logger.lines;
  }

  /** Starts; virtual time passes by itself only where a startup service waits for it. */
  override start(): Promise<void> {
    return drive(this.clock, super.start(), longestStart);
  }

  /** Stops; virtual time passes by itself only where something does not end without. */
  override stop(reason?: string): Promise<StopReport> {
    return drive(this.clock, super.stop(reason), longestStart);
  }
}

/** Makes a test host and starts it: `await using host = await createTestHost({ services: [TranslationService] })`. */
export async function createTestHost(options: TestHostOptions = {}): Promise<TestHost> {
  const host = new TestHost(options);
  await host.start();
  return host;
}
