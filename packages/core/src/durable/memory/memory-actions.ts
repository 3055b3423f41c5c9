import type {
  ActionStore,
  CancelOutcome,
  PausedQueue,
  ProgressReport,
  PurgedActions,
  RecoveredAction,
  StoredWorker,
  WorkerRenewal,
} from "../store/action-store.ts";
import { chainStopped } from "../store/chain-stopped.ts";
import { eachAfterItsOwn } from "../store/each-after-its-own.ts";
import { retryInOrder } from "../store/retry-in-order.ts";
import { parseQueueName } from "../store/queue-name.ts";
import type { ActionFilter, ActionPage, ActionState, EnqueuedAction, NewAction, QueueCount, StoredAction } from "../store/stored-action.ts";
import { lostWorkerError } from "../store/lost-worker.ts";
import { isFinished } from "../store/stored-action.ts";
import type { ClaimedAction, ClaimRequest, Settlement, WorkerTurn, WorkerTurnAnswer } from "../store/worker-turn.ts";
import { ActionTable } from "./action-table.ts";
import { claimRows } from "./claim-rows.ts";
import type { MemoryGround } from "./memory-ground.ts";
import type { MemoryQueue } from "./memory-queue.ts";
import type { MemoryWorker } from "./memory-workers.ts";
import { MemoryWorkers } from "./memory-workers.ts";
import type { StoredRow } from "./stored-row.ts";
import { TokenBuckets } from "./token-buckets.ts";

/** Kept until somebody deletes it. */
const forGood = Number.POSITIVE_INFINITY;

/** The actions of a memory store. Each method does all it does in one go, so nothing comes between. */
export class MemoryActions implements ActionStore {
  readonly #ground: MemoryGround;
  readonly #lease: number;
  readonly #table = new ActionTable();
  readonly #workers = new MemoryWorkers();
  readonly #buckets = new TokenBuckets();
  readonly #paused = new Map<string, PausedQueue>();

  constructor(ground: MemoryGround, lease: number) {
    this.#ground = ground;
    this.#lease = lease;
  }

  async enqueue(actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]> {
    return this.store(actions);
  }

