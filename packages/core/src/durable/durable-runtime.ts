import { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import { beginService } from "../lifecycle/start-service.ts";
import type { WorkContext } from "../actions/work-context.ts";
import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { settlesWithin } from "../time/within.ts";
import { enqueueAnew } from "./action-receipt.ts";
import { deadlineOf } from "./action-envelope.ts";
import { ActionStory } from "./action-story.ts";
import { batchActions } from "./batch-actions.ts";
import { CensusTaker } from "./census-taker.ts";
import { ClusterPart } from "./cluster-part.ts";
import { chooseStore } from "./choose-store.ts";
import { durableActions } from "./durable-actions.ts";
import { DurableWorker } from "./durable-worker.ts";
import { Maintenance } from "./maintenance.ts";
import { newActions } from "./new-action.ts";
import { ResultWaiter } from "./result-waiter.ts";
import { receiptFor } from "./stored-actions.ts";
import { parseQueueName } from "./store/queue-name.ts";
import { isFinished, isRetryable } from "./store/stored-action.ts";
import { ScheduleRunner } from "./schedule-runner.ts";
import { resolveRetention } from "./worker-options.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ActionReceipt } from "./action-receipt.ts";
import type { AttemptOutcome } from "./attempt.ts";
import type { DurableCensus } from "./durable-census.ts";
import type { DurableHostOptions } from "./durable-slot.ts";
import type { StoredCallRequest } from "./new-action.ts";
import type { RunningAction } from "./running-action.ts";
import type { CancelOutcome } from "./store/action-store.ts";
import type { DurableStore, StoreTransaction } from "./store/durable-store.ts";
import type { ActionState, EnqueuedAction, NewAction, StoredAction } from "./store/stored-action.ts";
import type { Retention } from "./worker-options.ts";

/** Milliseconds a stop waits for the outcomes of what has ended during it, for those who wait for them. */
const longestLastLook = 250;

/** Stored actions on one host: the store, and what works on it. */
export class DurableRuntime {
  readonly host: HostKernel;
  readonly store: DurableStore;
  readonly waiter: ResultWaiter;
  readonly story: ActionStory;
  readonly retention: Retention;
  /** What ties services of this host to those of others: where a store was given for it. */
  readonly cluster: ClusterPart | undefined;
  /** Absent where this host only enqueues. */
  readonly worker: DurableWorker | undefined;
  /** Absent where this host only enqueues. */
  readonly schedules: ScheduleRunner | undefined;
  /** Whether the store is closed, or about to be: nothing more can be asked of it. */
  closed = false;
  readonly #census = new CensusTaker(this);
  readonly #maintenance: Maintenance;
  /** The service that its events are told by. */
  readonly #service: ServiceRuntime;

  constructor(host: HostKernel, store: DurableStore, options: DurableHostOptions) {
    this.host = host;
    this.store = store;
    this.#service = new ServiceRuntime(host, durableActions(this), { phase: "stopped", since: host.clock.now() });
    this.story = new ActionStory(store, this.#service);
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
              began: run => this.story.began(run),
              ended: (run, outcome) => this.#ended(run, outcome),
              settled: (run, outcome, written) => this.#settled(run, outcome, written),
            },
          });
    this.schedules = worker === undefined ? undefined : new ScheduleRunner(host, store, actions => this.story.stored(actions));
    this.#maintenance = new Maintenance(host, store, this.retention, {
      recovered: actions => void this.story.recovered(actions),
      stranded: ids => void this.story.stranded(ids),
    });
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
    if (within === undefined) this.story.stored(actions.filter((_, index) => stored[index]?.outcome === "stored"));
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
    const left = await this.#leftBehind(actions.filter(({ after }, index) => after !== undefined && states[index] === "cancelled"));
    for (const [index, action] of actions.entries()) {
      const before = states[index];
      if (before !== undefined && isRetryable(before) && !left.has(action.id)) this.story.redriven(action, before);
    }
    return states;
  }

  /** Of these cancelled ones, those that a retry left as they were, since what they waited for is gone. */
  async #leftBehind(actions: readonly StoredAction[]): Promise<ReadonlySet<string>> {
    if (actions.length === 0) return new Set();
    const ends = new Map(actions.map(({ id, finishedAt }) => [id, finishedAt]));
    const stored = await this.store.actions.get([...ends.keys()]);
    return new Set(stored.filter(({ id, state, finishedAt }) => state === "cancelled" && finishedAt === ends.get(id)).map(({ id }) => id));
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
      await this.story.cancelled([...cancelled]);
      return outcomes;
    } finally {
      for (const action of expected) if (!cancelled.has(action.id)) this.waiter.forget(action.id, action);
    }
  }

  /** Counts what is stored, at most once a second. */
  census(): Promise<DurableCensus> {
    return this.#census.take();
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

  #settled(run: RunningAction, outcome: AttemptOutcome, written: boolean): void {
    if (!written) this.waiter.forget(run.id);
    this.story.settled(run, outcome, written);
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
