import { ambientHost, currentContext } from "../host/ambient.ts";
import { carriedOptions, eitherSignal } from "../actions/carried-options.ts";
import { SoraError } from "../errors/sora-error.ts";
import { toError } from "../errors/describe-error.ts";
import { parseDuration } from "../time/duration.ts";
import { checkedDate, checkedDelay, checkedKey, checkedLimit, checkedRetry } from "../durable/stored-call-options.ts";
import {
  checkedEvent,
  checkedFilter,
  checkedHandler,
  checkedItems,
  checkedOptions,
  checkedOverflow,
  checkedPriority,
  checkedSignal,
  checkedTransaction,
} from "./checked-steps.ts";
import { BatchStep } from "./batch-step.ts";
import { enqueueChain, onlyStored, scheduleAction } from "./enqueue-chain.ts";
import { ServiceQuery } from "./service-query.ts";
import { subscribeHandler } from "./subscribe-handler.ts";
import { SubscriptionGroup } from "../events/subscription-group.ts";
import type { CallOptions } from "../actions/call-options.ts";
import type { CallMetadata } from "../actions/service-context.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { Subscription } from "../events/subscription.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ActionReceipt } from "../durable/action-receipt.ts";
import type { ScheduleOptions } from "../durable/schedule-recurrence.ts";
import type { ScheduleStatus } from "../durable/stored-schedules.ts";
import type { StoredRetry } from "../durable/retry-policy.ts";
import type { DebounceOptions, StoredCallOptions } from "../durable/stored-call-options.ts";
import type { Duration } from "../time/duration.ts";
import type { EventHandler, OverflowPolicy } from "./builders.ts";
import type { ServiceTarget } from "./shape-of.ts";
import type { EventOptions } from "./subscribe-handler.ts";

/** The fluent API for `target`: on `host` and as part of `parent`'s work where given, else on whatever surrounds the code when a chain is executed. */
export function clientFor(target: string | ServiceTarget, host: HostKernel | undefined, parent: WorkContext | undefined): ServiceClient {
  return new ServiceClient(target, host, parent);
}

/** Where a call goes and what it is part of, found when a chain is executed. */
interface Place {
  readonly service: ServiceRuntime;
  readonly parent: WorkContext | undefined;
  /** The work of another host that the call is made from. */
  readonly elsewhere: WorkContext | undefined;
}

/** The untyped body of `ServiceBuilder`: which service is meant. */
export class ServiceClient {
  readonly target: string | ServiceTarget;
  readonly host: HostKernel | undefined;
  readonly parent: WorkContext | undefined;

  constructor(target: string | ServiceTarget, host: HostKernel | undefined, parent: WorkContext | undefined) {
    this.target = target;
    this.host = host;
    this.parent = parent;
  }

  do(action: string, parameters?: unknown): ActionStep {
    return new ActionStep(this, undefined, action, parameters, undefined);
  }

  doEach(action: string, items: readonly unknown[]): BatchStep {
    return new BatchStep(this.do(action), checkedItems(items));
  }

  on(event: ServiceEvent | string): EventStep {
    return new EventStep(this, undefined, checkedEvent(event), {}, []);
  }

  query(): ServiceQuery {
    return new ServiceQuery(() => this.locate().service);
  }

  /** @throws SoraError `SORA_SERVICE_UNKNOWN`, `SORA_HOST_NOT_RUNNING`, `SORA_HOST_AMBIGUOUS`. */
  locate(): Place {
    const caller = this.parent ?? currentContext();
    const host = this.host ?? ambientHost(caller);
    const service = host.registry.find(this.target);
    return caller?.host === host ? { service, parent: caller, elsewhere: undefined } : { service, parent: undefined, elsewhere: caller };
  }
}

type Step = ActionStep | EventStep;

/** One action of a chain, linked to the step before it. Immutable: each method returns a new step. */
class ActionStep {
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

  do(next: EventHandler<unknown>): EventStep;
  do(next: string, parameters?: unknown): ActionStep;
  do(next: EventHandler<unknown> | string, parameters?: unknown): EventStep | ActionStep {
    if (typeof next === "string") return new ActionStep(this.client, this, next, parameters, undefined);
    const { event, options } = lastEvent(this);
    return new EventStep(this.client, this, event, options, [checkedHandler(next)]);
  }

