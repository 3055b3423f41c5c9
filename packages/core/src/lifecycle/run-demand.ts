import type { ExecutionContext } from "../actions/execution-context.ts";

/** A run that waits while another is going, and everybody who awaits it. */
export interface WaitingRun {
  readonly promise: Promise<void>;
  readonly resolve: (run: Promise<void>) => void;
  readonly reject: (reason: Error) => void;
  poked: boolean;
  /** When the tick was due; `undefined` for a run that was asked for. */
  scheduledAt: number | undefined;
  missed: number;
}

/** What waits for a run of one service to end, who asked for it, and what else only runs that meet another have. Made when first needed. */
export class RunDemand {
  /** Runs under way beside the latest, where runs may overlap and do. */
  readonly others: Set<ExecutionContext> = new Set();
  /** Ticks since the last run began that found it still going. */
  skipped = 0;
  /** Callers of pokes and batches who have not been answered. */
  callers = 0;
  /** The poked run under way. */
  poked: ExecutionContext | undefined = undefined;
  /** Whether what waits is being begun, further up the stack. */
  isBeginning = false;
  /** The run that pokes wait for, or a tick that was queued: there is one at most. */
  #shared: WaitingRun | undefined = undefined;
  /** Batches, each with a run of its own. */
  readonly #batches: WaitingRun[] = [];
  /** Ticks that are made up for. */
  readonly #backlog: WaitingRun[] = [];

  get waiting(): number {
    return (this.#shared === undefined ? 0 : 1) + this.#batches.length + this.madeUpFor;
  }

  get madeUpFor(): number {
    return this.#backlog.length;
  }

  /** A poke waits for the run that all pokes share. */
  poke(): Promise<void> {
    const shared = (this.#shared ??= newWaitingRun(true, undefined, 0));
    shared.poked = true;
    return shared.promise;
  }

  /** A tick waits for that run too, and has one made where there is none. */
  queue(scheduledAt: number, missed: number): void {
    if (this.#shared === undefined) this.#shared = newTick(scheduledAt, missed);
    else this.#shared.missed += 1 + missed;
  }

  batch(): Promise<void> {
    const batch = newWaitingRun(false, undefined, 0);
    this.#batches.push(batch);
    return batch.promise;
  }

  makeUpFor(scheduledAt: number): void {
    this.#backlog.push(newTick(scheduledAt, 0));
  }

  /** Forgets the ticks that wait, for nobody awaits them. */
  dropTicks(): void {
    this.#backlog.length = 0;
    if (this.#shared?.poked === false) this.#shared = undefined;
  }

  /** Turns away all who wait. */
  refuse(reason: Error): void {
    for (const { reject } of [...(this.#shared === undefined ? [] : [this.#shared]), ...this.#batches, ...this.#backlog]) reject(reason);
    this.#shared = undefined;
    this.#batches.length = 0;
    this.#backlog.length = 0;
  }

  /** The one whose turn it is: the run that pokes wait for first, then batches, then ticks that are made up for. `undefined` where none may begin. */
  take(mayBegin: (poked: boolean) => boolean): WaitingRun | undefined {
    const shared = this.#shared;
    if (shared !== undefined && mayBegin(shared.poked)) {
      this.#shared = undefined;
      return shared;
    }
    return mayBegin(false) ? (this.#batches.shift() ?? this.#backlog.shift()) : undefined;
  }
}

function newWaitingRun(poked: boolean, scheduledAt: number | undefined, missed: number): WaitingRun {
  return { ...Promise.withResolvers<void>(), poked, scheduledAt, missed };
}

function newTick(scheduledAt: number, missed: number): WaitingRun {
  const tick = newWaitingRun(false, scheduledAt, missed);
  tick.promise.catch(() => {}); // noted where it runs
  return tick;
}