  /** `enqueue` in one go with what its caller does beside. */
  store(actions: readonly NewAction[]): readonly EnqueuedAction[] {
    const now = this.#ground.now();
    const copies = actions.map(action => ({ ...action })); // reads everything, so that what throws does so before anything is stored
    const stored = eachAfterItsOwn(copies, action => this.#table.store(action, now));
    if (stored.some(({ outcome }) => outcome !== "existing")) this.#ground.ring({ kind: "ready" });
    return stored;
  }

  async join(worker: StoredWorker): Promise<void> {
    this.#workers.join({ id: worker.id, node: worker.node, queues: [...worker.queues] }, this.#ground.monotonic() + this.#lease);
  }

  async renew(worker: string): Promise<WorkerRenewal> {
    const until = this.#ground.monotonic() + this.#lease;
    const held = this.#workers.get(worker);
    if (held === undefined) return { held: false, cancelled: [] };
    held.until = until;
    return { held: true, cancelled: [...held.running].filter(row => row.cancelKeepFor !== undefined).map(row => row.id) };
  }

  async leave(worker: string): Promise<void> {
    this.#ground.now();
    this.#workers.lose(worker);
  }

  async workers(): Promise<readonly StoredWorker[]> {
    return this.#workers.present(this.#ground.monotonic());
  }

  async turn({ worker: id, settle, holds, claim }: WorkerTurn): Promise<WorkerTurnAnswer> {
    const now = this.#ground.now();
    const finished: string[] = [];
    const settled = settle.map(settlement => this.#settle(id, settlement, now, finished));
    const worker = this.#workers.get(id);
    const released = worker === undefined || holds === undefined ? 0 : this.#releaseUnheld(worker, new Set(holds), now, finished);
    const { claimed, dueIn } = worker === undefined || claim === undefined ? { claimed: [], dueIn: undefined } : this.#claim(worker, claim, now);
    if (finished.length > 0) this.#ground.ring({ kind: "settled", ids: finished });
    if (finished.length > 0 || released > 0 || settle.some(({ kind }) => kind === "released" || kind === "failed")) this.#ground.ring({ kind: "ready" });
    return { held: worker !== undefined, settled, claimed, now, ...(dueIn !== undefined && { dueIn }) };
  }

  async recover(limit: number, keepFor: number = forGood): Promise<readonly RecoveredAction[]> {
    const now = this.#ground.now();
    const recovered = this.#workers.takeOrphans(limit, this.#ground.monotonic()).map(row => this.#recover(row, keepFor, now));
    const finished = recovered.filter(({ state }) => state !== "waiting").map(({ id }) => id);
    if (finished.length > 0) this.#ground.ring({ kind: "settled", ids: finished });
    if (recovered.length > 0) this.#ground.ring({ kind: "ready" });
    return recovered;
  }

  async progress(reports: readonly ProgressReport[]): Promise<readonly boolean[]> {
    this.#ground.now();
    return reports.map(({ id, fence, progress }) => {
      const row = this.#table.row(id);
      const mine = row?.worker !== undefined && this.#workers.mayWrite(row.worker, row, fence);
      if (mine) row.progress = progress;
      return mine;
    });
  }

  async get(ids: readonly string[]): Promise<readonly StoredAction[]> {
    const now = this.#ground.now();
    return [...new Set(ids)].flatMap(id => this.#table.row(id)?.snapshot(now) ?? []);
  }

  async list(filter: ActionFilter): Promise<ActionPage> {
    return this.#table.list(filter, this.#ground.now());
  }

  async counts(): Promise<readonly QueueCount[]> {
    return this.#table.counts(this.#ground.now());
  }

  async cancel(ids: readonly string[], keepFor: number = forGood): Promise<readonly CancelOutcome[]> {
    const now = this.#ground.now();
    const asked: string[] = [];
    const finished: string[] = [];
    const outcomes = ids.map((id): CancelOutcome => {
      const row = this.#table.row(id);
      if (row === undefined) return "unknown";
      if (isFinished(row.stateAt(now))) return "finished";
      if (row.state === "running") {
        row.cancelKeepFor = keepFor;
        asked.push(id);
        return "requested";
      }
      this.#table.finish(row, "cancelled", keepFor, now);
      finished.push(id);
      return "cancelled";
    });
    if (asked.length > 0) this.#ground.ring({ kind: "cancelling", ids: asked });
    if (finished.length > 0) {
      this.#ground.ring({ kind: "settled", ids: finished });
      this.#ground.ring({ kind: "ready" }); // the next of its key
    }
    return outcomes;
  }

  async retry(ids: readonly string[]): Promise<readonly (ActionState | undefined)[]> {
    const now = this.#ground.now();
    const rows = [...new Set(ids)].flatMap(id => this.#table.row(id) ?? []).toSorted((one, other) => one.order - other.order);
    const states = retryInOrder(
      ids,
      rows.map(({ id }) => id),
      id => {
        const row = this.#table.row(id);
        const state = row?.stateAt(now);
        if (state === "dead" || state === "cancelled" || state === "failed") this.#table.renew(row as StoredRow, now);
        return state;
      },
    );
    this.#ground.ring({ kind: "ready" });
    return states;
  }

  async pause({ service, action }: PausedQueue): Promise<void> {
    this.#ground.now();
    this.#paused.set(pauseName(service, action), action === undefined ? { service } : { service, action });
  }

  async resume({ service, action }: PausedQueue): Promise<void> {
    this.#ground.now();
    if (this.#paused.delete(pauseName(service, action))) this.#ground.ring({ kind: "ready" });
  }

  async paused(): Promise<readonly PausedQueue[]> {
    this.#ground.now();
    return [...this.#paused.values()];
  }

  async purge(limit: number, keepFor: number = forGood): Promise<PurgedActions> {
    const now = this.#ground.now();
    const { deleted, cancelled } = this.#table.purge(limit, keepFor, now);
    for (const { row, after } of cancelled) row.error = chainStopped(after.id, row.attempt, now);
    const ids = cancelled.map(({ row }) => row.id);
    if (ids.length > 0) {
      this.#ground.ring({ kind: "settled", ids });
      this.#ground.ring({ kind: "ready" }); // the next of their keys
    }
    return { deleted, cancelled: ids };
  }

  #settle(worker: string, settlement: Settlement, now: number, finished: string[]): boolean {
    const row = this.#table.row(settlement.id);
    if (row === undefined || !this.#workers.mayWrite(worker, row, settlement.fence)) return false;
    this.#workers.drop(row);
    switch (settlement.kind) {
      case "completed":
        row.result = settlement.result;
        this.#table.finish(row, "completed", settlement.keepFor, now);
        break;
      case "dead":
      case "cancelled":
        row.error = settlement.error ?? row.error;
        this.#table.finish(row, settlement.kind, settlement.keepFor, now);
        break;
      case "failed":
        row.error = settlement.error;
        row.suspect = false;
        if (!this.#cancelAsked(row, now)) this.#table.rest(row, "failed", now + settlement.delay, now);
        break;
      case "released":
        this.#release(row, now);
    }
    if (isFinished(row.stateAt(now))) finished.push(row.id);
    return true;
  }

  #releaseUnheld(worker: MemoryWorker, holds: ReadonlySet<string>, now: number, finished: string[]): number {
    const rows = [...worker.running].filter(row => !holds.has(row.id));
    for (const row of rows) {
      this.#workers.drop(row);
      this.#release(row, now);
      if (isFinished(row.stateAt(now))) finished.push(row.id);
    }
    return rows.length;
  }

  #release(row: StoredRow, now: number): void {
    this.#table.giveBack(row);
    if (!this.#cancelAsked(row, now)) this.#table.rest(row, "pending", now, now);
  }

  #recover(row: StoredRow, keepFor: number, now: number): RecoveredAction {
    const { id, queue, attempt } = row;
    row.error = lostWorkerError(attempt, now);
    const answer = { id, queue: queue.name, attempt };
    if (this.#cancelAsked(row, now)) return { ...answer, state: "cancelled" };
    if (attempt >= row.attempts) {
      this.#table.finish(row, "dead", keepFor, now);
      return { ...answer, state: "dead" };
    }
    row.suspect = true;
    this.#table.rest(row, "pending", now, now);
    return { ...answer, state: "waiting" };
  }

  /** What was to be cancelled is not tried again. */
  #cancelAsked(row: StoredRow, now: number): boolean {
    if (row.cancelKeepFor === undefined) return false;
    this.#table.finish(row, "cancelled", row.cancelKeepFor, now);
    return true;
  }

  #claim(worker: MemoryWorker, request: ClaimRequest, now: number): { readonly claimed: readonly ClaimedAction[]; readonly dueIn: number | undefined } {
    const begin = (row: StoredRow): void => {
      this.#table.begin(row, worker.id, now);
      this.#workers.give(worker, row);
    };
    const { rows, dueIn } = claimRows({ request, queueOf: name => this.#open(name), buckets: this.#buckets, now, monotonic: this.#ground.monotonic(), begin });
    return { claimed: rows.map(claimedAction), dueIn };
  }

  /** A queue that is not paused. */
  #open(name: string): MemoryQueue | undefined {
    const queue = this.#table.queue(name);
    if (this.#paused.size === 0 || queue === undefined) return queue;
    const { service, action } = parseQueueName(name);
    return this.#paused.has(pauseName(service)) || this.#paused.has(pauseName(service, action)) ? undefined : queue;
  }
}

/** Names hold no slash. */
function pauseName(service: string, action = ""): string {
  return `${service}/${action}`;
}

function claimedAction(row: StoredRow): ClaimedAction {
  const { id, queue, parameters, envelope, priority, attempt, attempts, fence, enqueuedAt, suspect } = row;
  return { id, queue: queue.name, ...(parameters !== undefined && { parameters }), envelope, priority, attempt, attempts, fence, enqueuedAt, suspect };
}
