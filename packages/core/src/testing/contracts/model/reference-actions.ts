import type { CancelOutcome, PurgedActions } from "../../../durable/store/action-store.ts";
import type { ActionState, EnqueuedAction, NewAction } from "../../../durable/store/stored-action.ts";
import { isFinished } from "../../../durable/store/stored-action.ts";
import type { ClaimRequest, QueueClaim, QueueGroup, Settlement } from "../../../durable/store/worker-turn.ts";

/** An action as the reference sees it; `waiting` stands for `delayed` too. */
export interface ReferenceAction {
  readonly id: string;
  /** The order of storing. */
  readonly order: number;
  queue: string;
  parameters: string | undefined;
  priority: number;
  attempts: number;
  attempt: number;
  dueAt: number;
  state: ActionState;
  readonly key: string | undefined;
  readonly keyLimit: number;
  readonly after: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly debounceKey: string | undefined;
  letIn: boolean;
  chained: boolean;
  suspect: boolean;
  worker: string | undefined;
  cancelKeepFor: number | undefined;
  keptUntil: number;
}

type Handing = Pick<ReferenceAction, "id" | "attempt" | "suspect" | "parameters">;

const forGood = Number.POSITIVE_INFINITY;

/** All that limits a queue; its own number is a group of one, named as no other is. */
function limitsOf({ queue, most = Infinity, groups = [] }: QueueClaim): readonly QueueGroup[] {
  return [{ name: `queue ${queue}`, most }, ...groups];
}

/** The rules of stored actions in the plainest form: one list, looked through each time. What stores must agree with. */
export class ReferenceActions {
  now = 0;
  readonly #lease: number;
  #actions: ReferenceAction[] = [];
  #stored = 0;
  readonly #workers = new Map<string, { renewedAt: number }>();
  readonly #paused = new Set<string>();

  constructor(lease: number) {
    this.#lease = lease;
  }

  get actions(): readonly ReferenceAction[] {
    return this.#actions;
  }

  stateOf(action: ReferenceAction): ActionState {
    return action.state === "waiting" && action.dueAt > this.now ? "delayed" : action.state;
  }

  find(id: string): ReferenceAction | undefined {
    return this.#actions.find(action => action.id === id);
  }

