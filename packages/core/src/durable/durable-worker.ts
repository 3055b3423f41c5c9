import { attempt } from "./attempt.ts";
import { logFailure } from "./log-failure.ts";
import { Beginnings } from "./beginnings.ts";
import { ClaimableQueues } from "./claimable-queues.ts";
import { HeldAudit } from "./held-audit.ts";
import { Overruns } from "./overruns.ts";
import { ProgressReports } from "./progress-reports.ts";
import { isRefusal, RefusedOutcomes } from "./refused-outcomes.ts";
import { runsOf } from "./running-action.ts";
import { TurnLoop } from "./turn-loop.ts";
import { UnwrittenOutcomes } from "./unwritten-outcomes.ts";
import { WorkInHand } from "./work-in-hand.ts";
import { WorkInStore } from "./work-in-store.ts";
import { WorkerLease } from "./worker-lease.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { AttemptOutcome } from "./attempt.ts";
import type { RunningAction } from "./running-action.ts";
import type { Ended } from "./unwritten-outcomes.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { ClaimRequest, WorkerTurnAnswer } from "./store/worker-turn.ts";
import type { Retention } from "./worker-options.ts";

/** What a worker tells of. */
export interface WorkerWatcher {
  /** Its handler has begun. */
  readonly began: (run: RunningAction) => void;
  /** An attempt is over; its outcome is yet to be written. */
  readonly ended: (run: RunningAction, outcome: AttemptOutcome) => void;
  /** `written` is false where another has the action, so that the outcome does not count. */
  readonly settled: (run: RunningAction, outcome: AttemptOutcome, written: boolean) => void;
}

export interface DurableWorkerParts {
  readonly host: HostKernel;
  readonly store: DurableStore;
  readonly concurrency: number;
  readonly retention: Retention;
  readonly watcher: WorkerWatcher;
}

/**
 * Works on stored actions. One turn after the other writes outcomes and takes new work, many at once where there are many; a lone action begins as soon as its bell rings.
 *
 * It takes no more than it can begin at once, so that nothing waits here that another host could be doing. Only where actions end so quickly that all that run will have ended within twenty
 * milliseconds, it takes on what it can begin in that time, so that there is something to do while the store is asked for more. Should they not begin within a tenth of a second, they are given back.
 */
export class DurableWorker {
  readonly concurrency: number;
  /** Handlers that go on though their attempts are over. */
  readonly overruns: Overruns;
  readonly #parts: DurableWorkerParts;
  readonly #queues: ClaimableQueues;
  readonly #lease: WorkerLease;
  readonly #loop: TurnLoop;
  readonly #audit: HeldAudit;
  readonly #hand: WorkInHand;
  readonly #work: WorkInStore;
  readonly #beginnings: Beginnings;
  readonly #progress: ProgressReports;
  readonly #unwritten: UnwrittenOutcomes;
  readonly #refused: RefusedOutcomes;
  readonly #stopListening: (() => void)[] = [];
  readonly #idle: (() => void)[] = [];
  #paused = false;
  #lastTurn = 0;

