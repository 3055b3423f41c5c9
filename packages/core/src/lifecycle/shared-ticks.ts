import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { recurrenceOf } from "./effective-options.ts";
import type { ClusterPart } from "../durable/cluster-part.ts";
import type { SingletonHolder } from "../durable/singleton-holder.ts";
import type { ScheduleEntry } from "../schedule/schedule-entry.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** Of an interval, what must have passed since the tick before: two hosts that count from different moments take one tick between them. */
const gapShare = 0.9;

/**
 * The ticks of one periodic service as the whole cluster has them: the last is remembered while nobody runs, and each is one host's.
 *
 * A tick that could not be had, because the store did not answer or the lease was nobody's just then, is not lost by it. Once the store tells which one was the last, or the lease is taken, the
 * entry is planned as from there; what fell due since is then decided by its misfire policy, and the store sees to it that none runs twice.
 */
export class SharedTicks {
  readonly #service: ServiceRuntime;
  readonly #cluster: ClusterPart;
  readonly #entry: ScheduleEntry;
  readonly #holder: SingletonHolder | undefined;
  /** Whether the run on start-up is still to come: each host has its own. */
  #awaitsStartup: boolean;
  /** Whether that run waits for the lease. What falls due meanwhile is passed over, as it is wherever the lease is not here: it must not queue up behind it. */
  #awaitsLease = false;
  /** The first tick that was not this host's, or that nobody knows whose it was: where the store knows of none at all, that one was missed. */
  #passedOver: number | undefined = undefined;
  #remembering = false;
  #lastTaking: Promise<unknown> = Promise.resolve();

  constructor(service: ServiceRuntime, cluster: ClusterPart, entry: ScheduleEntry, onLost: (reason: SoraError) => void) {
    this.#service = service;
    this.#cluster = cluster;
    this.#entry = entry;
    this.#holder = service.definition.options.singleton === true ? cluster.hold(service.name) : undefined;
    this.#holder?.onLost(onLost);
    this.#holder?.onHeld(() => void this.#remember());
    this.#awaitsStartup = recurrenceOf(service).runOnStartup;
    if (this.#holder === undefined) void this.#remember();
    else void this.#holder.tried.then(() => this.#remember());
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
      details: { service: name, singleton: true },
    });
  }

  /**
   * Whether the tick is this host's to run now. Where the store does not answer it is nobody's: a run too many would be worse. One after the other, since several that are made up for must not
   * overtake each other.
   */
  take(at: number): Promise<boolean> {
    const isStartup = this.#awaitsStartup;
    this.#awaitsStartup = false;
    if (this.#awaitsLease) {
      this.#passedOver ??= at;
      return Promise.resolve(false);
    }
    this.#awaitsLease = isStartup && this.#holder !== undefined;
    const taking = this.#lastTaking.then(() => this.#take(at, isStartup));
    this.#lastTaking = taking.catch(() => false);
    return taking;
  }

  async close(): Promise<void> {
    await this.#holder?.close();
  }

  async #take(at: number, isStartup: boolean): Promise<boolean> {
    if (isStartup) await this.#holder?.decided();
    if (isStartup) this.#awaitsLease = false;
    const { fence } = this;
    const isElsewhere = this.#holder !== undefined && fence === undefined;
    if (isElsewhere || (this.#remembering && !isStartup)) {
      this.#passedOver ??= at;
      return false;
    }
    const recurrence = recurrenceOf(this.#service);
    const gap = isStartup ? 0 : recurrence.kind === "interval" ? recurrence.every * gapShare : 1;
    try {
      const { taken, last } = await this.#cluster.ticks.take(this.#service.name, at, gap, fence);
      if (!taken && recurrence.kind === "interval") this.#entry.resume(last); // so that it waits for the next one of all
      return taken;
    } catch (error) {
      this.#service.logger.warn(`A run is put off: the store did not say whose it is (${describeError(error)})`, { scheduledAt: at, error });
      this.#passedOver ??= at;
      void this.#remember();
      return false;
    }
  }

  /** Plans what comes next from the last tick that anybody has had. Ticks that fall due before that is known wait for it. */
  async #remember(): Promise<void> {
    if (this.#remembering) return;
    this.#remembering = true;
    const known = await this.#cluster.ticks.last(this.#service.name);
    const last = known ?? this.#beforePassedOver();
    this.#remembering = false;
    this.#passedOver = undefined;
    if (last !== undefined) this.#entry.resume(last);
  }

  #beforePassedOver(): number | undefined {
    const recurrence = recurrenceOf(this.#service);
    return this.#passedOver === undefined ? undefined : this.#passedOver - (recurrence.kind === "interval" ? recurrence.every : 1);
  }
}

/** Where the host was given a store that remembers ticks; nothing otherwise. */
export function sharedTicks(service: ServiceRuntime, entry: ScheduleEntry, onLost: (reason: SoraError) => void): SharedTicks | undefined {
  const cluster = service.host.durable.current?.cluster;
  return cluster === undefined ? undefined : new SharedTicks(service, cluster, entry, onLost);
}
