import { ambientHost, currentContext } from "../host/ambient.ts";
import { carriedOptions, eitherSignal } from "../actions/carried-options.ts";
import { parseDuration } from "../time/duration.ts";
import { checkedDate, checkedDelay, checkedKey, checkedLimit, checkedRetry } from "../durable/stored-call-options.ts";
import { actionsOf, lastEvent, stepsOf } from "./chain.ts";
import { checkedCorrelationId, checkedEvent, checkedHandler, checkedOptions, checkedPriority, checkedSignal, checkedTransaction } from "./checked-steps.ts";
import { enqueueChain, onlyStored, scheduleAction } from "./enqueue-chain.ts";
import { runChain } from "./run-chain.ts";
import { subscribeChain } from "./subscribe-chain.ts";
import type { CallOptions } from "../actions/call-options.ts";
import type { CallMetadata } from "../actions/service-context.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { Subscription } from "../events/subscription.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ActionReceipt } from "../durable/action-receipt.ts";
import type { ScheduleOptions } from "../durable/schedule-recurrence.ts";
import type { ScheduleStatus } from "../durable/stored-schedules.ts";
import type { StoredRetry } from "../durable/retry-policy.ts";
import type { DebounceOptions, StoredCallOptions } from "../durable/stored-call-options.ts";
import type { Duration } from "../time/duration.ts";
import type { EventHandler } from "./builders.ts";
import type { Step } from "./chain.ts";
import type { EventStep } from "./event-step.ts";
import type { ServiceClient } from "./service-client.ts";
import type { ServiceQuery } from "./service-query.ts";
import type { ServiceTarget } from "./shape-of.ts";

const noEventToHandle = "Cannot handle an event: the chain names none before the handler.";
const noEventToSubscribe = "Cannot subscribe: the chain names no event.";

/** One action of a chain, linked to the step before it. Immutable: each method returns a new step. */
export class ActionStep {
  readonly client: ServiceClient;
  readonly before: Step | undefined;
  readonly action: string;
  readonly parameters: unknown;
  readonly options: CallOptions | undefined;
  /** What only a stored action can have; a chain with any is enqueued. */
  readonly stored: StoredCallOptions | undefined;

  constructor(
    client: ServiceClient,
    before: Step | undefined,
    action: string,
    parameters: unknown,
    options: CallOptions | undefined,
    stored?: StoredCallOptions,
  ) {
    this.client = client;
    this.before = before;
    this.action = action;
    this.parameters = parameters;
    this.options = options;
    this.stored = stored;
  }

  get kind(): "action" {
    return "action";
  }

  do(next: EventHandler<unknown>): EventStep;
  do(next: string, parameters?: unknown): ActionStep;
  do(next: EventHandler<unknown> | string, parameters?: unknown): EventStep | ActionStep {
    if (typeof next === "string") return new ActionStep(this.client, this, next, parameters, undefined);
    const { event, options } = lastEvent(this, noEventToHandle);
    return this.client.eventAfter(this, event, options, [checkedHandler(next)]);
  }

  on(event: ServiceEvent | string): EventStep {
    return this.client.eventAfter(this, checkedEvent(event));
  }

  query(): ServiceQuery {
    return this.client.query();
  }

  withPriority(priority: number): ActionStep {
    return this.#with({ priority: checkedPriority(priority) });
  }

  withTimeout(timeout: Duration): ActionStep {
    return this.#with({ timeout: parseDuration(timeout, "timeout") });
  }

  withCorrelationId(correlationId: string): ActionStep {
    return this.#with({ correlationId: checkedCorrelationId(correlationId) });
  }

  withSignal(signal: AbortSignal): ActionStep {
    return (signal as AbortSignal | undefined) === undefined ? this : this.#with({ signal: checkedSignal(signal) });
  }

  withMetadata(metadata: CallMetadata): ActionStep {
    const more = checkedOptions(metadata, "Cannot use this metadata", 'it is an object, such as { tenant: "acme" }');
    return this.#with({ metadata: { ...this.options?.metadata, ...more } });
  }