  constructor(parts: DurableWorkerParts) {
    const { host, store } = parts;
    this.#parts = parts;
    this.concurrency = parts.concurrency;
    this.#queues = new ClaimableQueues(host, () => this.#look());
    this.#audit = new HeldAudit(host.clock, store.lease);
    this.overruns = new Overruns(host.clock, host.logger, run => this.#freePlace(run));
    this.#hand = new WorkInHand(parts.concurrency, host.clock, this.overruns);
    this.#work = new WorkInStore(host.clock, store.shared);
    this.#beginnings = new Beginnings({
      clock: host.clock,
      hand: this.#hand,
      isLeaseOver: () => this.#lease.isOver,
      begin: run => this.#begin(run),
      letGo: () => this.letGo(),
    });
    this.#unwritten = new UnwrittenOutcomes(host.clock, () => this.#loop.plan());
    this.#refused = new RefusedOutcomes({
      host,
      actions: store.actions,
      keepFor: parts.retention.dead,
      onInstead: parts.watcher.ended,
      onWritten: (worker, ended, answer) => void this.#noteSettled(worker, ended, answer),
      onLeft: ended => this.#unwritten.putBack(ended),
    });
    this.#progress = new ProgressReports({ clock: host.clock, actions: store.actions, hand: this.#hand, onLost: () => this.#audit.doubt() });
    this.#loop = new TurnLoop({
      host,
      store: store.name,
      wanted: () => this.#unwritten.isWorthATurn(this.#hasEnough) || this.#wantsToClaim || this.#audit.wait === 0,
      turn: () => this.#turn(),
      patience: () => this.#patience,
      onWake: () => this.#work.wake(),
      onRest: () => this.#noteIdle(),
    });
    this.#lease = new WorkerLease({
      host,
      store,
      queues: () => this.#queues.names(),
      busy: () => this.#hand.size > 0 || this.#unwritten.size > 0 || this.#loop.turning, // outcomes may be on their way
      onLost: () => this.#lose(),
      onCancelled: ids => this.#cancel(ids),
    });
  }

  /** Actions under way here. */
  get running(): number {
    return this.#hand.running;
  }

  /** Under which the store knows it, while it does. */
  get id(): string | undefined {
    return this.#lease.id;
  }

  /** The names of all that it can run. */
  get queues(): readonly string[] {
    return this.#queues.names();
  }

  /** Since when, on the monotonic clock, the store has refused, and why. */
  get trouble(): { readonly since: number; readonly error: unknown } | undefined {
    return this.#loop.trouble;
  }

  /** When, on the monotonic clock, it last took work or found there was none. */
  get lastTurn(): number {
    return this.#lastTurn;
  }

  /** Milliseconds for which the store has left a turn, or the joining before it, without an answer. */
  get stalledFor(): number {
    return this.#loop.stalledFor;
  }

  start(): void {
    const { host, store } = this.#parts;
    this.#lastTurn = host.clock.monotonic();
    this.#work.wake();
    const bells = store.listen(bell => {
      if (bell.kind === "ready") this.#look();
      else if (bell.kind === "cancelling") void this.#askForCancels(bell.ids);
    });
    const moved = host.onPhase(service => {
      this.#queues.changed();
      if (service.state.phase === "running") this.#look();
    });
    this.#stopListening.push(() => bells[Symbol.dispose](), moved);
    this.#look();
  }

  /** What it can run may have changed. */
  reconsider(): void {
    this.#queues.changed();
    this.#look();
  }

  /** Something of these queues is being stored here that may begin at once: it asks for it together with the storing, where it has nothing to do. */
  expect(queues: readonly string[]): void {
    if (this.#paused || this.#loop.turning || this.#hand.isFull || !queues.some(queue => this.#queues.has(queue))) return;
    this.#work.expect();
    this.#loop.begin();
  }

  /** Gives back what has not begun: it may be of a queue that is paused by now. */
  letGo(): void {
    this.#giveBack(this.#hand.letGo());
  }

  /** Takes on nothing more, and gives back what has not begun. What runs goes on, and its outcome is written. */
  pause(): void {
    this.#paused = true;
    this.#loop.rest();
    this.letGo();
  }

  /** Resolves when nothing runs and every outcome is written, which may be never. */
  async drained(): Promise<void> {
    while (this.#hand.size > 0 || this.#unwritten.size > 0 || this.#loop.turning) await new Promise<void>(resolve => this.#idle.push(resolve));
  }

  /** Ends it: what still runs is left to be recovered by others once its lease is over. */
  async close(): Promise<void> {
    this.pause();
    this.#loop.close();
    for (const stop of this.#stopListening.splice(0)) stop();
    this.#progress.close();
    this.#beginnings.close();
    this.overruns.close();
    this.#unwritten.close();
    this.#queues.close();
    await this.#lease
      .end(this.#hand.running === 0)
      .catch((error: unknown) => this.#parts.host.logger.warn("The worker could not take leave of the store; its lease ends by itself", { error }));
  }

  /** Something may be there. */
  #look(): void {
    if (this.#paused) return;
    this.#work.hear();
    this.#loop.plan();
  }

  /** Of turns that only write outcomes there may be many, and none of them puts off the next look. */
  get #patience(): number {
    return this.#paused ? Infinity : Math.min(this.#work.patience, this.#audit.wait);
  }

  /** Whether there is more in hand to go on with, so that the next claim follows when that is used up. */
  get #hasEnough(): boolean {
    return this.#hand.waiting > 0;
  }

  get #wantsToClaim(): boolean {
    return !this.#paused && this.#work.mayBeThere && !this.#unwritten.isFull && this.#hand.isLow(this.#work.plenty);
  }

  /** One exchange with the store. */
  async #turn(): Promise<void> {
    const { store, host } = this.#parts;
    const worker = await this.#lease.hold();
    const claim = this.#claim();
    const ended = this.#unwritten.take();
    const holds = this.#audit.isDue ? this.#holds() : undefined;
    if (claim === undefined && ended.length === 0 && holds === undefined) return;
    if (claim !== undefined) this.#work.dismiss(); // a bell that rings from here on counts
    let answer: WorkerTurnAnswer;
    const sent = host.clock.monotonic();
    try {
      answer = await store.actions.turn({
        worker,
        settle: ended.map(({ outcome }) => outcome.settlement),
        ...(holds === undefined ? undefined : { holds }),
        ...(claim === undefined ? undefined : { claim }),
      });
    } catch (error) {
      if (claim !== undefined) this.#work.expect();
      this.#audit.doubt();
      if (ended.length > 0 && isRefusal(error)) return this.#refused.write(worker, ended);
      this.#unwritten.putBack(ended);
      throw error;
    }
    if (holds !== undefined) this.#audit.said(sent);
    if (!this.#noteSettled(worker, ended, answer)) return;
    this.#take(answer);
    if (claim !== undefined) this.#work.learn(claim, answer, this.#lastTurn);
  }

  /** False where the worker is not held any more. */
  #noteSettled(worker: string, ended: readonly Ended[], { held, settled }: WorkerTurnAnswer): boolean {
    this.#lastTurn = this.#parts.host.clock.monotonic();
    for (const [index, { run, outcome }] of ended.entries()) {
      const written = settled[index] === true;
      if (!written) this.#audit.doubt();
      this.#parts.watcher.settled(run, outcome, written);
    }
    if (held && this.#lease.id === worker) return true;
    this.#lease.lose(worker);
    this.#work.expect(); // what was handed out to a worker that is taken for lost is recovered, like all else that it had
    return false;
  }

  /** All it has been handed out that the turn under way does not settle. */
  #holds(): readonly string[] {
    return [...this.#hand.ids, ...this.#unwritten.heldIds];
  }

  #claim(): ClaimRequest | undefined {
    if (!this.#wantsToClaim) return undefined;
    const queues = this.#queues.claims(this.#hand.load);
    if (queues.length === 0) {
      this.#work.dismiss(); // until a service moves, or an action ends
      return undefined;
    }
    const { most, ahead } = this.#hand.room(this.#work.plenty);
    return { queues, most, suspect: !this.#hand.hasSuspect, ...(ahead > 0 ? { ahead } : undefined) };
  }

  #take({ claimed, now: storeTime }: WorkerTurnAnswer): void {
    const runs = runsOf(claimed, storeTime, this.#parts.host.clock.monotonic(), () => this.#progress.soon());
    if (this.#paused) return this.#giveBack(runs);
    for (const run of runs) this.#hand.add(run);
    this.#beginnings.fill();
  }

  #begin(run: RunningAction): void {
    const { host, retention, watcher } = this.#parts;
    const { storeTime, at } = run.handed;
    const now = Math.round(storeTime + host.clock.monotonic() - at);
    void attempt(host, run, now, retention, { began: () => watcher.began(run), ended: () => this.overruns.end(run) }).then(outcome =>
      this.#ended(run, outcome),
    );
  }

  /** Of a handler that went on though its attempt was over. */
  #freePlace(run: RunningAction): void {
    this.#hand.freePlace(run);
    this.#madeRoom(run);
    this.#beginnings.fill();
  }

  #ended(run: RunningAction, outcome: AttemptOutcome): void {
    const { logger } = this.#parts.host;
    this.#hand.end(run);
    this.#progress.ended(run);
    if (outcome.settlement.kind === "released" && !this.#paused) this.#queues.changed(); // else what cannot be run here just now could be claimed again at once
    if (outcome.crowded === true) this.#queues.leave(run.parts);
    if (run.lost) this.#parts.watcher.settled(run, outcome, false);
    else {
      this.#parts.watcher.ended(run, outcome);
      this.#unwritten.add({ run, outcome });
    }
    logFailure(logger, run, outcome);
    this.#madeRoom(run);
    this.#beginnings.fill();
    this.#noteIdle();
  }

  /** What was left because of a limit that this one was counted in may be had now. */
  #madeRoom(run: RunningAction): void {
    if (run.claimed.suspect || this.#queues.limits(run.parts)) this.#work.expect();
    this.#loop.plan();
  }

  /** What has not begun, for others to begin. */
  #giveBack(runs: readonly RunningAction[]): void {
    for (const run of runs) {
      this.#unwritten.add({ run, outcome: { settlement: { id: run.id, fence: run.claimed.fence, kind: "released" } } });
      this.#madeRoom(run);
    }
  }

  #lose(): void {
    this.#hand.lose();
    this.#work.expect();
    this.#loop.plan();
  }

  #cancel(ids: readonly string[]): void {
    this.#giveBack(this.#hand.cancel(ids));
  }

  /** A bell has rung for cancellations: of those named, or of any in hand where it names none. */
  async #askForCancels(ids: readonly string[] | undefined): Promise<void> {
    const own = new Set(this.#hand.ids);
    const asked = ids === undefined ? [...own] : ids.filter(id => own.has(id));
    if (asked.length === 0) return;
    try {
      const actions = await this.#parts.store.actions.get(asked);
      this.#cancel(actions.filter(({ cancelRequested }) => cancelRequested).map(({ id }) => id));
    } catch {
      // the next renewal tells
    }
  }

  #noteIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
