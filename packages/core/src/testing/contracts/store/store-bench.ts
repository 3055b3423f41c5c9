import { deepEqual, equal, fail, ok } from "node:assert/strict";
import type { DurableStore } from "../../../durable/store/durable-store.ts";
import type { ActionState, EnqueuedAction, NewAction, StoredAction, StoredError } from "../../../durable/store/stored-action.ts";
import type { ClaimedAction, ClaimRequest, QueueClaim, Settlement, WorkerTurnAnswer } from "../../../durable/store/worker-turn.ts";
import { describeError } from "../../../errors/describe-error.ts";
import type { SoraErrorCode } from "../../../errors/catalogue.ts";
import { SoraError } from "../../../errors/sora-error.ts";
import { systemClock } from "../../../time/system-clock.ts";
import type { StoreHarness } from "../store-harness.ts";

/** A promise of the store port: what is done with a fresh store, and what must come of it. */
export interface StorePromise {
  readonly title: string;
  /** What the adapter must be able to do for it. */
  readonly needs?: "transactions" | "openers";
  run(bench: StoreBench): Promise<void>;
}

/** The queue that tests use where it does not matter which. */
export const work = "Bench/work@1";

export const day = 86_400_000;

/** How long `eventually` waits for what a store does in its own time, in real milliseconds. */
const patience = 5_000;

/** A store under test, and the handles a test takes hold of it by. */
export class StoreBench implements AsyncDisposable {
  readonly store: DurableStore;
  readonly #harness: StoreHarness;
  readonly #opened: DurableStore[];
  #made = 0;

  private constructor(harness: StoreHarness, store: DurableStore) {
    this.#harness = harness;
    this.store = store;
    this.#opened = [store];
  }

  static async create(create: () => Promise<StoreHarness>): Promise<StoreBench> {
    const harness = await create();
    return new StoreBench(harness, await harness.open());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#opened.splice(0)) await store[Symbol.asyncDispose]();
    await this.#harness[Symbol.asyncDispose]();
  }

  /** The same data, as another process sees it. */
  async another(): Promise<DurableStore> {
    const store = await this.#harness.open();
    this.#opened.push(store);
    return store;
  }

  advance(milliseconds: number): Promise<void> {
    return this.#harness.advance(milliseconds);
  }

  transaction<T>(run: (transaction: unknown) => Promise<T>): Promise<T> {
    if (this.#harness.transaction === undefined) fail("the harness has no `transaction`, and does not say why not");
    return this.#harness.transaction(run);
  }

  id(prefix = "id"): string {
    return `${prefix}-${++this.#made}`;
  }

  action(change: Partial<NewAction> = {}): NewAction {
    return { id: change.id ?? this.id("action"), queue: work, envelope: "{}", priority: 0, attempts: 5, ...change };
  }

  /** Stores one action; its id, which is another's where that one stands for it. */
  async enqueue(change: Partial<NewAction> = {}, store: DurableStore = this.store): Promise<string> {
    return (await this.enqueueAll([change], store))[0]!.id;
  }

  enqueueAll(changes: readonly Partial<NewAction>[], store: DurableStore = this.store): Promise<readonly EnqueuedAction[]> {
    return store.actions.enqueue(changes.map(change => this.action(change)));
  }

  /** A worker that has joined. */
  async worker(store: DurableStore = this.store): Promise<BenchWorker> {
    const id = this.id("worker");
    await store.actions.join({ id, node: "bench", queues: [work] });
    return new BenchWorker(id, store);
  }

  async get(id: string): Promise<StoredAction | undefined> {
    return (await this.store.actions.get([id]))[0];
  }

  async stateOf(id: string): Promise<ActionState | undefined> {
    return (await this.get(id))?.state;
  }

  /** The states of several, in order; `undefined` for what is not there. */
  async statesOf(ids: readonly string[]): Promise<readonly (ActionState | undefined)[]> {
    const actions = new Map((await this.store.actions.get(ids)).map(action => [action.id, action.state]));
    return ids.map(id => actions.get(id));
  }

  /** Longer than a worker may be silent. */
  outlast(): Promise<void> {
    return this.advance(this.store.lease * 1.5);
  }

  /** Loses a worker, and recovers what it ran. */
  async lose(worker: BenchWorker): Promise<readonly { readonly id: string; readonly state: string }[]> {
    await worker.store.actions.leave(worker.id);
    return this.store.actions.recover(1_000);
  }

  /** Has an action that can be claimed die. */
  async kill(id: string, keepFor: number = day): Promise<void> {
    const worker = await this.worker();
    const claimed = await worker.claim({ most: 1_000 });
    const victim = claimed.find(action => action.id === id);
    ok(victim, `${id} could not be claimed, to die`);
    await worker.settleAll(claimed.map(action => (action === victim ? worker.dead(action, keepFor) : worker.released(action))));
    await this.store.actions.leave(worker.id);
  }
}

/** A worker of a test. */
export class BenchWorker {
  readonly id: string;
  readonly store: DurableStore;

