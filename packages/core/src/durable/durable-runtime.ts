import { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import { beginService } from "../lifecycle/start-service.ts";
import { WorkContext } from "../actions/work-context.ts";
import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { settlesWithin } from "../time/within.ts";
import { enqueueAnew } from "./action-receipt.ts";
import { decodeEnvelope, deadlineOf } from "./action-envelope.ts";
import { batchActions } from "./batch-actions.ts";
import { ClusterPart } from "./cluster-part.ts";
import { chooseStore } from "./choose-store.ts";
import { durableActions, durableActionsName } from "./durable-actions.ts";
import { DurableEvents } from "./durable-events.ts";
import { DurableWorker } from "./durable-worker.ts";
import { Maintenance } from "./maintenance.ts";
import { newActions } from "./new-action.ts";
import { ResultWaiter } from "./result-waiter.ts";
import { receiptFor } from "./stored-actions.ts";
import { strandedBy } from "./store/chain-stopped.ts";
import { parseQueueName } from "./store/queue-name.ts";
import { isFinished, isRetryable } from "./store/stored-action.ts";
import { ScheduleRunner } from "./schedule-runner.ts";
import { resolveRetention } from "./worker-options.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ActionReceipt } from "./action-receipt.ts";
import type { AttemptOutcome } from "./attempt.ts";
import type { DurableCensus } from "./durable-census.ts";
import type { ActionChangedArgs } from "./durable-events.ts";
import type { DurableHostOptions } from "./durable-slot.ts";
import type { StoredCallRequest } from "./new-action.ts";
import type { RunningAction } from "./running-action.ts";
import type { CancelOutcome, RecoveredAction } from "./store/action-store.ts";
import type { DurableStore, StoreTransaction } from "./store/durable-store.ts";
import type { ActionState, EnqueuedAction, NewAction, StoredAction } from "./store/stored-action.ts";
import type { Retention } from "./worker-options.ts";

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

/** Milliseconds for which a count of what is stored is good: counting a million takes its time. */
const censusAge = 1_000;
/** Milliseconds after which a count that the store has not answered is asked for anew, by whoever wants one then. */
const longestCount = 30_000;

/** Milliseconds a stop waits for the outcomes of what has ended during it, for those who wait for them. */
const longestLastLook = 250;

/** A count under way, or its outcome. */
interface Census {
  readonly at: number;
  readonly counting: Promise<DurableCensus>;
  ended: boolean;
}

/** Stored actions on one host: the store, and what works on it. */
export class DurableRuntime {
  readonly host: HostKernel;
  readonly store: DurableStore;
  readonly waiter: ResultWaiter;
  readonly counts: DurableCounts = { enqueued: 0, started: 0, completed: 0, failed: 0, dead: 0, cancelled: 0, redriven: 0, lost: 0 };
  readonly retention: Retention;
  /** What ties services of this host to those of others: where a store was given for it. */
  readonly cluster: ClusterPart | undefined;
  /** Absent where this host only enqueues. */
  readonly worker: DurableWorker | undefined;
  /** Absent where this host only enqueues. */
  readonly schedules: ScheduleRunner | undefined;
  /** Whether the store is closed, or about to be: nothing more can be asked of it. */
  closed = false;
  #census: Census | undefined = undefined;
  readonly #maintenance: Maintenance;
  /** The service that its events are told by. */
  readonly #service: ServiceRuntime;

  constructor(host: HostKernel, store: DurableStore, options: DurableHostOptions) {
    this.host = host;
    this.store = store;
    const isGiven = options.store !== undefined || host.configuration.get("Sora:Store:Url", "") !== "";
    const worker = options.worker === false ? undefined : options.worker;
    this.retention = resolveRetention(worker?.retention);
    this.cluster = isGiven ? new ClusterPart(host, store, () => this.worker?.reconsider()) : undefined;
    this.waiter = new ResultWaiter(store, host.clock);
    this.worker =
      worker === undefined
        ? undefined
        : new DurableWorker({
            host,
            store,
            retention: this.retention,
            concurrency: worker.concurrency ?? host.configuration.get("Sora:Worker:Concurrency", 10),
            watcher: {
              began: run => this.#began(run),
              ended: (run, outcome) => this.#ended(run, outcome),
              settled: (run, outcome, written) => this.#settled(run, outcome, written),
            },
          });
    this.schedules = worker === undefined ? undefined : new ScheduleRunner(host, store, actions => this.#stored(actions));
    this.#maintenance = new Maintenance(host, store, this.retention, {
      recovered: actions => void this.#recovered(actions),
      stranded: ids => void this.#stranded(ids),
    });
    this.#service = new ServiceRuntime(host, durableActions(this), { phase: "stopped", since: host.clock.now() });
  }

  /** Begins to work. `early` is before the host has made its services ready: then it starts the service of these events with them. */
  start(early: boolean): void {
    const { host } = this;
    host.registry.add(this.#service);
    if (!early) {
      host.health.add(this.#service);
      if (!host.stopping) void beginService(this.#service);
    }
    this.worker?.start();
    this.schedules?.start();
    this.#maintenance.start();
  }

  /**
   * Stores a chain of actions, each to begin after the one before it; all of them or none, as part of `transaction` where one is given.
   *
   * @throws SoraError as the fluent API's `enqueue` says.
   */
  async enqueue(parent: WorkContext | undefined, requests: readonly StoredCallRequest[], transaction: unknown): Promise<ActionReceipt> {
    const within = this.#within(transaction);
    const stored = await this.keep(await newActions(this.host, parent, requests), within);
    return receiptFor(
      () => this.host.durable,
      stored.map(({ id }) => id),
    );
  }

  /** Stores actions that have nothing to do with each other but that all of them are stored, or none. */
  async enqueueEach(parent: WorkContext | undefined, requests: readonly StoredCallRequest[], transaction: unknown): Promise<readonly ActionReceipt[]> {
    const within = this.#within(transaction);
    const stored = await this.keep(await batchActions(this.host, parent, requests), within);
    return stored.map(({ id }) => receiptFor(() => this.host.durable, [id]));
  }

  /** Stores what is ready to be stored. */
  async keep(actions: readonly NewAction[], within: StoreTransaction | undefined): Promise<readonly EnqueuedAction[]> {
    const { store } = this;
    const storing = (within ?? store.actions).enqueue(actions);
    if (store.inOrder === true && within === undefined)
      this.worker?.expect(actions.flatMap(({ delay, at, queue }) => (delay === undefined && at === undefined ? queue : [])));
    const stored = await storing;
    // nobody here learns whether a transaction was committed
    if (within === undefined) this.#stored(actions.filter((_, index) => stored[index]?.outcome === "stored"));
    return stored;
  }

  /** Before parameters are looked at: a schema may take its time over them, and the transaction may have ended by then. */
  #within(transaction: unknown): StoreTransaction | undefined {
    return transaction === undefined ? undefined : this.store.within(transaction);
  }

  /** Has actions tried again, all of them or none: see `ActionStore.retry`. @throws SoraError `SORA_ACTION_EXPIRED` where the deadline of one is over. */
  async retry(actions: readonly StoredAction[]): Promise<readonly (ActionState | undefined)[]> {
    await this.#checkDeadlines(actions);
    const states = await this.store.actions.retry(actions.map(({ id }) => id));
    for (const [index, { id, queue, attempts, envelope }] of actions.entries()) {
      const before = states[index];
      if (before === undefined || !isRetryable(before)) continue;
      this.counts.redriven++;
      this.#tell(DurableEvents.Redriven, id, queue, 0, attempts, correlationIn(envelope), { before });
    }
    return states;
  }

  /** One that is never begun again must keep the cause it is dead of. */
  async #checkDeadlines(actions: readonly StoredAction[]): Promise<void> {
    if (actions.every(action => deadlineOf(action) === Infinity)) return;
    const now = await this.store.now(); // by the store's clock, on which it expires
    const expired = actions.find(action => deadlineOf(action) <= now);
    if (expired === undefined) return;
    const { service, action } = parseQueueName(expired.queue);
    throw new SoraError(
      "SORA_ACTION_EXPIRED",
      `Cannot retry ${service}.${action} (${expired.id}): its deadline was over at ${new Date(deadlineOf(expired)).toISOString()}.`,
      { details: { id: expired.id, service, action }, fix: enqueueAnew },
    );
  }

  /** Counts what is stored; questions within a second, and those that come while it is counted, are answered by the same count. */
  census(): Promise<DurableCensus> {
    const now = this.host.clock.monotonic();
    const last = this.#census;
    if (last !== undefined && now - last.at < (last.ended ? censusAge : longestCount)) return last.counting;
    const census: Census = { at: now, counting: this.#count(), ended: false };
    this.#census = census;
    census.counting.then(
      () => (census.ended = true),
      () => {
        if (this.#census === census) this.#census = undefined;
      },
    );
    return census.counting;
  }

  async #count(): Promise<DurableCensus> {
    const { store, counts, worker } = this;
    const [queues, workers, outbox] = await Promise.all([store.actions.counts(), store.actions.workers(), store.outbox.counts()]);
    // of its own it knows better: the store is told with the next renewal, and of an idle worker not at all where nobody else is there
    const others = workers.filter(({ id }) => id !== worker?.id);
    const claimable = new Set([...others.flatMap(one => one.queues), ...(worker?.queues ?? [])]);
    return {
      store: store.name,
      lines: queues.map(({ queue, state, count }) => ({ ...parseQueueName(queue), state, count, unclaimable: !isFinished(state) && !claimable.has(queue) })),
      outbox,
      workers: workers.length,
      counts: { ...counts },
      running: worker?.running ?? 0,
      concurrency: worker?.concurrency ?? 0,
    };
  }

  /** Cancels actions: see `ActionStore.cancel`. Whoever waits for one of them here hears of it, though nothing of it be kept. */
  async cancel(ids: readonly string[]): Promise<readonly CancelOutcome[]> {
    const { actions } = this.store;
    const unkept = this.retention.cancelled > 0 ? [] : ids.filter(id => this.waiter.awaits(id));
    const unbegun = unkept.length === 0 ? [] : (await actions.get(unkept)).filter(({ state }) => state !== "running" && !isFinished(state));
    const expected = unbegun.map((action): StoredAction => ({ ...action, state: "cancelled" }));
    for (const action of expected) this.waiter.expect(action);
    const cancelled = new Set<string>();
    try {
      const outcomes = await actions.cancel(ids, this.retention.cancelled);
      for (const [index, id] of ids.entries()) if (outcomes[index] === "cancelled") cancelled.add(id);
      await this.#cancelled([...cancelled]);
      return outcomes;
    } finally {
      for (const action of expected) if (!cancelled.has(action.id)) this.waiter.forget(action.id, action);
    }
  }

  /** Counts actions that were cancelled before they began, or between two attempts, and tells of those that are kept. */
  async #cancelled(ids: readonly string[]): Promise<void> {
    this.counts.cancelled += ids.length;
    if (ids.length === 0 || !this.host.hub.reaches(durableActionsName, DurableEvents.Cancelled.name)) return;
    for (const action of await this.store.actions.get(ids)) {
      const error = strandedBy(action);
      const { id, queue, attempt, attempts, envelope } = action;
      this.#tell(DurableEvents.Cancelled, id, queue, attempt, attempts, correlationIn(envelope), error === undefined ? undefined : { error });
    }
  }

  async #stranded(ids: readonly string[]): Promise<void> {
    const { logger } = this.host;
    logger.warn(`${ids.length} stored action${ids.length === 1 ? " is" : "s are"} cancelled: what came before in the chain was not completed, and its retention is over`, { ids: ids.slice(0, 100) }); // prettier-ignore
    await this.#cancelled(ids).catch((error: unknown) => logger.debug(`What was cancelled could not be told: ${describeError(error)}`, { error }));
  }

  /** Nothing more is taken on. */
  pause(): void {
    this.worker?.pause();
    this.schedules?.close();
  }

  /** Ends everything within `limit` milliseconds, or little more; what did not end, in words. */
  async close(limit: number): Promise<readonly string[]> {
    const { clock, logger } = this.host;
    const culprits: string[] = [];
    const running = this.worker?.running ?? 0;
    if (this.worker !== undefined && !(await settlesWithin(clock, this.worker.drained(), limit * 0.5)))
      culprits.push(
        running > 0
          ? `DurableActions: ${running} stored action${running === 1 ? " has" : "s have"} not ended`
          : "DurableActions: outcomes could not be written",
      );
    this.#maintenance.close();
    await settlesWithin(clock, this.waiter.answerEnded(), longestLastLook);
    this.waiter.dispose();
    this.closed = true;
    const closing = this.#close();
    closing.catch((error: unknown) => logger.error(`The store could not be closed: ${describeError(error)}`, { error }));
    if (!(await settlesWithin(clock, closing, Math.max(250, limit * 0.5)))) culprits.push(`${this.store.name}: it has not closed`);
    return culprits;
  }

  async #close(): Promise<void> {
    await this.worker?.close();
    await this.store[Symbol.asyncDispose]();
  }

  #began(run: RunningAction): void {
    this.counts.started++;
    this.#tellOf(DurableEvents.Started, run);
  }

  /** What the store will not keep is kept for those who wait for it here. */
  #ended({ claimed }: RunningAction, { settlement }: AttemptOutcome): void {
    if (!("keepFor" in settlement) || settlement.keepFor > 0 || !this.waiter.awaits(claimed.id)) return;
    const { kind } = settlement;
    this.waiter.expect({
      ...claimed,
      state: kind,
      dueAt: claimed.enqueuedAt,
      cancelRequested: kind === "cancelled",
      ...("result" in settlement ? { result: settlement.result } : undefined),
      ...("error" in settlement ? { error: settlement.error } : undefined),
    });
  }

  #settled(run: RunningAction, { settlement }: AttemptOutcome, written: boolean): void {
    const { counts } = this;
    if (!written) {
      counts.lost++;
      this.waiter.forget(run.id);
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

  #stored(actions: readonly NewAction[]): void {
    this.counts.enqueued += actions.length;
    if (!this.host.hub.reaches(durableActionsName, DurableEvents.Enqueued.name)) return;
    for (const { id, queue, attempts, envelope } of actions) this.#tell(DurableEvents.Enqueued, id, queue, 0, attempts, correlationIn(envelope));
  }

  async #recovered(actions: readonly RecoveredAction[]): Promise<void> {
    const { counts, host } = this;
    for (const { id, queue, attempt, state } of actions) {
      const { service, action } = parseQueueName(queue);
      const lost = `The worker of ${service}.${action} was lost in attempt ${attempt}; the action is ${state}`;
      if (state === "dead") host.logger.error(`${lost}, and no further attempt follows, since its attempts are spent`, { id });
      else host.logger.warn(lost, { id });
      counts[recoveries[state].count]++;
    }
    if (!Object.values(recoveries).some(({ event }) => host.hub.reaches(durableActionsName, event.name))) return;
    const at = host.clock.now();
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
      return await this.store.actions.get(ids);
    } catch {
      return [];
    }
  }

  #tellOf(event: ServiceEvent<any>, { claimed, envelope }: RunningAction, more?: object): void {
    this.#tell(event, claimed.id, claimed.queue, claimed.attempt, claimed.attempts, envelope?.correlationId, more);
  }

  #tell(event: ServiceEvent<any>, id: string, queue: string, attempt: number, attempts: number, correlationId: string | undefined, more?: object): void {
    if (!this.host.hub.reaches(durableActionsName, event.name)) return;
    const context = new StoredActionContext(this.#service, correlationId);
    const { service, action } = parseQueueName(queue);
    const args: ActionChangedArgs = { id, service, action, attempt, attempts, correlationId: context.correlationId, ...more };
    this.#service.emit(event, args, context).catch((error: unknown) => this.host.logger.error("An event of stored actions could not be told", { error }));
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

/** Opens the host's store and begins to work on it. @throws SoraError where the store cannot be opened. */
export async function openDurableRuntime(host: HostKernel, options: DurableHostOptions, early: boolean): Promise<DurableRuntime> {
  const store = await chooseStore(host, options);
  await store.open({ clock: host.clock, logger: host.logger, chance: host.chance });
  const runtime = new DurableRuntime(host, store, options);
  runtime.start(early);
  return runtime;
}
