import { limits } from "../../options/limits.ts";
import { TimerHeap } from "../../schedule/timer-heap.ts";
import type { ActionFilter, ActionPage, EnqueuedAction, NewAction, QueueCount } from "../store/stored-action.ts";
import { KeyLines } from "./key-lines.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { RowLog } from "./row-log.ts";
import { dueTime, StoredRow } from "./stored-row.ts";

/** An action that was cancelled since the one that it waited for is not going to be completed. */
export interface Stranded {
  readonly row: StoredRow;
  readonly after: StoredRow;
}

/** All the actions of a memory store, and the moves of one from state to state. Who may move it is decided elsewhere. */
export class ActionTable {
  readonly #rows = new Map<string, StoredRow>();
  readonly #log = new RowLog();
  readonly #queues = new Map<string, MemoryQueue>();
  readonly lines: KeyLines = new KeyLines();
  readonly #idempotent = new Map<string, StoredRow>();
  /** Those without an outcome, by debounce key, in the order of storing. */
  readonly #debounced = new Map<string, StoredRow[]>();
  /** Those that wait for another of their chain, by that one's id. */
  readonly #followers = new Map<string, Set<StoredRow>>();
  readonly #retained = new TimerHeap<StoredRow>();
  #stored = 0;
  /** The fence of all: what is stored again under the id of what was deleted goes on from there. */
  #handedOut = 0;

  row(id: string): StoredRow | undefined {
    return this.#rows.get(id);
  }

  queue(name: string): MemoryQueue | undefined {
    return this.#queues.get(name);
  }