  constructor(id: string, store: DurableStore) {
    this.id = id;
    this.store = store;
  }

  turn(settle: readonly Settlement[], claim?: ClaimRequest): Promise<WorkerTurnAnswer> {
    return this.store.actions.turn({ worker: this.id, settle, ...(claim !== undefined && { claim }) });
  }

  /** Claims from `work`, where nothing else is said. */
  async claim(change: Partial<ClaimRequest> = {}): Promise<readonly ClaimedAction[]> {
    const answer = await this.ask(change);
    equal(answer.held, true, "the worker is taken for lost");
    return answer.claimed;
  }

  /** The ids of what a claim gives. */
  async claimIds(change: Partial<ClaimRequest> = {}): Promise<readonly string[]> {
    return (await this.claim(change)).map(action => action.id);
  }

  /** Claims what must be exactly one action. */
  async claimOne(change: Partial<ClaimRequest> = {}): Promise<ClaimedAction> {
    const claimed = await this.claim({ most: 1, ...change });
    equal(claimed.length, 1, "one action was to be had");
    return claimed[0]!;
  }

  ask(change: Partial<ClaimRequest> = {}): Promise<WorkerTurnAnswer> {
    return this.turn([], { queues: [{ queue: work }], most: 100, suspect: true, ...change });
  }

  /** From these queues. */
  from(...queues: readonly (string | QueueClaim)[]): Promise<readonly ClaimedAction[]> {
    return this.claim({ queues: queues.map(queue => (typeof queue === "string" ? { queue } : queue)) });
  }

  async settleAll(settle: readonly Settlement[]): Promise<void> {
    deepEqual(
      (await this.turn(settle)).settled,
      settle.map(() => true),
      "what was to be settled was not this worker's",
    );
  }

  async complete(action: ClaimedAction, result?: string, keepFor: number = day): Promise<void> {
    await this.settleAll([this.completed(action, result, keepFor)]);
  }

  async fail(action: ClaimedAction, delay = 0): Promise<void> {
    await this.settleAll([this.failed(action, delay)]);
  }

  completed({ id, fence }: ClaimedAction, result?: string, keepFor: number = day): Settlement {
    return { id, fence, kind: "completed", keepFor, ...(result !== undefined && { result }) };
  }

  failed(action: ClaimedAction, delay = 0): Settlement {
    return { id: action.id, fence: action.fence, kind: "failed", delay, error: errorOf(action) };
  }

  dead(action: ClaimedAction, keepFor: number = day): Settlement {
    return { id: action.id, fence: action.fence, kind: "dead", keepFor, error: errorOf(action) };
  }

  cancelled({ id, fence }: ClaimedAction, keepFor: number = day): Settlement {
    return { id, fence, kind: "cancelled", keepFor };
  }

  released({ id, fence }: ClaimedAction): Settlement {
    return { id, fence, kind: "released" };
  }
}

function errorOf({ attempt }: ClaimedAction): StoredError {
  return { message: "as the test has it", code: "SORA_TEST", attempt, at: 1_700_000_000_000 };
}

/** Holds that what is asked for is refused with this code. */
export async function refuses(what: string, code: SoraErrorCode, ask: () => Promise<unknown>): Promise<void> {
  let error: unknown;
  try {
    await ask();
  } catch (thrown) {
    error = thrown;
  }
  ok(SoraError.is(error, code), `${what} is refused with ${code}, not with ${error === undefined ? "nothing" : describeError(error)}`);
}

/** Waits, in real time, for what a store does in its own time. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const end = systemClock.monotonic() + patience;
  while (!holds()) {
    if (systemClock.monotonic() > end) fail(`${what}: not within ${patience} ms`);
    await systemClock.sleep(2);
  }
}
