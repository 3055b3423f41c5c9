import { describeError } from "../errors/describe-error.ts";
import { attempt } from "./attempt.ts";
import { ClaimableQueues } from "./claimable-queues.ts";
import { HeldAudit } from "./held-audit.ts";
import { RunningAction } from "./running-action.ts";
import { WorkerLease } from "./worker-lease.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ClockTimer } from "../time/clock.ts";
import type { AttemptOutcome } from "./attempt.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { ClaimRequest, WorkerTurnAnswer } from "./store/worker-turn.ts";
import type { Retention } from "./worker-options.ts";

/** Outcomes written in one turn, at most. */
const mostSettled = 500;
/** Outcomes that may wait to be written before nothing more is taken on. */
const mostUnwritten = 2_000;
/** Milliseconds between two looks for work that no bell told of: this after there was some, doubling up to {@link longestPoll}. */
const shortestPoll = 250;
const longestPoll = 5_000;
/** Milliseconds between two attempts at a store that refuses. */
const shortestTrouble = 50;
const longestTrouble = 1_000;
/** Milliseconds in which progress of one action is gathered. */
const progressPause = 100;

/** What a worker tells of. */
export interface WorkerWatcher {
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

interface Ended {
  readonly run: RunningAction;
  readonly outcome: AttemptOutcome;
}

/**
 * Works on stored actions. One turn after the other writes outcomes and takes new work, many at once where there are many; a lone action begins as soon as its bell
 * rings. It takes no more than it can begin at once, so nothing waits here that another host could be doing.
 */
export class DurableWorker {
  readonly concurrency: number;
  readonly #parts: DurableWorkerParts;
  readonly #queues: ClaimableQueues;
  readonly #lease: WorkerLease;
  readonly #running = new Map<string, RunningAction>();
  /** How many run, by service and by `service/action`. */
  readonly #load = new Map<string, number>();
  readonly #unwritten: Ended[] = [];
  readonly #stopListening: (() => void)[] = [];
  #suspects = 0;
  #mayHaveMore = true;
  #paused = false;
  #closed = false;
  #turning: Promise<void> | undefined = undefined;
  #planned = false;
  #wake: ClockTimer | undefined = undefined;
  #poll = shortestPoll;
  #trouble: { readonly since: number; readonly error: unknown } | undefined = undefined;
  #lastTurn = 0;
  #asked: number | undefined = undefined;
  #telling: ClockTimer | undefined = undefined;
  #dueIn: number | undefined = undefined;
  readonly #audit: HeldAudit;
  readonly #idle: (() => void)[] = [];