  store(action: NewAction, now: number): EnqueuedAction {
    if (this.#rows.has(action.id)) return { id: action.id, outcome: "existing" };
    const same = action.idempotencyKey === undefined ? undefined : this.#idempotent.get(action.idempotencyKey);
    if (same !== undefined) return { id: same.id, outcome: "existing" };
    const unbegun =
      action.debounceKey === undefined ? undefined : this.#debounced.get(action.debounceKey)?.findLast(row => row.attempt === 0 && row.state === "pending");
    if (unbegun !== undefined) {
      this.#replace(unbegun, action, now);
      return { id: unbegun.id, outcome: "replaced" };
    }
    const row = new StoredRow(action, this.#queueOf(action.queue), this.#stored++, now);
    this.#rows.set(row.id, row);
    this.#log.add(row);
    if (row.idempotencyKey !== undefined) this.#idempotent.set(row.idempotencyKey, row);
    row.queue.count(row, 1);
    this.lines.join(row);
    this.#enter(row, now);
    return { id: row.id, outcome: "stored" };
  }

  /** Hands it out. */
  begin(row: StoredRow, worker: string, now: number): void {
    row.displace();
    this.#turn(row, "running");
    row.attempt++;
    row.fence = ++this.#handedOut;
    row.worker = worker;
    row.startedAt = now;
  }

  /** Its attempt does not count. */
  giveBack(row: StoredRow): void {
    row.attempt--;
  }

  /** Has one that was running wait again, from `dueAt`. */
  rest(row: StoredRow, state: "pending" | "failed", dueAt: number, now: number): void {
    row.worker = undefined;
    row.dueAt = dueAt;
    this.#turn(row, state);
    row.queue.place(row, now);
  }

  /** Gives it its outcome, and those that waited for it their turn. */
  finish(row: StoredRow, state: "completed" | "dead" | "cancelled", keepFor: number, now: number): void {
    row.displace();
    row.worker = undefined;
    row.finishedAt = now;
    this.#turn(row, state);
    this.#leave(row, now);
    if (state === "completed") this.#openFollowers(row.id, now);
    if (keepFor === Number.POSITIVE_INFINITY) return;
    if (keepFor <= 0 && (state === "completed" || !this.#followers.has(row.id))) return this.#delete(row);
    this.#retain(row, now + keepFor);
  }

  /** Has one that is dead, cancelled or failed begin anew. */
  renew(row: StoredRow, now: number): void {
    if (row.chained && !this.#rows.has(row.after as string)) return; // cancelled before its turn came, and nobody knows any more whether it would have
    row.displace();
    const finished = row.state !== "failed";
    row.attempt = 0;
    row.suspect = false;
    row.cancelKeepFor = undefined;
    row.finishedAt = undefined;
    row.dueAt = now;
    this.#turn(row, "pending");
    if (!finished) return row.queue.place(row, now);
    const letIn = this.lines.rejoin(row);
    this.#enter(row, now);
    for (const other of letIn) this.#unblocked(other, now);
  }

  list({ state, service, action, limit = limits.usualPage, cursor }: ActionFilter, now: number): ActionPage {
    const matches = (row: StoredRow): boolean =>
      (service === undefined || row.queue.service === service) &&
      (action === undefined || row.queue.action === action) &&
      (state === undefined || row.stateAt(now) === state);
    const rows = this.#log.backwards(cursor === undefined ? this.#stored : Number(cursor), limit + 1, matches);
    const actions = rows.slice(0, limit).map(row => row.snapshot(now));
    return rows.length > limit ? { actions, next: String((rows[limit - 1] as StoredRow).order) } : { actions };
  }

  counts(now: number): readonly QueueCount[] {
    return [...this.#queues.values()].flatMap(queue => queue.counts(now).map(([state, count]) => ({ queue: queue.name, state, count })));
  }

  /** See `ActionStore.purge`. Those that are cancelled have no error yet. */
  purge(limit: number, keepFor: number, now: number): { readonly deleted: number; readonly cancelled: readonly Stranded[] } {
    const cancelled: Stranded[] = [];
    let deleted = 0;
    while (deleted + cancelled.length < limit && this.#retained.topKey() <= now) {
      const row = this.#retained.peek() as StoredRow;
      const waiting = row.state === "completed" ? undefined : this.#followers.get(row.id);
      if (waiting === undefined) {
        this.#delete(row);
        deleted++;
        continue;
      }
      for (const follower of [...waiting].slice(0, limit - deleted - cancelled.length)) {
        this.finish(follower, "cancelled", this.#followers.has(follower.id) ? 0 : keepFor, now); // what others wait for comes next
        cancelled.push({ row: follower, after: row });
      }
      if (this.#followers.has(row.id)) continue;
      row.displace();
      if (keepFor !== Number.POSITIVE_INFINITY) this.#retain(row, now + keepFor);
    }
    return { deleted, cancelled };
  }

  #retain(row: StoredRow, until: number): void {
    this.#retained.push(row, until, row.order);
    row.heap = this.#retained;
  }

  #queueOf(name: string): MemoryQueue {
    let queue = this.#queues.get(name);
    if (queue === undefined) this.#queues.set(name, (queue = new MemoryQueue(name)));
    return queue;
  }

  #replace(row: StoredRow, action: NewAction, now: number): void {
    row.displace();
    row.queue.count(row, -1);
    row.queue = this.#queueOf(action.queue);
    row.queue.count(row, 1);
    row.parameters = action.parameters;
    row.envelope = action.envelope;
    row.priority = action.priority;
    row.attempts = action.attempts;
    row.enqueuedAt = now;
    row.dueAt = dueTime(action, now);
    row.queue.place(row, now);
  }

  /** Takes up everything that one without an outcome stands in, beside the line of its key. */
  #enter(row: StoredRow, now: number): void {
    if (row.debounceKey !== undefined) {
      const rows = this.#debounced.get(row.debounceKey);
      if (rows === undefined) this.#debounced.set(row.debounceKey, [row]);
      else rows.splice(rows.findLastIndex(other => other.order < row.order) + 1, 0, row);
    }
    const before = row.after === undefined ? undefined : this.#rows.get(row.after);
    row.chained = before !== undefined && before.state !== "completed";
    if (row.chained) this.#follow(row);
    row.queue.place(row, now);
  }

  #follow(row: StoredRow): void {
    const followers = this.#followers.get(row.after as string);
    if (followers === undefined) this.#followers.set(row.after as string, new Set([row]));
    else followers.add(row);
  }

  #leave(row: StoredRow, now: number): void {
    for (const next of this.lines.leave(row)) this.#unblocked(next, now);
    if (row.debounceKey !== undefined) {
      const rows = (this.#debounced.get(row.debounceKey) as StoredRow[]).filter(other => other !== row);
      if (rows.length > 0) this.#debounced.set(row.debounceKey, rows);
      else this.#debounced.delete(row.debounceKey);
    }
    if (row.chained) {
      const followers = this.#followers.get(row.after as string) as Set<StoredRow>;
      followers.delete(row);
      if (followers.size === 0) this.#followers.delete(row.after as string);
    }
  }

  #openFollowers(id: string, now: number): void {
    const followers = this.#followers.get(id);
    if (followers === undefined) return;
    this.#followers.delete(id);
    for (const row of followers) {
      row.chained = false;
      this.#unblocked(row, now);
    }
  }

  /** One hindrance less; it is in a heap already where its time has not come. */
  #unblocked(row: StoredRow, now: number): void {
    if (row.heapIndex < 0) row.queue.place(row, now);
  }

  #turn(row: StoredRow, state: StoredRow["state"]): void {
    row.queue.count(row, -1);
    row.state = state;
    row.queue.count(row, 1);
  }

  #delete(row: StoredRow): void {
    row.displace();
    row.queue.count(row, -1);
    this.#rows.delete(row.id);
    this.#log.remove(row);
    if (row.idempotencyKey !== undefined && this.#idempotent.get(row.idempotencyKey) === row) this.#idempotent.delete(row.idempotencyKey);
  }
}
