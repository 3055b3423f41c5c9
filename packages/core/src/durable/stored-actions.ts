import { checkedName } from "../definition/names.ts";
import { limits } from "../options/limits.ts";
import { notAllowed } from "../options/not-allowed.ts";
import { actionStatus, notStored, resultOf } from "./action-receipt.ts";
import { decodeValue } from "../serialization/decode-value.ts";
import { decodeEnvelope } from "./action-envelope.ts";
import { assertFindable, checkedId } from "./checked-id.ts";
import { knownQueue } from "./known-queue.ts";
import { stepId } from "./new-action.ts";
import { waitSignal } from "./wait-signal.ts";
import { assertService, nameOfService } from "./which-service.ts";
import { actionStates, isRetryable } from "./store/stored-action.ts";
import type { ActionReceipt, ActionStatus } from "./action-receipt.ts";
import type { DurableRuntime } from "./durable-runtime.ts";
import type { ServiceTarget, ShapeOf } from "../fluent/shape-of.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { DurableSlot } from "./durable-slot.ts";
import type { CancelOutcome, PausedQueue } from "./store/action-store.ts";
import type { ActionFilter, ActionState, StoredAction } from "./store/stored-action.ts";

/** One page of stored actions, newest first. */
export interface ActionStatusPage {
  readonly actions: readonly ActionStatus[];
  /** `cursor` of the next page; absent on the last. */
  readonly next?: string;
}

/** Which stored actions a list holds. The service is a name, or its class, definition or contract: then the names of its actions are known. */
export type ActionQuery<X extends ServiceTarget> =
  | ActionFilter
  | (Omit<ActionFilter, "service" | "action"> & { readonly service: X; readonly action?: ActionOf<X> });

type AnyQuery = Omit<ActionFilter, "service"> & { readonly service?: string | ServiceTarget };
type ActionOf<X extends ServiceTarget> = keyof ShapeOf<X> & string;

/**
 * A host's stored actions, whichever process stored them: `host.actions`. Everything here opens the host's store where it is not open yet, and rejects with
 * `SORA_STORE_UNAVAILABLE` where that cannot be reached, with `SORA_HOST_NOT_RUNNING` once the host has stopped.
 */
export class StoredActions {
  readonly #slot: () => DurableSlot;

  constructor(slot: () => DurableSlot) {
    this.#slot = slot;
  }