  withRetry(retry: StoredRetry): ActionStep {
    return this.#keep({ retry: checkedRetry(retry) });
  }

  withDelay(delay: Duration): ActionStep {
    return this.#keep({ delay: checkedDelay(delay), at: undefined });
  }

  at(date: Date | number): ActionStep {
    return this.#keep({ at: checkedDate(date, "date"), delay: undefined });
  }

  withDeadline(deadline: Duration | Date): ActionStep {
    return this.#keep({ deadline: deadline instanceof Date ? new Date(checkedDate(deadline, "deadline")) : checkedDelay(deadline, "deadline") });
  }

  withKey(key: string, options: { readonly concurrency?: number } = {}): ActionStep {
    const { concurrency = 1 } = checkedOptions(options, "Cannot use this key", "its options are an object, such as { concurrency: 2 }");
    return this.#keep({ key: { key: checkedKey(key, "key"), limit: checkedLimit(concurrency) } });
  }

  withIdempotencyKey(key: string): ActionStep {
    return this.#keep({ idempotencyKey: checkedKey(key, "idempotency key") });
  }

  withDebounce(options: DebounceOptions): ActionStep {
    const { key, wait } = checkedOptions(options, "Cannot debounce", 'how long to wait is given as { wait: "5s" }');
    return this.#keep({ debounce: { key: key === undefined ? undefined : checkedKey(key, "debounce key"), wait: checkedDelay(wait, "debounce") } });
  }

  async enqueue(options?: { readonly transaction?: unknown }): Promise<ActionReceipt> {
    return enqueueChain(this.client, actionsOf(stepsOf(this)), checkedTransaction(options));
  }

  async schedule(id: string, options: ScheduleOptions): Promise<ScheduleStatus> {
    return (await scheduleAction(this.client, actionsOf(stepsOf(this)), id, options)).status;
  }

  execute(options?: { readonly signal?: AbortSignal }): Promise<unknown> {
    if (options !== undefined || this.before !== undefined || this.stored !== undefined) return this.#executeAll(options?.signal);
    const { target, host, parent } = this.client;
    return callOne(target, host, parent, this.action, this.parameters, this.options);
  }

  /** A mixed chain may end in an action; it is subscribed all the same. */
  async subscribe(): Promise<Subscription> {
    lastEvent(this, noEventToSubscribe);
    return subscribeChain(stepsOf(this));
  }

  #executeAll(whole: AbortSignal | undefined): Promise<unknown> {
    if (this.stored !== undefined) return Promise.reject(onlyStored(this.stored));
    if (this.before !== undefined) return runChain(stepsOf(this), whole);
    if (whole === undefined) return this.execute();
    try {
      const own = this.options?.signal;
      return this.withSignal(own === undefined ? whole : eitherSignal(own, checkedSignal(whole))).execute();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #with(options: CallOptions): ActionStep {
    return new ActionStep(this.client, this.before, this.action, this.parameters, { ...this.options, ...options }, this.stored);
  }

  #keep(stored: StoredCallOptions): ActionStep {
    return new ActionStep(this.client, this.before, this.action, this.parameters, this.options, { ...this.stored, ...stored });
  }
}

/** Calls one action. What it needs is handed to it one by one: so the engine need not make the steps of a sentence that only says `do` and `execute`. */
function callOne(
  target: string | ServiceTarget,
  given: HostKernel | undefined,
  parent: WorkContext | undefined,
  name: string,
  parameters: unknown,
  options: CallOptions | undefined,
): Promise<unknown> {
  try {
    const caller = parent ?? currentContext();
    const host = given ?? ambientHost(caller);
    const action = host.registry.find(target).action(name);
    if (caller === undefined || caller.host === host) return action.call(parameters, caller, options);
    return action.call(parameters, undefined, carriedOptions(caller, options));
  } catch (error) {
    return Promise.reject(error);
  }
}