  on(event: ServiceEvent | string): EventStep {
    return new EventStep(this.client, this, checkedEvent(event), {}, []);
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
    if (typeof correlationId !== "string" || correlationId === "" || correlationId.length > 200)
      throw new SoraError("SORA_OPTION_INVALID", "Cannot use this correlation id: it is a string of 1 to 200 characters.");
    return this.#with({ correlationId });
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

/** One event of a chain with its handlers, linked to the step before it. Immutable. */
class EventStep {
  readonly client: ServiceClient;
  readonly before: Step | undefined;
  readonly event: ServiceEvent | string;
  readonly options: EventOptions;
  readonly handlers: readonly EventHandler<unknown>[];

  constructor(
    client: ServiceClient,
    before: Step | undefined,
    event: ServiceEvent | string,
    options: EventOptions,
    handlers: readonly EventHandler<unknown>[],
  ) {
    this.client = client;
    this.before = before;
    this.event = event;
    this.options = options;
    this.handlers = handlers;
  }

  withFilter(filter: (args: unknown) => boolean): EventStep {
    return this.#with({ filters: [...(this.options.filters ?? []), checkedFilter(filter)] });
  }

  once(): EventStep {
    return this.#with({ once: true });
  }

  withQueue(capacity: number, overflow?: OverflowPolicy): EventStep {
    return this.#with(overflow === undefined ? { capacity } : { capacity, overflow: checkedOverflow(overflow) });
  }

  withConcurrency(concurrency: number): EventStep {
    return this.#with({ concurrency });
  }

  do(next: EventHandler<unknown>): EventStep;
  do(next: string, parameters?: unknown): ActionStep;
  do(next: EventHandler<unknown> | string, parameters?: unknown): EventStep | ActionStep {
    if (typeof next === "string") return new ActionStep(this.client, this, next, parameters, undefined);
    return new EventStep(this.client, this.before, this.event, this.options, [...this.handlers, checkedHandler(next)]);
  }

  on(event: ServiceEvent | string): EventStep {
    return new EventStep(this.client, this, checkedEvent(event), {}, []);
  }

  subscribe(): Promise<Subscription> {
    return subscribeChain(stepsOf(this));
  }

  #with(options: EventOptions): EventStep {
    return new EventStep(this.client, this.before, this.event, { ...this.options, ...options }, this.handlers);
  }
}

// A mixed chain may end in an action; it is subscribed all the same.
Object.defineProperty(ActionStep.prototype, "subscribe", {
  value(this: ActionStep): Promise<Subscription> {
    return subscribeChain(stepsOf(this));
  },
});

/** The event that a handler after an action still belongs to. */
function lastEvent(last: Step): EventStep {
  for (let step: Step | undefined = last; step !== undefined; step = step.before) if (step instanceof EventStep) return step;
  throw new SoraError("SORA_OPTION_INVALID", "Cannot handle an event: the chain names none before the handler.", {
    fix: "Say which event first: `.on(Event).do(handler)`.",
  });
}

function actionsOf(steps: readonly Step[]): ActionStep[] {
  return steps.filter(step => step instanceof ActionStep);
}

function stepsOf(last: Step): Step[] {
  const steps: Step[] = [];
  for (let step: Step | undefined = last; step !== undefined; step = step.before) steps.push(step);
  return steps.reverse();
}

/** Runs the chain's actions in order; one correlation id for all, a signal given to one holds for those after it, and `whole` cancels whichever is under way. */
async function runChain(steps: readonly Step[], whole?: AbortSignal): Promise<unknown[]> {
  for (const { stored } of actionsOf(steps)) if (stored !== undefined) throw onlyStored(stored);
  if (whole !== undefined) checkedSignal(whole);
  const results: unknown[] = [];
  let shared: CallOptions = {};
  for (const step of steps) {
    if (!(step instanceof ActionStep)) continue;
    const { service, parent, elsewhere } = step.client.locate();
    const correlationId = step.options?.correlationId ?? shared.correlationId ?? (parent ?? elsewhere)?.flowingCorrelationId() ?? service.host.ids.next();
    const given = step.options?.signal ?? shared.signal;
    shared = given === undefined ? { correlationId } : { correlationId, signal: given };
    const signal = whole === undefined || given === undefined ? (whole ?? given) : eitherSignal(given, whole);
    const options: CallOptions = { ...step.options, correlationId, ...(signal === undefined ? undefined : { signal }) };
    results.push(await service.action(step.action).call(step.parameters, parent, elsewhere === undefined ? options : carriedOptions(elsewhere, options)));
  }
  return results;
}

async function subscribeChain(steps: readonly Step[]): Promise<Subscription> {
  const subscriptions: Subscription[] = [];
  const group = new SubscriptionGroup(subscriptions);
  try {
    for (const step of steps) if (step instanceof EventStep) for (const handler of step.handlers) subscriptions.push(subscribeTo(step, handler));
    await runChain(steps);
    return group;
  } catch (error) {
    group.dispose();
    throw toError(error);
  }
}

function subscribeTo({ client, event, options }: EventStep, handler: EventHandler<unknown>): Subscription {
  const { service, parent } = client.locate();
  return subscribeHandler(service, typeof event === "string" ? event : event.name, options, handler, parent?.service);
}