  /** The receipt of an action or a chain that was stored before, by anybody who shares the store. Its methods reject where there is none of this id. @throws SoraError `SORA_OPTION_INVALID` for what is no string. */
  receipt<Result = unknown>(id: string): ActionReceipt<Result> {
    return createReceipt(this.#slot, checkedId(id, "stored action"), undefined) as ActionReceipt<Result>;
  }

  /** @throws SoraError `SORA_ACTION_NOT_STORED`. */
  async get(id: string): Promise<ActionStatus> {
    checkId(id);
    return actionStatus(await find(await this.#slot().open(), id));
  }

  /** What it was called with, in the version it was stored in; of a chain, its first step. `undefined` for nothing. @throws SoraError `SORA_ACTION_NOT_STORED`. */
  async parameters(id: string): Promise<unknown> {
    checkId(id);
    const { store } = await this.#slot().open();
    const first = namedSteps(id)?.[0] ?? stepId(id, 0);
    const found = await store.actions.get([id, first]);
    const action = found.find(one => one.id === id) ?? found[0];
    if (action === undefined) throw notStored(id);
    return decodeValue(action.parameters);
  }

  /** Newest first, by state, service and action. @throws SoraError `SORA_OPTION_INVALID`. */
  async list<X extends ServiceTarget>(filter: ActionQuery<X> = {}): Promise<ActionStatusPage> {
    const checked = checkedFilter(filter);
    const runtime = await this.#slot().open();
    const { service, ...others } = checked;
    const { actions, next } = await runtime.store.actions.list(service === undefined ? others : { ...others, service: nameOfService(runtime, service) });
    const statuses = actions.map(actionStatus);
    return next === undefined ? { actions: statuses } : { actions: statuses, next };
  }

  /** What runs has its signal aborted, wherever it runs; what waits never begins. @throws SoraError `SORA_ACTION_NOT_STORED`. */
  async cancel(id: string): Promise<CancelOutcome> {
    return this.receipt(id).cancel();
  }

  /**
   * Has a dead, cancelled or failed action tried again now, with all its attempts; of a chain, the step it has come to, and with it those behind it that are in such a state, in order. Returns the state
   * it was in, or that step; any other is left as it is, and so is a step that was cancelled before its turn, where the one before it is not stored any more.
   *
   * @throws SoraError `SORA_ACTION_NOT_STORED`; `SORA_ACTION_EXPIRED` where the deadline of one that would be tried again is over: then all stays as it is.
   */
  async retry(id: string): Promise<ActionState> {
    checkId(id);
    return createReceipt(this.#slot, id, undefined).retry();
  }

  /**
   * No host begins any action of the service, or of this one, until {@link resume}. What runs goes on; what another host had been handed out just before, it may begin within a tenth of a second. The
   * service, whose name counts whatever its case, and the action are of this host, or the store knows them by what waits there, by a worker or by a pause. Returns what is paused, as it is known.
   *
   * @throws SoraError `SORA_SERVICE_UNKNOWN` or `SORA_ACTION_UNKNOWN` with the nearest name, `SORA_OPTION_INVALID` for what is no name.
   */
  async pause(service: string, action?: string): Promise<PausedQueue>;
  async pause<X extends ServiceTarget>(service: X, action?: ActionOf<X>): Promise<PausedQueue>;
  async pause(service: string | ServiceTarget, action?: string): Promise<PausedQueue> {
    const runtime = await this.#slot().open();
    const queue = await knownQueue(runtime, nameOfService(runtime, service), action);
    await runtime.store.actions.pause(queue);
    runtime.worker?.letGo();
    return queue;
  }

  /** Ends a {@link pause} of the same: of a service, or of one action of it. Returns what goes on. @throws what {@link pause} throws. */
  async resume(service: string, action?: string): Promise<PausedQueue>;
  async resume<X extends ServiceTarget>(service: X, action?: ActionOf<X>): Promise<PausedQueue>;
  async resume(service: string | ServiceTarget, action?: string): Promise<PausedQueue> {
    const runtime = await this.#slot().open();
    const queue = await knownQueue(runtime, nameOfService(runtime, service), action);
    await runtime.store.actions.resume(queue);
    return queue;
  }

  async paused(): Promise<readonly PausedQueue[]> {
    return (await this.#slot().open()).store.actions.paused();
  }
}

function checkId(id: string): void {
  assertFindable(id, "stored action", notStored);
}

const refused = "Cannot list stored actions";

/** @throws SoraError `SORA_OPTION_INVALID`. */
function checkedFilter(filter: AnyQuery): AnyQuery {
  if (typeof filter !== "object" || (filter as object | null) === null)
    throw notAllowed(refused, filter, "the filter is an object with state, service, action, limit or cursor");
  const { state, service, action, limit = limits.usualPage, cursor } = filter;
  if (state !== undefined && !actionStates.includes(state)) throw notAllowed(refused, state, `the states are ${actionStates.join(", ")}`);
  if (service !== undefined) assertService(service);
  if (action !== undefined) checkedName("action", action);
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.page)
    throw notAllowed(refused, limit, `a page holds 1 to ${limits.page.toLocaleString("en")} of them`);
  if (cursor !== undefined && !(typeof cursor === "string" && /^\d{1,18}$/.test(cursor)))
    throw notAllowed(refused, cursor, "`cursor` is what the page before gave as `next`");
  return { ...filter, limit };
}

async function find({ store }: DurableRuntime, id: string): Promise<StoredAction> {
  const [action] = await store.actions.get([id]);
  if (action === undefined) throw notStored(id);
  return action;
}

/** A receipt of one action, or of a chain where `steps` names its actions; where nobody says, the store is asked which it is. */
function createReceipt(slot: () => DurableSlot, id: string, steps: readonly string[] | undefined): Receipt {
  return new Receipt(slot, id, steps);
}

/** Steps of a chain that are looked for where the first is gone: of a chain whose first hundred are, only the steps' own ids are known. */
const mostLost = 100;

class Receipt implements ActionReceipt {
  readonly id: string;
  readonly #slot: () => DurableSlot;
  #steps: readonly string[] | undefined;

  constructor(slot: () => DurableSlot, id: string, steps: readonly string[] | undefined) {
    this.#slot = slot;
    this.id = id;
    this.#steps = steps;
  }

  /** Of a chain, that of the step it has come to. */
  async status(): Promise<ActionStatus> {
    const runtime = await this.#slot().open();
    return actionStatus(this.#current(await this.#there(runtime)));
  }

  async progress(): Promise<unknown> {
    return (await this.status()).progress;
  }

  /** Of a chain, the results of its steps in order. */
  async result(options: { readonly signal?: AbortSignal } = {}): Promise<unknown> {
    const signal = waitSignal(options);
    const slot = this.#slot();
    slot.current?.waiter.checkOpen(this.id);
    const runtime = await slot.open();
    const steps = await this.#known(runtime);
    const results: unknown[] = [];
    for (const step of steps) results.push(resultOf(step, await runtime.waiter.wait(step, signal)));
    return this.#isChain(steps) ? results : results[0];
  }

  /** Of a chain, every step that has not ended: what is told is of the one it has come to. */
  async cancel(): Promise<CancelOutcome> {
    const runtime = await this.#slot().open();
    const steps = await this.#known(runtime);
    const ids = steps.toReversed(); // from the end, so that none waits for one that is cancelled
    const outcomes = await runtime.cancel(ids);
    const told = outcomes.find(outcome => outcome === "requested") ?? outcomes.find(outcome => outcome === "cancelled") ?? outcomes[0];
    if (told === undefined || told === "unknown") throw notStored(this.id);
    return told;
  }

  /** See `StoredActions.retry`. */
  async retry(): Promise<ActionState> {
    const runtime = await this.#slot().open();
    const there = await this.#there(runtime);
    const current = this.#current(there);
    if (!isRetryable(current.state)) return current.state; // of a chain that goes on, what was cancelled stays so
    const [before] = await runtime.retry(there.filter(({ state }) => isRetryable(state)));
    if (before === undefined) throw notStored(this.id);
    return before;
  }

  #isChain(steps: readonly string[]): boolean {
    return steps[0] !== this.id;
  }

  /** The action, or the steps of the chain in order, as far as they are still stored. */
  async #there(runtime: DurableRuntime): Promise<readonly StoredAction[]> {
    const steps = await this.#known(runtime);
    const found = new Map((await runtime.store.actions.get(steps)).map(action => [action.id, action]));
    return steps.flatMap(step => found.get(step) ?? []);
  }

  /** The action, or the step that the chain has come to. */
  #current(there: readonly StoredAction[]): StoredAction {
    const current = there.find(({ state }) => state !== "completed") ?? there.at(-1);
    if (current === undefined) throw notStored(this.id);
    return current;
  }

  async #known({ store }: DurableRuntime): Promise<readonly string[]> {
    if (this.#steps !== undefined) return this.#steps;
    checkId(this.id);
    if ((this.#steps = namedSteps(this.id)) !== undefined) return this.#steps;
    const first = stepId(this.id, 0);
    const found = await store.actions.get([this.id, first]);
    // a chain may outlive its first step, which is deleted when its own retention is over
    const step = found.find(({ id }) => id === first) ?? (found.length === 0 ? await this.#laterStep(store) : undefined);
    if (found.length === 0 && step === undefined) throw notStored(this.id);
    const count = step === undefined ? undefined : decodeEnvelope(step.envelope).step?.of;
    this.#steps = count === undefined ? [this.id] : Array.from({ length: count }, (_, index) => stepId(this.id, index));
    return this.#steps;
  }

  /** Any step of the chain but the first, as far as there are any to be looked for. */
  async #laterStep({ actions }: DurableStore): Promise<StoredAction | undefined> {
    const [step] = await actions.get(Array.from({ length: mostLost }, (_, index) => stepId(this.id, index + 1)));
    return step;
  }
}

/** The receipt for what has just been stored. */
export function receiptFor(slot: () => DurableSlot, ids: readonly string[]): ActionReceipt {
  const [first = ""] = ids;
  return createReceipt(slot, ids.length > 1 ? chainId(ids) : first, ids);
}

/** The id of a chain of these steps: their own chain's; of one in which actions of others stand for some, by their idempotency keys, an id that names them all. */
function chainId(steps: readonly string[]): string {
  const [first = ""] = steps;
  const chain = first.slice(0, first.lastIndexOf("."));
  return steps.every((step, index) => step === stepId(chain, index)) ? chain : steps.join(between);
}

/** Stands in no id by itself, and may stand in a path. */
const between = "~";

function namedSteps(id: string): readonly string[] | undefined {
  return id.includes(between) ? id.split(between) : undefined;
}
