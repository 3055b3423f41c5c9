import type { CancelOutcome, RecoveredAction, StoredWorker } from "../../../durable/store/action-store.ts";
import type { DurableStore } from "../../../durable/store/durable-store.ts";
import type { ActionState, EnqueuedAction, NewAction, StoredAction } from "../../../durable/store/stored-action.ts";
import { isFinished } from "../../../durable/store/stored-action.ts";
import type { WorkerTurn, WorkerTurnAnswer } from "../../../durable/store/worker-turn.ts";
import type { Clock } from "../../../time/clock.ts";
import type { Trace } from "../trace.ts";
import { OutboxLedger } from "./outbox-ledger.ts";
import { SingletonLedger } from "./singleton-ledger.ts";

/** An action as the moves of the store have it. */
interface ActionRecord {
  readonly id: string;
  readonly order: number;
  readonly attempts: number;
  readonly key: string | undefined;
  readonly after: string | undefined;
  /** Who was given it last, and has not ended it. */
  holder: { readonly worker: string; readonly fence: number } | undefined;
  highestFence: number;
  /** Handed out and not given back, since it was stored or retried. */
  attempt: number;
  /** Handed out in all. */
  handedOut: number;
  /** Begun by a handler. */
  begun: number;
  outcome: ActionState | undefined;
  retried: boolean;
}

/** One try at an action, as its handler sees it. */
export interface AttemptRecord {
  readonly host: string;
  readonly id: string;
  readonly attempt: number;
  readonly fence: number;
  readonly signal: AbortSignal;
  readonly beganAt: number;
  ended: boolean;
}

/** A host, and until when something was the matter for which it may lose its lease. */
interface HostRecord {
  troubledUntil: number;
  /** Whether it stands still, leaves or is gone: it is troubled until it goes on. */
  isAway: boolean;
}

/** What the store did and what handlers saw, and the sentences that must hold of it. A sentence that does not is a violation. */
export class ClusterLedger {
  readonly violations: string[] = [];
  readonly attempts: AttemptRecord[] = [];
  /** The moments at which hosts have crashed. */
  readonly crashes: string[] = [];
  readonly singleton: SingletonLedger;
  readonly outbox: OutboxLedger;
  readonly #trace: Trace;
  readonly #clock: Clock;
  readonly #store: DurableStore;
  readonly #actions = new Map<string, ActionRecord>();
  readonly #hosts = new Map<string, HostRecord>();
  readonly #hostOf = new Map<string, string>();
  readonly #acknowledged = new Map<string, string | undefined>();
  readonly #idsByKey = new Map<string, string>();
  /** Actions with the fence under which they were taken from a worker whose lease was over. */
  readonly #taken = new Set<string>();
  /** Keys of which one was retried, whose order is then another. */
  readonly #reordered = new Set<string>();

  constructor(trace: Trace, clock: Clock, store: DurableStore) {
    this.#trace = trace;
    this.#clock = clock;
    this.#store = store;
    this.singleton = new SingletonLedger(clock, sentence => this.violate(sentence));
    this.outbox = new OutboxLedger(sentence => this.violate(sentence));
  }

  violate(sentence: string): void {
    this.#trace.note(`VIOLATION ${sentence}`);
    this.violations.push(sentence);
  }

  note(what: string): void {
    this.#trace.note(what);
  }

