import { WorkContext } from "../actions/work-context.ts";
import { describeError } from "../errors/describe-error.ts";
import { decodeEnvelope } from "./action-envelope.ts";
import { DurableEvents } from "./durable-events.ts";
import { strandedBy } from "./store/chain-stopped.ts";
import { parseQueueName } from "./store/queue-name.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { AttemptOutcome } from "./attempt.ts";
import type { ActionChangedArgs } from "./durable-events.ts";
import type { RunningAction } from "./running-action.ts";
import type { RecoveredAction } from "./store/action-store.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { ActionState, NewAction, StoredAction } from "./store/stored-action.ts";

/** Stored actions each way they have gone on this host, for metrics. */
export interface DurableCounts {
  enqueued: number;
  started: number;
  completed: number;
  failed: number;
  dead: number;
  cancelled: number;
  redriven: number;
  /** Outcomes that did not count, because another worker had taken the action over. */
  lost: number;
}

/** What becomes of stored actions on one host: it is counted, told by the events of `DurableActions`, and logged where nobody else would. */
export class ActionStory {
  readonly counts: DurableCounts = { enqueued: 0, started: 0, completed: 0, failed: 0, dead: 0, cancelled: 0, redriven: 0, lost: 0 };
  readonly #store: DurableStore;
  readonly #service: ServiceRuntime;

  /** `service` is the one that the events are of. */
  constructor(store: DurableStore, service: ServiceRuntime) {
    this.#store = store;
    this.#service = service;
  }

  stored(actions: readonly NewAction[]): void {
    this.counts.enqueued += actions.length;
    if (!this.#isHeard(DurableEvents.Enqueued)) return;
    for (const { id, queue, attempts, envelope } of actions) this.#tell(DurableEvents.Enqueued, id, queue, 0, attempts, correlationIn(envelope));
  }

  began(run: RunningAction): void {
    this.counts.started++;
    this.#tellOf(DurableEvents.Started, run);
  }

  /** An attempt is over. `written` is false where its outcome does not count. */
  settled(run: RunningAction, { settlement }: AttemptOutcome, written: boolean): void {
    const { counts } = this;
    if (!written) {
      counts.lost++;
      return;
    }
    switch (settlement.kind) {
      case "completed":
        counts.completed++;
        return this.#tellOf(DurableEvents.Completed, run);
      case "failed":
        counts.failed++;
        return this.#tellOf(DurableEvents.Failed, run, { error: settlement.error, delay: settlement.delay });
      case "dead":
        counts.dead++;
        return this.#tellOf(DurableEvents.Dead, run, { error: settlement.error });
      case "cancelled":
        counts.cancelled++;
        return this.#tellOf(DurableEvents.Cancelled, run);
      case "released":
        return undefined;
    }
  }

  /** It is to be tried again, with all its attempts. */
  redriven({ id, queue, attempts, envelope }: StoredAction, before: ActionState): void {
    this.counts.redriven++;
    this.#tell(DurableEvents.Redriven, id, queue, 0, attempts, correlationIn(envelope), { before });
  }

  /** Cancelled before they began, or between two attempts. Those that are not kept are counted, and not told. */
  async cancelled(ids: readonly string[]): Promise<void> {
    this.counts.cancelled += ids.length;
    if (ids.length === 0 || !this.#isHeard(DurableEvents.Cancelled)) return;
    for (const action of await this.#store.actions.get(ids)) {
      const error = strandedBy(action);
      const { id, queue, attempt, attempts, envelope } = action;
      this.#tell(DurableEvents.Cancelled, id, queue, attempt, attempts, correlationIn(envelope), error === undefined ? undefined : { error });
    }
  }

  /** Cancelled with the end of what they waited for. Never rejects. */
  async stranded(ids: readonly string[]): Promise<void> {
    const { logger } = this.#service.host;
    const what = `${ids.length} stored action${ids.length === 1 ? " is" : "s are"} cancelled`;
    logger.warn(`${what}: what came before in the chain was not completed, and its retention is over`, { ids: ids.slice(0, 100) });
    await this.cancelled(ids).catch((error: unknown) => logger.debug(`What was cancelled could not be told: ${describeError(error)}`, { error }));
  }

  /** Taken back from workers that were lost. Never rejects. */
  async recovered(actions: readonly RecoveredAction[]): Promise<void> {
    const { clock, logger } = this.#service.host;
    for (const { id, queue, attempt, state } of actions) {
      const { service, action } = parseQueueName(queue);
      const lost = `The worker of ${service}.${action} was lost in attempt ${attempt}; the action is ${state}`;
      if (state === "dead") logger.error(`${lost}, and no further attempt follows, since its attempts are spent`, { id });
      else logger.warn(lost, { id });
      this.counts[recoveries[state].count]++;
    }
    if (!Object.values(recoveries).some(({ event }) => this.#isHeard(event))) return;
    const at = clock.now();
    const known = new Map((await this.#known(actions.map(({ id }) => id))).map(action => [action.id, action]));
    for (const { id, queue, attempt, state } of actions) {
      const { attempts = attempt, envelope } = known.get(id) ?? {};
      const error = { message: "Its worker was lost", code: "SORA_WORKER_LOST", attempt, at };
      const more = state === "cancelled" ? undefined : state === "dead" ? { error } : { error, delay: 0 };
      this.#tell(recoveries[state].event, id, queue, attempt, attempts, envelope === undefined ? undefined : correlationIn(envelope), more);
    }
  }

  /** Of the ids that are still there; none where the store does not answer. */
  async #known(ids: readonly string[]): Promise<readonly StoredAction[]> {
    try {
      return await this.#store.actions.get(ids);
    } catch {
      return [];
    }
  }

  #isHeard(event: ServiceEvent<any>): boolean {
    return this.#service.host.hub.reaches(this.#service.name, event.name);
  }

  #tellOf(event: ServiceEvent<any>, { claimed, envelope }: RunningAction, more?: object): void {
    this.#tell(event, claimed.id, claimed.queue, claimed.attempt, claimed.attempts, envelope?.correlationId, more);
  }

  #tell(event: ServiceEvent<any>, id: string, queue: string, attempt: number, attempts: number, correlationId: string | undefined, more?: object): void {
    if (!this.#isHeard(event)) return;
    const context = new StoredActionContext(this.#service, correlationId);
    const { service, action } = parseQueueName(queue);
    const args: ActionChangedArgs = { id, service, action, attempt, attempts, correlationId: context.correlationId, ...more };
    const { logger } = this.#service.host;
    this.#service.emit(event, args, context).catch((error: unknown) => logger.error("An event of stored actions could not be told", { error }));
  }
}

/** What becomes of an action whose worker was lost, as it is counted and told. */
const recoveries = {
  waiting: { count: "failed", event: DurableEvents.Failed },
  dead: { count: "dead", event: DurableEvents.Dead },
  cancelled: { count: "cancelled", event: DurableEvents.Cancelled },
} as const satisfies Readonly<Record<RecoveredAction["state"], { readonly count: keyof DurableCounts; readonly event: ServiceEvent<any> }>>;

/** In which its events are told: a stored action's own story. */
class StoredActionContext extends WorkContext {
  constructor(service: ServiceRuntime, correlationId: string | undefined) {
    super(service, undefined);
    this.ownCorrelationId = correlationId;
  }

  get signal(): AbortSignal {
    return this.host.workSignal;
  }
}

function correlationIn(envelope: string): string | undefined {
  try {
    return decodeEnvelope(envelope).correlationId;
  } catch {
    return undefined;
  }
}
