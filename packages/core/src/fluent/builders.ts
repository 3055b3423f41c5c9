import type { ServiceEvent } from "../events/service-event.ts";
import type { Subscription } from "../events/subscription.ts";
import type { ServiceHealth } from "../health/service-health.ts";
import type { ServiceInfo } from "../lifecycle/service-info.ts";
import type { ServiceStatus } from "../lifecycle/service-status.ts";
import type { ExplainedRun } from "../schedule/explain.ts";
import type { BatchReceipt } from "../durable/batch-receipt.ts";
import type { ActionReceipt } from "../durable/action-receipt.ts";
import type { ScheduleOptions } from "../durable/schedule-recurrence.ts";
import type { ScheduleStatus } from "../durable/stored-schedules.ts";
import type { StoredRetry } from "../durable/retry-policy.ts";
import type { DebounceOptions } from "../durable/stored-call-options.ts";
import type { Duration } from "../time/duration.ts";
import type { EventContext } from "../actions/event-context.ts";
import type { CallMetadata } from "../actions/service-context.ts";
import type { ArgsOf, ResultOf } from "./shape-of.ts";

/** What `execute()` resolves to: one action's result, or a chain's results in order. */
export type ChainResult<R extends readonly unknown[]> = R extends readonly [infer One] ? One : R;

/** Where each sentence about a service begins: do an action, subscribe to an event, or ask. Builders are immutable; every step returns a new one. */
export interface ServiceBuilder<A> {
  /** Calls `action` when the chain is executed; actions of a chain run in order and stop at the first failure. */
  do<N extends keyof A & string>(action: N, ...args: ArgsOf<A[N]>): ServiceActionBuilder<A, [ResultOf<A[N]>]>;
  /** Calls `action` once for each of `items`, to be enqueued together; each settles on its own. */
  doEach<N extends keyof A & string>(action: N, items: readonly ArgsOf<A[N]>[0][]): ServiceBatchBuilder<ResultOf<A[N]>>;
  /** Subscribes to an event when the chain is subscribed. */
  on<Args, Input>(event: ServiceEvent<Args, Input>): ServiceEventBuilder<A, Args>;
  /** The same by name, with arguments of unknown type. */
  on(event: string): ServiceEventBuilder<A, unknown>;
  /** Asks for status, health or description. */
  query(): ServiceQueryBuilder;
}

/** Options of the action named last. */
export interface CallOptionSteps<Self> extends LastingOptionSteps<Self> {
  /** Cancels the call: its own signal aborts and the caller is answered with `SORA_ACTION_CANCELLED`. A later action of the chain keeps it. */
  withSignal(signal: AbortSignal): Self;
}

/** Those of them that can be stored with the call, too. */
export interface LastingOptionSteps<Self> {
  /** Higher first, wherever more calls wait than may run at once; first come, first served within one. A whole number from -1000000 to 1000000; default 0. */
  withPriority(priority: number): Self;
  /** Aborts the action's signal and rejects with {@link ActionTimeoutError} when it is over, even where the action ignores its signal. */
  withTimeout(timeout: Duration): Self;
  /** Carried into logs, events and nested calls. Default: the calling context's, else a new one. A later action of the chain keeps it. */
  withCorrelationId(correlationId: string): Self;
  /** Adds values that travel to nested calls as `context.metadata`. */
  withMetadata(metadata: CallMetadata): Self;
}

/** Options of the action named last that only a stored action can have; a chain with any of them is enqueued, not executed. */
export interface StoredCallSteps<Self> {
  /** How often it is tried and when again, over what the action itself says. Functions belong to the action's own `retry`, since they cannot be stored. */
  withRetry(retry: StoredRetry): Self;
  /** Not before so long from now, on the store's clock. At most 100 years. It stands in place of an {@link at} before it: the last of them holds. */
  withDelay(delay: Duration): Self;
  /** Not before this date; one that has passed is now. Milliseconds since the epoch, or a `Date`. It stands in place of a {@link withDelay} before it: the last of them holds. */
  at(date: Date | number): Self;
  /**
   * Begun by then, or not at all: it is dead with `SORA_ACTION_EXPIRED` when its turn comes. An attempt under way is cut off, and what it calls has no more time either. A span from now, or a
   * date. One that is over before the action may begin, by its delay, is refused with `SORA_OPTION_INVALID`.
   */
  withDeadline(deadline: Duration | Date): Self;
  /**
   * Actions of this service with one key begin in the order they were enqueued, one at a time, or as many at once as `concurrency` says; the next begins when one has its outcome. One that
   * waits for its retry holds up those behind it. 1 to 300 characters.
   */
  withKey(key: string, options?: { readonly concurrency?: number }): Self;
  /** While an action with this key is stored (until its retention is over), enqueuing it again gives the same receipt. The key belongs to the action. 1 to 300 characters. */
  withIdempotencyKey(key: string): Self;
  /**
   * Many become one: it begins when nothing new has come for `wait`, with the parameters that came last. What comes while it runs leads to one more run after it, never beside
   * it.
   */
  withDebounce(debounce: DebounceOptions): Self;
}

