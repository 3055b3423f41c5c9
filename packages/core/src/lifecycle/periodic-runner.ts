import { ExecutionContext } from "../actions/execution-context.ts";
import { runInContext } from "../host/ambient.ts";
import { DurationHistogram } from "../observe/duration-histogram.ts";
import { parseDuration } from "../time/duration.ts";
import { recurrenceOf } from "./effective-options.ts";
import { isAbort } from "./is-abort.ts";
import { sharedTicks } from "./shared-ticks.ts";
import { endScope, withInstance } from "./work-instance.ts";
import type { ScheduleEntry } from "../schedule/schedule-entry.ts";
import type { SharedTicks } from "./shared-ticks.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { ServiceWork } from "./service-work.ts";

/** A run that waits while another is going, and everybody who awaits it. */
interface WaitingRun {
  readonly promise: Promise<void>;
  readonly resolve: (run: Promise<void>) => void;
  readonly reject: (reason: Error) => void;
  poked: boolean;
  scheduledAt: number | undefined;
  missed: number;
}

/** What waits for a run to end, who asked for it, and what else only runs that meet another have. Made when first needed. */
class Demand {
  /** Runs under way beside the latest, where runs may overlap and do. */
  readonly others: Set<ExecutionContext> = new Set();
  /** Ticks since the last run began that found it still going. */
  skipped = 0;
  /** The run that pokes wait for, or a tick that was queued: there is one at most. */
  shared: WaitingRun | undefined = undefined;
  /** Batches, each with a run of its own. */
  readonly batches: WaitingRun[] = [];
  /** Ticks that are made up for. */
  readonly backlog: number[] = [];
  /** Callers of pokes and batches who have not been answered. */
  callers = 0;
  /** The poked run under way. */
  poked: ExecutionContext | undefined = undefined;
  /** Whether what waits is being begun, further up the stack. */
  isBeginning = false;

  get waiting(): number {
    return (this.shared === undefined ? 0 : 1) + this.batches.length + this.backlog.length;
  }
}

/** `misfire: "all"` has a bound too. */
const makeUpForAll = { all: 100 } as const;

/**
 * Makes a periodic service's runs happen, by its schedule and by pokes. A poke is level-triggered: at least one full run begins after it, at most one runs
 * and one waits, and whoever poked may await that run. What a run throws is logged and counted; the next one happens all the same.
 */
export class PeriodicRunner implements ServiceWork {
  readonly #service: ServiceRuntime;
  /** The run under way, where there is one; the latest of several. */
  #run: ExecutionContext | undefined = undefined;
  #entry: ScheduleEntry | undefined;
  /** What other hosts have a part in. */
  readonly #shared: SharedTicks | undefined;
  #demand: Demand | undefined = undefined;
  /** Why nothing begins any more. */
  #stopped: Error | undefined = undefined;