  get ids(): readonly string[] {
    return [...this.#actions.keys()];
  }

  /** Of those that have been retried the outcome may be another than the first to be heard. */
  outcomeOf(id: string): { readonly outcome: ActionState | undefined; readonly retried: boolean } {
    const { outcome, retried } = this.#record(id);
    return { outcome, retried };
  }

  hostStarted(host: string): void {
    this.#hosts.set(host, { troubledUntil: -Infinity, isAway: false });
  }

  /** A host is gone, and at which moment of its work. */
  crashed(host: string, moment: string): void {
    this.note(`${host} crashes ${moment}`);
    this.crashes.push(moment);
    this.away(host);
  }

  /** Something is the matter with a host, for so many milliseconds from now, for which it may lose its lease. */
  troubled(host: string, milliseconds: number): void {
    const record = this.#hosts.get(host);
    if (record !== undefined) record.troubledUntil = Math.max(record.troubledUntil, this.#clock.monotonic() + milliseconds);
  }

  /** A host stands still, leaves or is gone. */
  away(host: string): void {
    const record = this.#hosts.get(host);
    if (record !== undefined) record.isAway = true;
  }

  /** A host that stood still goes on. What it had asked the store before may still be on its way. */
  recuperates(host: string): void {
    const record = this.#hosts.get(host);
    if (record !== undefined) record.isAway = false;
    this.troubled(host, 0);
  }

  /** Whether nothing can happen any more by itself. */
  get isQuiet(): boolean {
    const waiting = this.#waitingForGood();
    return [...this.#actions.values()].every(record => record.outcome !== undefined || waiting.has(record));
  }

  /** An enqueue has resolved: from now on its action must not be lost. */
  acknowledged(id: string, idempotencyKey: string | undefined): void {
    this.#acknowledged.set(id, idempotencyKey);
    if (!this.#actions.has(id)) this.violate(`${id} was acknowledged and is not stored`);
    if (idempotencyKey === undefined) return;
    const known = this.#idsByKey.get(idempotencyKey);
    if (known !== undefined && known !== id) this.violate(`idempotency key ${idempotencyKey} stands for ${known} and for ${id}`);
    this.#idsByKey.set(idempotencyKey, id);
  }

  enqueued(given: readonly NewAction[], answer: readonly EnqueuedAction[]): readonly EnqueuedAction[] {
    for (const [index, { id, outcome }] of answer.entries()) {
      const { attempts, key, after } = given[index]!;
      this.note(`${id} ${outcome}${key === undefined ? "" : ` key ${key}`}${after === undefined ? "" : ` after ${after}`}`);
      if (outcome !== "stored") continue;
      const fresh = { holder: undefined, highestFence: -Infinity, attempt: 0, handedOut: 0, begun: 0, outcome: undefined, retried: false };
      this.#actions.set(id, { id, order: this.#actions.size, attempts, key, after, ...fresh });
    }
    return answer;
  }

  joined(worker: StoredWorker, answer: void): void {
    this.#hostOf.set(worker.id, worker.node);
    return answer;
  }

  async turned(turn: WorkerTurn, answer: WorkerTurnAnswer): Promise<WorkerTurnAnswer> {
    for (const [index, { id, fence, kind }] of turn.settle.entries()) {
      if (answer.settled[index] !== true) continue;
      const record = this.#record(id);
      this.note(`${id} ${kind} by ${turn.worker}`);
      if (record.holder?.worker !== turn.worker || record.holder.fence !== fence)
        this.violate(`${id} was settled as ${kind} by ${turn.worker} with fence ${fence}, and is held by ${record.holder?.worker ?? "nobody"}`);
      record.holder = undefined;
      if (kind === "released") record.attempt--;
      await this.#ended(record);
    }
    if (turn.holds !== undefined && answer.held)
      for (const record of this.#actions.values()) {
        if (record.holder?.worker !== turn.worker || turn.holds.includes(record.id)) continue;
        this.note(`${record.id} given back unheard by ${turn.worker}`);
        record.holder = undefined;
        record.attempt--;
        await this.#ended(record);
      }
    for (const { id, attempt, fence } of answer.claimed) this.#handedOut(this.#record(id), attempt, fence, turn.worker);
    const due = new Map((await this.#store.actions.get(answer.claimed.map(({ id }) => id))).map(({ id, dueAt }) => [id, dueAt]));
    for (const [id, dueAt] of due) if (dueAt > answer.now) this.violate(`${id} was handed out ${dueAt - answer.now} ms before its time`);
    return answer;
  }

  async recovered(answer: readonly RecoveredAction[]): Promise<readonly RecoveredAction[]> {
    const now = this.#clock.monotonic();
    for (const { id, state } of answer) {
      const record = this.#record(id);
      const worker = record.holder?.worker ?? "nobody";
      const host = this.#hostOf.get(worker) ?? "";
      this.note(`${id} of ${worker} on ${host} recovered as ${state}`);
      const { troubledUntil = Infinity, isAway = true } = this.#hosts.get(host) ?? {};
      if (!isAway && now - troubledUntil > this.#store.lease * 1.5)
        this.violate(`${id} was taken from ${host}, which has been well for ${now - troubledUntil} ms`);
      if (record.holder !== undefined) this.#taken.add(`${id} ${record.holder.fence}`);
      record.holder = undefined;
      await this.#ended(record);
    }
    return answer;
  }

  cancelled(ids: readonly string[], answer: readonly CancelOutcome[]): readonly CancelOutcome[] {
    for (const [index, id] of ids.entries()) {
      this.note(`${id} to be cancelled: ${answer[index]}`);
      if (answer[index] === "cancelled") this.#outcome(this.#record(id), "cancelled");
    }
    return answer;
  }

  retried(ids: readonly string[], answer: readonly (ActionState | undefined)[]): readonly (ActionState | undefined)[] {
    for (const [index, id] of ids.entries()) {
      const state = answer[index];
      this.note(`${id} to be retried: ${state}`);
      if (state !== "dead" && state !== "cancelled" && state !== "failed") continue;
      const record = this.#record(id);
      Object.assign(record, { outcome: undefined, attempt: 0, retried: true });
      if (record.key !== undefined) this.#reordered.add(record.key);
    }
    return answer;
  }

  /** A handler begins. */
  began(host: string, id: string, attempt: number, signal: AbortSignal): AttemptRecord {
    const record = this.#actions.get(id);
    const begun: AttemptRecord = { host, id, attempt, fence: record?.holder?.fence ?? 0, signal, beganAt: this.#clock.monotonic(), ended: false };
    this.note(`${id} begins on ${host}, attempt ${attempt}`);
    if (record === undefined) {
      this.violate(`${id} begins and is not stored`);
      return begun;
    }
    record.begun++;
    if (attempt > record.attempts) this.violate(`${id} begins its attempt ${attempt} of ${record.attempts}`);
    if (record.begun > record.handedOut) this.violate(`${id} has begun ${record.begun} times, and was handed out ${record.handedOut} times`);
    this.attempts.push(begun);
    return begun;
  }

  ended(attempt: AttemptRecord, how: string): void {
    attempt.ended = true;
    this.note(`${attempt.id} ${how} on ${attempt.host}, attempt ${attempt.attempt}`);
  }

  /** A host that stood still has gone on for a second: what it ran and has lost must know. */
  checkAborted(host: string, pausedAt: number): void {
    for (const { id, attempt, fence, signal, beganAt, ended, host: on } of this.attempts) {
      if (on !== host || ended || signal.aborted || beganAt > pausedAt) continue;
      if (this.#taken.has(`${id} ${fence}`))
        this.violate(`${id} attempt ${attempt} on ${host} has lost its lease, and its signal is not aborted a second after the host went on`);
    }
  }

  /** What must hold once nothing comes to harm any more and all has had its time. */
  async checkQuiet(): Promise<void> {
    const stored = new Map((await this.#store.actions.get(this.ids)).map(action => [action.id, action]));
    for (const id of this.#acknowledged.keys()) if (!stored.has(id)) this.violate(`${id} was acknowledged and is lost`);
    const waiting = this.#waitingForGood();
    for (const record of this.#actions.values()) {
      const action = stored.get(record.id);
      if (action === undefined) continue; // it would be among the lost
      if (isFinished(action.state)) this.#checkOutcome(record, action);
      else if (!waiting.has(record))
        this.violate(`${record.id} is ${action.state} though all had time to end${record.holder === undefined ? "" : `, held by ${record.holder.worker}`}`);
    }
  }

  #checkOutcome(record: ActionRecord, { id, state, attempt, result, error }: StoredAction): void {
    if (record.outcome !== state) this.violate(`${id} is ${state}, and its outcome was ${record.outcome}`);
    if (attempt !== record.attempt) this.violate(`${id} ended in attempt ${attempt}, and ${record.attempt} were handed out and not given back`);
    if (state === "dead" && attempt < record.attempts) this.violate(`${id} is dead after ${attempt} of ${record.attempts} attempts`);
    if (state === "dead" && error?.attempt !== attempt) this.violate(`${id} died in attempt ${attempt}, and its error is of attempt ${error?.attempt}`);
    if (state === "completed" && result?.includes(`"attempt":${attempt}`) !== true)
      this.violate(`${id} completed in attempt ${attempt}, and its result is ${result}`);
  }

  /** Those without an outcome that wait for good: steps of a chain that has stopped, and what stands in line behind them. */
  #waitingForGood(): ReadonlySet<ActionRecord> {
    const open = [...this.#actions.values()].filter(({ outcome }) => outcome === undefined);
    const waiting = new Set<ActionRecord>();
    for (let before = -1; before < waiting.size;) {
      before = waiting.size;
      const keys = new Set([...waiting].map(({ key }) => key));
      for (const record of open) {
        const previous = record.after === undefined ? undefined : this.#record(record.after);
        const stopped = previous !== undefined && (previous.outcome === "dead" || previous.outcome === "cancelled" || waiting.has(previous));
        if (stopped || (record.key !== undefined && keys.has(record.key))) waiting.add(record);
      }
    }
    return waiting;
  }

  #handedOut(record: ActionRecord, attempt: number, fence: number, worker: string): void {
    const { id, key, after } = record;
    this.note(`${id} handed out to ${worker} on ${this.#hostOf.get(worker)}, attempt ${attempt}`);
    if (record.holder !== undefined) this.violate(`${id} was handed out to ${worker} while ${record.holder.worker} had it`);
    if (record.outcome !== undefined) this.violate(`${id} was handed out after it was ${record.outcome}`);
    if (fence <= record.highestFence) this.violate(`${id} was handed out with fence ${fence} after ${record.highestFence}`);
    record.holder = { worker, fence };
    record.highestFence = fence;
    record.attempt++;
    record.handedOut++;
    if (attempt !== record.attempt) this.violate(`${id} was handed out as attempt ${attempt}, and is in its attempt ${record.attempt}`);
    if (attempt > record.attempts) this.violate(`${id} was handed out for its attempt ${attempt} of ${record.attempts}`);
    if (after !== undefined && this.#record(after).outcome !== "completed") this.violate(`${id} was handed out though ${after} before it is not completed`);
    if (key === undefined) return;
    for (const other of this.#actions.values()) {
      if (other.key !== key || other === record) continue;
      if (other.holder !== undefined) this.violate(`${id} was handed out while ${other.id} of its key ${key} was`);
      if (other.order < record.order && other.outcome === undefined && !this.#reordered.has(key))
        this.violate(`${id} was handed out before ${other.id} of its key ${key}, stored before it`);
    }
  }

  /** After a settlement or recovery: whether it has its outcome now is the store's to say. */
  async #ended(record: ActionRecord): Promise<void> {
    const [action] = await this.#store.actions.get([record.id]);
    if (action === undefined) this.violate(`${record.id} is gone`);
    else if (isFinished(action.state)) this.#outcome(record, action.state);
  }

  #outcome(record: ActionRecord, outcome: ActionState): void {
    if (record.outcome !== undefined) this.violate(`${record.id} is ${outcome} after it was ${record.outcome}`);
    record.outcome = outcome;
  }

  #record(id: string): ActionRecord {
    const record = this.#actions.get(id);
    if (record === undefined) throw new Error(`The store speaks of ${id}, which nobody stored.`);
    return record;
  }
}