/** How a stored action ends up in the store. */
export interface EnqueueSteps<R extends readonly unknown[]> {
  /**
   * Stores the action, or the chain: once this resolves it happens, at least once, whatever becomes of this process, and its outcome is written exactly once. Parameters are checked
   * now and again when it runs. With `transaction`, a transaction of the store's own database, it is stored if and when that is committed.
   *
   * @throws SoraError `SORA_PARAMETERS_INVALID`, `SORA_PARAMETERS_NOT_SERIALIZABLE`, `SORA_ACTION_UNKNOWN`, `SORA_SERVICE_UNKNOWN`, `SORA_OPTION_INVALID`, `SORA_STORE_UNAVAILABLE`,
   *   `SORA_TRANSACTION_UNSUPPORTED`, `SORA_HOST_NOT_RUNNING`, `SORA_HOST_AMBIGUOUS`.
   */
  enqueue(options?: { readonly transaction?: unknown }): Promise<ActionReceipt<ChainResult<R>>>;
  /**
   * Has the action enqueued at every tick, by whichever host of the store is there, one action a tick in the whole cluster, until `host.schedules.remove(id)`. Where there is a schedule of this id it is
   * changed: it goes on from its next tick, and one that keeps its times from where it stood, so that making it anew at every start misses nothing. For one action, with priority, timeout, metadata and retry.
   *
   * @throws SoraError as {@link enqueue}, and `SORA_CRON_INVALID`, `SORA_TIME_ZONE_INVALID`, `SORA_DURATION_INVALID`.
   */
  schedule(id: string, options: ScheduleOptions): Promise<ScheduleStatus>;
}

/** Many calls of one action, not yet enqueued. Options hold for each of them, and mean what they do for a single stored call. A batch takes no idempotency key, no debounce and no signal. */
export interface ServiceBatchBuilder<R> {
  /** Higher first, beside all that waits in the store. A whole number from -1000000 to 1000000; default 0. */
  withPriority(priority: number): ServiceBatchBuilder<R>;
  /** For each attempt of each of them. Milliseconds, or a string such as `"30s"`. Default: the action's, else its service's, else none. */
  withTimeout(timeout: Duration): ServiceBatchBuilder<R>;
  /** One for all of them, of 1 to 200 characters. Default: the calling context's, else a new one. */
  withCorrelationId(correlationId: string): ServiceBatchBuilder<R>;
  /** Adds values that are stored with each of them, and travel to nested calls as `context.metadata`. */
  withMetadata(metadata: CallMetadata): ServiceBatchBuilder<R>;
  /** How often each is tried and when again, over what the action itself says. Each settles on its own. */
  withRetry(retry: StoredRetry): ServiceBatchBuilder<R>;
  /** None of them before so long from now, on the store's clock. At most 100 years. Of this and {@link at}, the last holds. */
  withDelay(delay: Duration): ServiceBatchBuilder<R>;
  /** None of them before this date; one that has passed is now. Milliseconds since the epoch, or a `Date`. Of this and {@link withDelay}, the last holds. */
  at(date: Date | number): ServiceBatchBuilder<R>;
  /** Each begun by then, or dead with `SORA_ACTION_EXPIRED`; an attempt under way is cut off. A span from now of at most 100 years, or a date. */
  withDeadline(deadline: Duration | Date): ServiceBatchBuilder<R>;
  /** All under this key of the service, begun in the order of the items, one at a time, or as many at once as `concurrency` (1 to 1,000) says. 1 to 300 characters. */
  withKey(key: string, options?: { readonly concurrency?: number }): ServiceBatchBuilder<R>;
  /** Stores all of them or none, in one write. @throws SoraError as {@link EnqueueSteps.enqueue} does. */
  enqueue(options?: { readonly transaction?: unknown }): Promise<BatchReceipt<R>>;
}

/** A stored action, or a chain of them, not yet enqueued. Options apply to the action named last. */
export interface ServiceStoredActionBuilder<A, R extends readonly unknown[]>
  extends LastingOptionSteps<ServiceStoredActionBuilder<A, R>>, StoredCallSteps<ServiceStoredActionBuilder<A, R>>, EnqueueSteps<R> {
  do<N extends keyof A & string>(action: N, ...args: ArgsOf<A[N]>): ServiceStoredActionBuilder<A, [...R, ResultOf<A[N]>]>;
}