  constructor(service: ServiceRuntime) {
    this.#service = service;
    const { jitter, misfire = "skip" } = service.definition.options;
    const policy = misfire === "all" ? makeUpForAll : misfire;
    this.#entry = service.host.scheduler.add({
      recurrence: recurrenceOf(service),
      jitter: jitter === undefined ? 0 : parseDuration(jitter, "jitter"),
      misfire: policy,
      target: this,
    });
    this.#shared = sharedTicks(service, this.#entry, reason => this.#abortUnderWay(reason));
  }

  get running(): number {
    return (this.#run === undefined ? 0 : 1) + (this.#demand?.others.size ?? 0);
  }

  get waiting(): number {
    return this.#demand?.waiting ?? 0;
  }

  get underWay(): string | undefined {
    return this.running === 0 ? undefined : "a run has not returned";
  }

  get pokes(): number {
    return this.#demand?.callers ?? 0;
  }

  get nextRun(): number | undefined {
    return this.#entry?.nextDue();
  }

  get entry(): ScheduleEntry | undefined {
    return this.#entry;
  }

  /** Milliseconds from one tick to the next; of a cron expression, from the coming one. */
  get rhythm(): number | undefined {
    const recurrence = recurrenceOf(this.#service);
    if (recurrence.kind === "interval") return recurrence.every;
    const [first, second] = this.#entry?.explainNext(2) ?? [];
    return first === undefined || second === undefined ? undefined : second.at - first.at;
  }

  /** When the runs under way last showed progress, on the monotonic clock. */
  get busySince(): number | undefined {
    return this.#run === undefined ? undefined : this.#service.history.lastProgress;
  }

  /** Takes up a changed interval, from the last due time. */
  replan(): void {
    this.#entry?.replan(recurrenceOf(this.#service));
  }

  /** The scheduler's call. */
  onDue(scheduledAt: number, missed: number): void {
    if (this.#shared === undefined) this.#fallDue(scheduledAt, missed);
    else void this.#shared.take(scheduledAt).then(taken => taken && this.#entry !== undefined && this.#fallDue(scheduledAt, missed));
  }

  #fallDue(scheduledAt: number, missed: number): void {
    if (missed > 0) this.#service.record.skippedTicks += missed;
    if (this.#run !== undefined) {
      const { overlap = "skip", misfire } = this.#service.definition.options;
      // So many ticks that found a run still going are made up for, one after the other.
      const catchUp = misfire === "all" ? makeUpForAll.all : typeof misfire === "object" ? misfire.all : 0;
      if (overlap !== "allow" && catchUp > 0 && this.wants.backlog.length < catchUp) {
        this.wants.backlog.push(scheduledAt);
        return;
      }
      if (overlap === "skip") {
        this.wants.skipped += 1 + missed;
        this.#service.record.skippedTicks++;
        return;
      }
      if (overlap === "queue") {
        if (this.#demand?.shared !== undefined) this.#demand.shared.missed += 1 + missed;
        this.enqueue(false, scheduledAt, missed).promise.catch(() => {}); // noted where it ran
        return;
      }
    }
    this.begin(false, scheduledAt, missed)?.catch(() => {}); // noted where it ran
  }

  /** Asks for a run that begins after now, and resolves or rejects with it. */
  poke(): Promise<void> {
    return this.answered(this.isFreeForPoke ? this.promise(true, undefined, 0) : this.enqueue(true, undefined, 0).promise);
  }

  /** Asks for a run that nobody shares. It waits for the one under way, unless runs may overlap. */
  batch(): Promise<void> {
    if (this.#run === undefined || this.mayOverlap) return this.answered(this.promise(false, undefined, 0));
    const waiting = newWaitingRun(false, undefined, 0);
    this.wants.batches.push(waiting);
    return this.answered(waiting.promise);
  }

  pause(): void {
    this.#entry?.cancel();
    this.#entry = undefined;
    if (this.#demand === undefined) return;
    this.#demand.backlog.length = 0;
    if (this.#demand.shared?.poked === false) this.#demand.shared = undefined; // a tick, for which nobody waits
  }

  abortRuns(reason: Error): void {
    this.pause();
    this.#stopped ??= reason;
    const demand = this.#demand;
    if (demand !== undefined) {
      demand.shared?.reject(reason);
      demand.shared = undefined;
      for (const { reject } of demand.batches.splice(0)) reject(reason);
    }
    this.#abortUnderWay(reason);
  }

  #abortUnderWay(reason: Error): void {
    for (const run of [this.#run, ...(this.#demand?.others ?? [])]) run?.abort(reason);
  }

  async end(reason: Error): Promise<void> {
    this.abortRuns(reason);
    await this.#shared?.close();
    while (this.#run !== undefined) await this.#service.nextChange();
  }

  private get wants(): Demand {
    return (this.#demand ??= new Demand());
  }

  private get mayOverlap(): boolean {
    return this.#service.definition.options.overlap === "allow";
  }

  /** Where runs may overlap, a poke waits for the poked run before it alone. */
  private get isFreeForPoke(): boolean {
    return this.#run === undefined || (this.mayOverlap && this.#demand?.poked === undefined);
  }

  private async answered(run: Promise<void>): Promise<void> {
    const demand = this.wants;
    demand.callers++;
    try {
      await run;
    } finally {
      demand.callers--;
    }
  }

  private enqueue(poked: boolean, scheduledAt: number | undefined, missed: number): WaitingRun {
    const shared = (this.wants.shared ??= newWaitingRun(poked, scheduledAt, missed));
    shared.poked ||= poked;
    return shared;
  }

  /** {@link begin} for those who await it. */
  private promise(poked: boolean, scheduledAt: number | undefined, missed: number): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    const elsewhere = this.#shared?.elsewhere();
    if (elsewhere !== undefined) return Promise.reject(elsewhere);
    return this.begin(poked, scheduledAt, missed) ?? Promise.resolve();
  }

  /** Begins a run. `undefined` where it has ended already. */
  private begin(poked: boolean, scheduledAt: number | undefined, missed: number): Promise<void> | undefined {
    const service = this.#service;
    const context = new ExecutionContext(service, ++service.record.runs, scheduledAt, missed + (this.#demand?.skipped ?? 0));
    if (this.#demand !== undefined) this.#demand.skipped = 0;
    if (this.#run !== undefined) this.wants.others.add(this.#run);
    this.#run = context;
    if (poked) this.wants.poked = context;
    if (this.#shared !== undefined) context.fence = this.#shared.fence;
    if (service.host.measuring) context.beganAt = service.host.clock.monotonic();
    try {
      const result = service.host.ambientFlow ? runInContext(context, invoke, service, poked) : invoke(context, service, poked);
      if (isThenable(result) || context.scope !== undefined) return this.settle(context, result);
      this.ended(context);
      return undefined;
    } catch (error) {
      if (context.scope !== undefined) return this.settle(context, Promise.reject(error));
      this.failed(context, error);
      return Promise.reject(error);
    }
  }

  private async settle(context: ExecutionContext, result: unknown): Promise<void> {
    const service = this.#service;
    service.record.lastProgress = service.host.clock.monotonic(); // so that a run which stops getting on is noticed
    try {
      await result;
    } catch (error) {
      if (context.scope !== undefined) await endScope(service, context.scope);
      this.failed(context, error);
      throw error;
    }
    if (context.scope !== undefined) await endScope(service, context.scope);
    this.ended(context);
  }

  private failed(context: ExecutionContext, error: unknown): void {
    const service = this.#service;
    if (this.#stopped === undefined || !isAbort(error, this.#stopped)) {
      service.record.failedRuns++;
      service.record.runFailures++;
      service.noteError(error);
      service.logger.error("A run failed", { run: context.run, error });
    }
    this.left(context);
  }

  private ended(context: ExecutionContext): void {
    this.#service.record.failedRuns = 0;
    this.left(context);
  }

  private left(context: ExecutionContext): void {
    context.end();
    const service = this.#service;
    const demand = this.#demand;
    if (demand === undefined || !demand.others.delete(context)) this.#run = undefined;
    if (this.#run === undefined && demand !== undefined) this.promote(demand.others);
    service.noteActivity();
    if (context.beganAt !== undefined) (service.record.runDurations ??= new DurationHistogram()).observe(service.host.clock.monotonic() - context.beganAt);
    if (demand !== undefined) this.beginNext(demand, context);
    service.workChanged();
  }

  /** Another run under way takes the place of the one that has ended. */
  private promote(others: Set<ExecutionContext>): void {
    for (const other of others) {
      others.delete(other);
      this.#run = other;
      return;
    }
  }

  /** Begins what waits, as far as it may; in a loop, since runs that return no promise are over at once. */
  private beginNext(demand: Demand, ended: ExecutionContext): void {
    if (demand.poked === ended) demand.poked = undefined;
    if (demand.isBeginning) return;
    demand.isBeginning = true;
    while (this.beginOne(demand)) continue;
    demand.isBeginning = false;
  }

  /** The run that pokes wait for first, then batches, then ticks that are made up for. False where none may begin. */
  private beginOne(demand: Demand): boolean {
    const { shared } = demand;
    if (shared !== undefined && (shared.poked ? this.isFreeForPoke : this.#run === undefined)) {
      demand.shared = undefined;
      shared.resolve(this.promise(shared.poked, shared.scheduledAt, shared.missed));
      return true;
    }
    if (this.#run !== undefined) return false;
    const batch = demand.batches.shift();
    if (batch !== undefined) {
      batch.resolve(this.promise(false, undefined, 0));
      return true;
    }
    const due = demand.backlog.shift();
    if (due === undefined) return false;
    this.begin(false, due, 0)?.catch(() => {}); // noted where it ran
    return true;
  }
}

function newWaitingRun(poked: boolean, scheduledAt: number | undefined, missed: number): WaitingRun {
  return { ...Promise.withResolvers<void>(), poked, scheduledAt, missed };
}

/** May throw, where `then` is a getter that does. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (((typeof value === "object" && value !== null) || typeof value === "function") && typeof (value as { then?: unknown }).then === "function")
  );
}

/** One run's work: straight to the service's function where nothing stands in between. */
function invoke(context: ExecutionContext, service: ServiceRuntime, poked: boolean): unknown {
  const { behaviour, options } = service.definition;
  const run = (poked ? behaviour.triggerNow : undefined) ?? behaviour.execute;
  if (run === undefined) return undefined;
  const { interceptRun } = service.host;
  if (interceptRun === undefined && (options.lifetime ?? "singleton") === "singleton") return run(context, service.instance);
  const work = (): Promise<unknown> => withInstance(service, context, instance => run(context, instance));
  if (interceptRun === undefined) return work();
  return interceptRun({ service: service.name, run: context.run, scheduledAt: context.scheduledAt, signal: context.signal }, work);
}