  enqueue(action: NewAction): EnqueuedAction {
    if (this.find(action.id) !== undefined) return { id: action.id, outcome: "existing" };
    const same = this.#actions.find(({ idempotencyKey }) => idempotencyKey !== undefined && idempotencyKey === action.idempotencyKey);
    if (same !== undefined) return { id: same.id, outcome: "existing" };
    const unbegun = this.#actions.findLast(
      ({ debounceKey, attempt, state }) => debounceKey !== undefined && debounceKey === action.debounceKey && attempt === 0 && state === "waiting",
    );
    const { queue, parameters, priority, attempts } = action;
    const dueAt = this.now + (action.delay ?? 0);
    if (unbegun !== undefined) {
      Object.assign(unbegun, { queue, parameters, priority, attempts, dueAt });
      return { id: unbegun.id, outcome: "replaced" };
    }
    const { id, after, idempotencyKey, debounceKey } = action;
    const key = debounceKey ?? action.key;
    const keyLimit = debounceKey === undefined ? (action.keyLimit ?? 1) : 1;
    const order = this.#stored++;
    const fresh = { order, attempt: 0, state: "waiting", letIn: key === undefined, chained: false, suspect: false, worker: undefined } as const;
    const given = { id, queue, parameters, priority, attempts, dueAt, key, keyLimit, after, idempotencyKey, debounceKey };
    const stored: ReferenceAction = { ...given, ...fresh, cancelKeepFor: undefined, keptUntil: forGood };
    this.#actions.push(stored);
    this.#enter(stored);
    return { id, outcome: "stored" };
  }

  join(worker: string): void {
    this.#workers.set(worker, { renewedAt: this.now });
  }

  /** What is to be cancelled of what it runs; none where it is taken for lost. */
  renew(worker: string): readonly string[] | undefined {
    const held = this.#workers.get(worker);
    if (held === undefined) return undefined;
    held.renewedAt = this.now;
    return this.runBy(worker).filter(({ cancelKeepFor }) => cancelKeepFor !== undefined).map(({ id }) => id); // prettier-ignore
  }

  leave(worker: string): void {
    this.#workers.delete(worker);
  }

  isHeld(worker: string): boolean {
    return this.#workers.has(worker);
  }

  present(): readonly string[] {
    return [...this.#workers].filter(([, { renewedAt }]) => renewedAt + this.#lease > this.now).map(([id]) => id);
  }

  runBy(worker: string): readonly ReferenceAction[] {
    return this.#actions.filter(action => action.state === "running" && action.worker === worker);
  }

  /** Whether the settlement counts; the fence is held by the caller to be the present one, or is not. */
  settle(worker: string, settlement: Settlement, fenceIsPresent: boolean): boolean {
    const action = this.find(settlement.id);
    if (action === undefined || !fenceIsPresent || action.state !== "running" || action.worker !== worker || !this.isHeld(worker)) return false;
    switch (settlement.kind) {
      case "completed":
      case "dead":
      case "cancelled":
        this.#finish(action, settlement.kind, settlement.keepFor);
        break;
      case "failed":
        action.suspect = false;
        if (!this.#cancelAsked(action)) this.#rest(action, "failed", this.now + settlement.delay);
        break;
      case "released":
        action.attempt--;
        if (!this.#cancelAsked(action)) this.#rest(action, "waiting", this.now);
    }
    return true;
  }

  releaseUnheld(worker: string, holds: readonly string[]): void {
    for (const { id } of this.runBy(worker)) if (!holds.includes(id)) this.settle(worker, { id, fence: 0, kind: "released" }, true);
  }

  claim(worker: string, { queues, most, suspect }: ClaimRequest): readonly Handing[] {
    const limits = new Map(queues.map(claim => [claim.queue, limitsOf(claim)]));
    const taken = new Map<string, number>();
    const claimed: Handing[] = [];
    let suspectLeft = suspect;
    for (const action of this.#claimable(queues.map(({ queue }) => queue))) {
      const within = limits.get(action.queue) as readonly QueueGroup[];
      const isFull = within.some(limit => (taken.get(limit.name) ?? 0) >= limit.most);
      if (action.dueAt > this.now || isFull || (action.suspect && !suspectLeft)) continue;
      if (claimed.length === most) break;
      for (const { name } of within) taken.set(name, (taken.get(name) ?? 0) + 1);
      if (action.suspect) suspectLeft = false;
      Object.assign(action, { state: "running", worker, attempt: action.attempt + 1 });
      const { id, attempt, parameters } = action;
      claimed.push({ id, attempt, suspect: action.suspect, parameters });
    }
    return claimed;
  }

  /** Milliseconds until the next of these queues comes due that only has to wait for its time. */
  nextDue(queues: readonly string[]): number | undefined {
    const dueIns = this.#claimable(queues).map(({ dueAt }) => dueAt - this.now).filter(dueIn => dueIn > 0); // prettier-ignore
    return dueIns.length === 0 ? undefined : Math.min(...dueIns);
  }

  /** What workers ran that have left or whose lease is over. Takes the lease from these. */
  orphans(): readonly ReferenceAction[] {
    for (const [id, { renewedAt }] of this.#workers) if (renewedAt + this.#lease <= this.now) this.#workers.delete(id);
    return this.#actions.filter(({ state, worker }) => state === "running" && !this.#workers.has(worker as string));
  }

  recover(action: ReferenceAction, keepFor: number): ActionState {
    if (this.#cancelAsked(action)) return "cancelled";
    if (action.attempt >= action.attempts) {
      this.#finish(action, "dead", keepFor);
      return "dead";
    }
    action.suspect = true;
    this.#rest(action, "waiting", this.now);
    return "waiting";
  }

  cancel(id: string, keepFor: number): CancelOutcome {
    const action = this.find(id);
    if (action === undefined) return "unknown";
    if (isFinished(action.state)) return "finished";
    if (action.state === "running") {
      action.cancelKeepFor = keepFor;
      return "requested";
    }
    this.#finish(action, "cancelled", keepFor);
    return "cancelled";
  }

  retry(id: string): ActionState | undefined {
    const action = this.find(id);
    if (action === undefined) return undefined;
    const state = this.stateOf(action);
    if (state !== "dead" && state !== "cancelled" && state !== "failed") return state;
    if (state === "cancelled" && action.chained && this.find(action.after as string) === undefined) return state;
    Object.assign(action, { state: "waiting", attempt: 0, suspect: false, dueAt: this.now, cancelKeepFor: undefined, keptUntil: forGood });
    if (state !== "failed") {
      for (const other of this.#actions) if (other.key === action.key && other.chained) other.letIn = other.key === undefined;
      action.letIn = action.key === undefined;
      this.#enter(action);
    }
    return state;
  }

  pause(queue: string): void {
    this.#paused.add(queue);
  }

  resume(queue: string): void {
    this.#paused.delete(queue);
  }

  get paused(): readonly string[] {
    return [...this.#paused];
  }

  purge(keepFor: number): PurgedActions {
    let deleted = 0;
    const cancelled: string[] = [];
    for (let over = this.#expired(); over !== undefined; over = this.#expired()) {
      const waiting = this.#waitingFor(over);
      if (waiting.length === 0) {
        this.#delete(over);
        deleted++;
        continue;
      }
      for (const action of waiting) {
        this.#finish(action, "cancelled", this.#waitingFor(action).length > 0 ? 0 : keepFor);
        cancelled.push(action.id);
      }
      over.keptUntil = this.now + keepFor;
    }
    return { deleted, cancelled };
  }

  #expired(): ReferenceAction | undefined {
    return this.#actions.find(({ keptUntil }) => keptUntil <= this.now);
  }

  /** Whom the end of this one leaves waiting. */
  #waitingFor({ id, state }: ReferenceAction): readonly ReferenceAction[] {
    return state === "completed" ? [] : this.#actions.filter(action => action.after === id && action.chained && !isFinished(action.state));
  }

  #delete(action: ReferenceAction): void {
    this.#actions = this.#actions.filter(other => other !== action);
  }

  /** What only its time may still hold up, best first. */
  #claimable(queues: readonly string[]): readonly ReferenceAction[] {
    return this.#actions
      .filter(
        ({ state, letIn, chained, queue }) =>
          (state === "waiting" || state === "failed") && letIn && !chained && queues.includes(queue) && !this.#isPaused(queue),
      )
      .toSorted((one, other) => other.priority - one.priority || one.order - other.order);
  }

  #isPaused(queue: string): boolean {
    const [service, rest] = queue.split("/") as [string, string];
    return this.#paused.has(service) || this.#paused.has(`${service}/${rest.split("@")[0]}`);
  }

  #enter(action: ReferenceAction): void {
    const before = action.after === undefined ? undefined : this.find(action.after);
    action.chained = before !== undefined && before.state !== "completed";
    this.#admit(action.key);
  }

  #admit(key: string | undefined): void {
    if (key === undefined) return;
    const unfinished = this.#actions.filter(action => action.key === key && !isFinished(action.state));
    let inside = unfinished.filter(({ letIn }) => letIn).length;
    for (const action of unfinished) {
      if (action.letIn) continue;
      if (inside >= action.keyLimit) return;
      action.letIn = true;
      inside++;
    }
  }

  #rest(action: ReferenceAction, state: "waiting" | "failed", dueAt: number): void {
    Object.assign(action, { state, dueAt, worker: undefined });
  }

  #finish(action: ReferenceAction, state: "completed" | "dead" | "cancelled", keepFor: number): void {
    Object.assign(action, { state, worker: undefined, keptUntil: this.now + keepFor });
    this.#admit(action.key);
    if (state === "completed") for (const next of this.#actions) if (next.after === action.id && !isFinished(next.state)) next.chained = false;
    if (keepFor <= 0 && this.#waitingFor(action).length === 0) this.#delete(action);
  }

  #cancelAsked(action: ReferenceAction): boolean {
    if (action.cancelKeepFor === undefined) return false;
    this.#finish(action, "cancelled", action.cancelKeepFor);
    return true;
  }
}