/** An action, or several, not yet called. Options apply to the action named last. */
export interface ServiceActionBuilder<A, R extends readonly unknown[]>
  extends CallOptionSteps<ServiceActionBuilder<A, R>>, StoredCallSteps<ServiceStoredActionBuilder<A, R>>, EnqueueSteps<R> {
  do<N extends keyof A & string>(action: N, ...args: ArgsOf<A[N]>): ServiceActionBuilder<A, [...R, ResultOf<A[N]>]>;
  on<Args, Input>(event: ServiceEvent<Args, Input>): ServiceEventBuilder<A, Args>;
  on(event: string): ServiceEventBuilder<A, unknown>;
  query(): ServiceQueryBuilder;
  /**
   * Runs the chain, each action at most once. One action resolves to its result, several to a tuple; the first failure rejects and ends it. `signal` cancels all of
   * it, whichever action is under way, and holds beside those of {@link withSignal}.
   *
   * @throws what the action throws, or a SoraError: `SORA_ACTION_TIMEOUT`, `SORA_ACTION_CANCELLED`, `SORA_ACTION_UNKNOWN`, `SORA_PARAMETERS_INVALID`,
   *   `SORA_OVERLOADED`, `SORA_SERVICE_DISABLED`, `SORA_SERVICE_UNAVAILABLE`, `SORA_SERVICE_UNKNOWN`, `SORA_HOST_NOT_RUNNING`, `SORA_HOST_AMBIGUOUS`.
   */
  execute(options?: { readonly signal?: AbortSignal }): Promise<ChainResult<R>>;
}

/** Handles one event. A subscription's events are handled one at a time unless it has {@link ServiceEventBuilder.withConcurrency}; what a handler throws is logged and counted, and harms nobody. */
export type EventHandler<Args> = (args: Args, context: EventContext) => unknown;

/** What an event subscription does when its queue of waiting events is full. */
export type OverflowPolicy = "drop-newest" | "drop-oldest" | "wait";

/** What may follow an event: a handler of it, or an action by name. */
type Next<A, Args> = EventHandler<Args> | (keyof A & string);
type NextArguments<A, X> = X extends keyof A ? ArgsOf<A[X]> : [];
type AfterNext<A, Args, X> = X extends keyof A ? ServiceMixedActionBuilder<A, Args> : ServiceSubscriptionBuilder<A, Args>;

/** An event chosen; say which of its occurrences, then what to do. */
export interface ServiceEventBuilder<A, Args> {
  /** Only occurrences for which `filter` returns true. Several filters must all pass. */
  withFilter(filter: (args: Args) => boolean): ServiceEventBuilder<A, Args>;
  /** Only the first occurrence that passes the filter. */
  once(): ServiceEventBuilder<A, Args>;
  /** How many occurrences may wait for this subscriber, and what happens past that. Default 1,024 and `"drop-newest"`, counted. */
  withQueue(capacity: number, overflow?: OverflowPolicy): ServiceEventBuilder<A, Args>;
  /** How many occurrences each handler may work on at the same time. They are begun in the order of emission, and may end in any. Default 1, so that each ends before the next begins. */
  withConcurrency(concurrency: number): ServiceEventBuilder<A, Args>;
  /** A function is what to do at each occurrence; a string is an action, called once when the chain is subscribed. */
  do<X extends Next<A, Args>>(next: X, ...args: NextArguments<A, X>): AfterNext<A, Args, X>;
}

/** Subscriptions, perhaps with actions, not yet made. */
export interface ServiceSubscriptionBuilder<A, Args> {
  /** A function is another handler of the event named last; a string is an action, called once when the chain is subscribed. */
  do<X extends Next<A, Args>>(next: X, ...args: NextArguments<A, X>): AfterNext<A, Args, X>;
  on<NextArgs, Input>(event: ServiceEvent<NextArgs, Input>): ServiceEventBuilder<A, NextArgs>;
  on(event: string): ServiceEventBuilder<A, unknown>;
  /**
   * Makes every subscription, then runs the chain's actions, and resolves with one handle for all. Where an action fails the subscriptions are
   * disposed of and it rejects.
   */
  subscribe(): Promise<Subscription>;
}

/** Subscriptions and actions, not yet made; options apply to the action named last. */
export interface ServiceMixedActionBuilder<A, Args> extends ServiceSubscriptionBuilder<A, Args>, CallOptionSteps<ServiceMixedActionBuilder<A, Args>> {}

/** Questions about a service; every answer is measured, none is a constant. */
export interface ServiceQueryBuilder {
  getStatus(): Promise<ServiceStatus>;
  getHealth(): Promise<ServiceHealth>;
  getInfo(): Promise<ServiceInfo>;
  /**
   * The next `count` runs (default 5) of a periodic service, each with why it comes then; none while it is not running.
   *
   * @throws SoraError `SORA_OPTION_INVALID` for a service that is not periodic, and for a count that is not an integer of 1 to 1,000.
   */
  explainNext(count?: number): Promise<ExplainedRun[]>;
}
