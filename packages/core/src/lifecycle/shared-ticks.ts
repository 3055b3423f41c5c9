import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { recurrenceOf } from "./effective-options.ts";
import type { ClusterPart } from "../durable/cluster-part.ts";
import type { SingletonHolder } from "../durable/singleton-holder.ts";
import type { ScheduleEntry } from "../schedule/schedule-entry.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** Of an interval, what must have passed since the tick before: two hosts that count from different moments take one tick between them. */
const gapShare = 0.9;

/** The ticks of one periodic service as the whole cluster has them: the last is remembered while nobody runs, and each is one host's. */
export class SharedTicks {
  readonly #service: ServiceRuntime;
  readonly #cluster: ClusterPart;
  readonly #entry: ScheduleEntry;
  readonly #holder: SingletonHolder | undefined;
  /** Whether the run on start-up is still to come: each host has its own. */
  #awaitsStartup: boolean;

  constructor(service: ServiceRuntime, cluster: ClusterPart, entry: ScheduleEntry, onLost: (reason: SoraError) => void) {
    this.#service = service;
    this.#cluster = cluster;
    this.#entry = entry;
    this.#holder = service.definition.options.singleton === true ? cluster.hold(service.name) : undefined;
    this.#holder?.onLost(onLost);
    this.#awaitsStartup = recurrenceOf(service).runOnStartup;
    void this.#remember();
  }

  /** The token by which this host runs the service; `undefined` where it is no singleton, or another host's. */
  get fence(): number | undefined {
    return this.#holder?.lease?.token;
  }

  /** Why it is not this host's to run it, where it is not. */
  elsewhere(): SoraError | undefined {
    if (this.#holder === undefined || this.#holder.lease !== undefined) return undefined;
    const { name } = this.#service;
    return new SoraError("SORA_SERVICE_UNAVAILABLE", `Cannot run ${name} here: it is a singleton, and its lease is not this host's.`, {
      details: { service: name },
    });
  }

  /** Whether the tick is this host's to run. Where the store does not answer it is nobody's: a run too many would be worse. */
  async take(at: number): Promise<boolean> {
    const recurrence = recurrenceOf(this.#service);
    const isStartup = this.#awaitsStartup;
    this.#awaitsStartup = false;
    if (isStartup) await this.#holder?.tried;
    const { fence } = this;
    if (this.#holder !== undefined && fence === undefined) return false;
    const gap = isStartup ? 0 : recurrence.kind === "interval" ? recurrence.every * gapShare : 1;
    try {
      const { taken, last } = await this.#cluster.ticks.take(this.#service.name, at, gap, fence);
      if (!taken && recurrence.kind === "interval") this.#entry.resume(last); // so that it waits for the next one of all
      return taken;
    } catch (error) {
      this.#service.logger.warn(`A run was left out: the store did not say whose it was (${describeError(error)})`, { scheduledAt: at, error });
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#holder?.close();
  }

  async #remember(): Promise<void> {
    const last = await this.#cluster.ticks.last(this.#service.name);
    if (last !== undefined) this.#entry.resume(last);
  }
}

/** Where the host was given a store that remembers ticks; nothing otherwise. */
export function sharedTicks(service: ServiceRuntime, entry: ScheduleEntry, onLost: (reason: SoraError) => void): SharedTicks | undefined {
  const cluster = service.host.durable.current?.cluster;
  return cluster === undefined ? undefined : new SharedTicks(service, cluster, entry, onLost);
}