  constructor(parts: DurableWorkerParts) {
    this.#parts = parts;
    this.concurrency = parts.concurrency;
    this.#queues = new ClaimableQueues(parts.host);
    this.#audit = new HeldAudit(parts.host.clock, parts.store.lease);
    this.#lease = new WorkerLease({
      host: parts.host,
      store: parts.store,
      queues: () => this.#queues.names(),
      busy: () => this.#running.size > 0 || this.#unwritten.length > 0 || this.#turning !== undefined, // outcomes may be on their way
      onLost: () => this.#lose(),
      onCancelled: ids => this.#cancel(ids),
    });
  }

  /** Actions under way here. */
  get running(): number {
    return this.#running.size;
  }

  /** Since when, on the monotonic clock, the store has refused, and why. */
  get trouble(): { readonly since: number; readonly error: unknown } | undefined {
    return this.#trouble;
  }

  /** When, on the monotonic clock, it last took work or found there was none. */
  get lastTurn(): number {
    return this.#lastTurn;
  }

  /** Milliseconds for which the store has left a turn, or the joining before it, without an answer. */
  get stalledFor(): number {
    return this.#asked === undefined ? 0 : this.#parts.host.clock.monotonic() - this.#asked;
  }

  start(): void {
    const { host, store } = this.#parts;
    this.#lastTurn = host.clock.monotonic();
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

  /** Takes on nothing more. What runs goes on, and its outcome is written. */
  pause(): void {
    this.#paused = true;
    this.#wake?.cancel();
  }

  /** Resolves when nothing runs and every outcome is written, which may be never. */
  async drained(): Promise<void> {
    while (this.#running.size > 0 || this.#unwritten.length > 0 || this.#turning !== undefined) {
      await (this.#turning ?? new Promise<void>(resolve => this.#idle.push(resolve)));
    }
  }

  /** Ends it: what still runs is left to be recovered by others once its lease is over. */
  async close(): Promise<void> {
    this.pause();
    this.#closed = true;
    for (const stop of this.#stopListening.splice(0)) stop();
    this.#telling?.cancel();
    await this.#lease
      .end(this.#running.size === 0)
      .catch((error: unknown) => this.#parts.host.logger.warn("The worker could not take leave of the store; its lease ends by itself", { error }));
  }

  /** Something may be there. */
  #look(): void {
    if (this.#paused) return;
    this.#mayHaveMore = true;
    this.#poll = shortestPoll;
    this.#plan();
  }

  /** Turns once everything that is going on in this turn of the event loop is over, so that outcomes come together. */
  #plan(): void {
    if (this.#planned || this.#turning !== undefined || this.#closed) return;
    this.#planned = true;
    process.nextTick(() => {
      this.#planned = false;
      if (this.#turning !== undefined) return;
      this.#turning = this.#turns().finally(() => {
        this.#turning = undefined;
        if (this.#wantsTurn) this.#plan();
        this.#noteIdle();
      });
    });
  }

  get #wantsToClaim(): boolean {
    return !this.#paused && this.#mayHaveMore && this.#running.size < this.concurrency && this.#unwritten.length < mostUnwritten;
  }

  get #wantsTurn(): boolean {
    return !this.#closed && (this.#unwritten.length > 0 || this.#wantsToClaim || this.#audit.wait === 0);
  }

  async #turns(): Promise<void> {
    const { clock } = this.#parts.host;
    let wait = shortestTrouble;
    while (this.#wantsTurn) {
      this.#asked = clock.monotonic();
      try {
        await this.#turn();
        if (this.#trouble !== undefined) this.#parts.host.logger.info("The store answers again");
        this.#trouble = undefined;
        wait = shortestTrouble;
        this.#asked = undefined;
      } catch (error) {
        this.#asked = undefined;
        this.#noteTrouble(error);
        await clock.sleep(wait * (0.5 + this.#parts.host.chance.next()));
        wait = Math.min(wait * 2, longestTrouble);
      }
    }
    this.#planWake();
  }

  /** One exchange with the store. Rejects where that refuses; nothing is lost by it. */
  async #turn(): Promise<void> {
    const { store, host } = this.#parts;
    const worker = await this.#lease.hold();
    const claim = this.#claim();
    const ended = this.#unwritten.splice(0, mostSettled);
    const holds = this.#audit.isDue ? this.#holds() : undefined;
    if (claim === undefined && ended.length === 0 && holds === undefined) return;
    if (claim !== undefined) this.#mayHaveMore = false; // a bell that rings from here on counts
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
      this.#unwritten.unshift(...ended);
      if (claim !== undefined) this.#mayHaveMore = true;
      this.#audit.doubt();
      throw error;
    }
    this.#lastTurn = host.clock.monotonic();
    if (holds !== undefined) this.#audit.said(sent);
    for (const [index, { run, outcome }] of ended.entries()) {
      const written = answer.settled[index] === true;
      if (!written) this.#audit.doubt();
      this.#parts.watcher.settled(run, outcome, written);
    }
    if (!answer.held) {
      this.#lease.lose();
      this.#mayHaveMore = true;
      return;
    }
    for (const claimed of answer.claimed) this.#begin(claimed, answer.now);
    if (claim === undefined) return;
    this.#mayHaveMore ||= answer.claimed.length >= claim.most;
    this.#dueIn = answer.dueIn;
    this.#poll = answer.claimed.length > 0 ? shortestPoll : Math.min(this.#poll * 2, longestPoll);
  }

  /** All it has been handed out that the turn under way does not settle. */
  #holds(): readonly string[] {
    return [...this.#running.values(), ...this.#unwritten.map(({ run }) => run)].filter(({ lost }) => !lost).map(({ id }) => id);
  }

  #claim(): ClaimRequest | undefined {
    if (!this.#wantsToClaim) return undefined;
    const queues = this.#queues.claims(this.#load);
    if (queues.length === 0) {
      this.#mayHaveMore = false; // until a service moves, or an action ends
      return undefined;
    }
    return { queues, most: this.concurrency - this.#running.size, suspect: this.#suspects === 0 };
  }

  #planWake(): void {
    this.#wake?.cancel();
    if (this.#paused || this.#closed) return;
    const { clock } = this.#parts.host;
    const wait = Math.min(this.#dueIn ?? Infinity, this.#parts.store.shared ? this.#poll : Infinity, this.#audit.wait);
    this.#wake =
      wait === Infinity
        ? undefined
        : clock.setTimer(
            () => {
              this.#mayHaveMore = true;
              this.#plan();
            },
            Math.max(wait, 1),
            true,
          );
  }

  #begin(claimed: WorkerTurnAnswer["claimed"][number], now: number): void {
    const { host, retention, watcher } = this.#parts;
    const run = new RunningAction(claimed, () => this.#tellSoon());
    this.#running.set(claimed.id, run);
    this.#count(run, 1);
    watcher.began(run);
    void attempt(host, run, now, retention).then(outcome => this.#ended(run, outcome));
  }

  #ended(run: RunningAction, outcome: AttemptOutcome): void {
    const { host } = this.#parts;
    if (this.#running.get(run.id) === run) this.#running.delete(run.id);
    this.#count(run, -1);
    if (run.lost) this.#parts.watcher.settled(run, outcome, false);
    else {
      this.#parts.watcher.ended(run, outcome);
      this.#unwritten.push({ run, outcome });
    }
    if (outcome.error !== undefined) {
      const { service, action } = run.parts;
      host.logger.warn(`Attempt ${run.attempt} of ${run.claimed.attempts} at ${service}.${action} failed: ${describeError(outcome.error)}`, {
        id: run.id,
        error: outcome.error,
      });
    }
    // What was left because of a limit that this one was counted in may be had now.
    if (run.claimed.suspect || this.#queues.limits(run.parts)) this.#mayHaveMore = true;
    this.#plan();
    this.#noteIdle();
  }

  #count({ parts: { service, action }, claimed }: RunningAction, by: 1 | -1): void {
    for (const key of [service, `${service}/${action}`]) this.#load.set(key, (this.#load.get(key) ?? 0) + by);
    if (claimed.suspect) this.#suspects += by;
  }

  #lose(): void {
    for (const run of this.#running.values()) run.lose();
    this.#mayHaveMore = true;
    this.#plan();
  }

  #cancel(ids: readonly string[]): void {
    for (const id of ids) this.#running.get(id)?.cancel();
  }

  /** A bell has rung for cancellations: of those named, at once; without names, the next renewal tells. */
  async #askForCancels(ids: readonly string[] | undefined): Promise<void> {
    const own = ids === undefined ? [...this.#running.keys()] : ids.filter(id => this.#running.has(id));
    if (own.length === 0) return;
    try {
      for (const action of await this.#parts.store.actions.get(own)) if (action.cancelRequested) this.#running.get(action.id)?.cancel();
    } catch {
      // the next renewal tells
    }
  }

  #tellSoon(): void {
    this.#telling ??= this.#parts.host.clock.setTimer(() => {
      this.#telling = undefined;
      void this.#tell();
    }, progressPause);
  }

  async #tell(): Promise<void> {
    const reports = [...this.#running.values()].flatMap(run => {
      const progress = run.takeProgress();
      return progress === undefined ? [] : [{ id: run.id, fence: run.claimed.fence, progress }];
    });
    if (reports.length === 0) return;
    try {
      const kept = await this.#parts.store.actions.progress(reports);
      for (const [index, { id, fence }] of reports.entries()) {
        const run = this.#running.get(id);
        if (kept[index] !== false || run?.claimed.fence !== fence) continue;
        run.lose();
        this.#audit.doubt();
      }
    } catch {
      // progress is a picture of now: a later one follows
    }
  }

  #noteTrouble(error: unknown): void {
    const { host, store } = this.#parts;
    if (this.#trouble === undefined)
      host.logger.error(`The worker cannot reach its store (${store.name}); it goes on trying: ${describeError(error)}`, { error });
    this.#trouble = { since: this.#trouble?.since ?? host.clock.monotonic(), error };
  }

  #noteIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
