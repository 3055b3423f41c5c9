import { ExecutionContext } from "../actions/execution-context.ts";
import { isThenable } from "../actions/is-thenable.ts";
import { runInContext } from "../host/ambient.ts";
import { DurationHistogram } from "../observe/duration-histogram.ts";
import { parseDuration } from "../time/duration.ts";
import { recurrenceOf } from "./effective-options.ts";
import { isAbort } from "./is-abort.ts";
import { decideOverlap, misfirePolicy } from "./overlap-policy.ts";
import { performRun } from "./periodic-run.ts";
import { RunDemand } from "./run-demand.ts";
import { sharedTicks } from "./shared-ticks.ts";
import { endScope } from "./work-instance.ts";
import type { SoraError } from "../errors/sora-error.ts";
import type { ScheduleEntry } from "../schedule/schedule-entry.ts";
import type { SharedTicks } from "./shared-ticks.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { ServiceWork } from "./service-work.ts";

/**
 * Makes a periodic service's runs happen, by its schedule and by pokes. A poke is level-triggered: at least one full run begins after it, at most one runs
 * and one waits, and whoever poked may await that run. What a run throws is logged and counted; the next one happens all the same.
 */
export class PeriodicRunner implements ServiceWork {
  // Methods are `private` and fields `#`: a private method marks each object with a field more, and there may be a hundred thousand.
  readonly #service: ServiceRuntime;
  /** The run under way, where there is one; the latest of several. */
  #run: ExecutionContext | undefined = undefined;
  #entry: ScheduleEntry | undefined;
  /** What other hosts have a part in. */
  readonly #shared: SharedTicks | undefined;
  #demand: RunDemand | undefined = undefined;
  /** Why nothing begins any more. */
  #stopped: Error | undefined = undefined;

  constructor(service: ServiceRuntime) {
    this.#service = service;
    const { jitter, misfire } = service.definition.options;
    this.#entry = service.host.scheduler.add({
      recurrence: recurrenceOf(service),
      jitter: jitter === undefined ? 0 : parseDuration(jitter, "jitter"),
      misfire: misfirePolicy(misfire),
      target: this,
    });
    this.#shared = sharedTicks(service, this.#entry, reason => this.abortUnderWay(reason));
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

  get elsewhere(): SoraError | undefined {
    return this.#shared?.elsewhere();
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
    if (this.#shared === undefined) this.fallDue(scheduledAt, missed);
    else void this.#shared.take(scheduledAt).then(taken => taken && this.#entry !== undefined && this.fallDue(scheduledAt, missed));
  }

  private fallDue(scheduledAt: number, missed: number): void {
    const { record, definition } = this.#service;
    if (missed > 0) record.skippedTicks += missed;
    const { overlap = "skip", misfire } = definition.options;
    switch (this.#run === undefined ? "run" : decideOverlap(overlap, misfirePolicy(misfire), this.#demand?.madeUpFor ?? 0)) {
      case "run":
        this.begin(false, scheduledAt, missed)?.catch(() => {}); // noted where it ran
        break;
      case "make up":
        this.wants.makeUpFor(scheduledAt);
        break;
      case "queue":
        this.wants.queue(scheduledAt, missed);
        break;
      case "skip":
        this.wants.skipped += 1 + missed;
        record.skippedTicks++;
    }
  }

  /** Asks for a run that begins after now, and resolves or rejects with it. */
  poke(): Promise<void> {
    return this.answered(this.isFreeForPoke ? this.promise(true, undefined, 0) : this.wants.poke());
  }

  /** Asks for a run that nobody shares. It waits for the one under way, unless runs may overlap. */
  batch(): Promise<void> {
    if (this.#run === undefined || this.mayOverlap) return this.answered(this.promise(false, undefined, 0));
    return this.answered(this.wants.batch());
  }

  pause(): void {
    this.#entry?.cancel();
    this.#entry = undefined;
    this.#demand?.dropTicks();
  }

  abortRuns(reason: Error): void {
    this.pause();
    this.#stopped ??= reason;
    this.#demand?.refuse(reason);
    this.abortUnderWay(reason);
  }

  private abortUnderWay(reason: Error): void {
    for (const run of [this.#run, ...(this.#demand?.others ?? [])]) run?.abort(reason);
  }

  async end(reason: Error): Promise<void> {
    this.abortRuns(reason);
    await this.#shared?.close();
    while (this.#run !== undefined) await this.#service.nextChange();
  }

  private get wants(): RunDemand {
    return (this.#demand ??= new RunDemand());
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

  /** {@link begin} for those who await it. */
  private promise(poked: boolean, scheduledAt: number | undefined, missed: number): Promise<void> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    const { elsewhere } = this;
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
      const result = service.host.ambientFlow ? runInContext(context, performRun, service, poked) : performRun(context, service, poked);
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
  private beginNext(demand: RunDemand, ended: ExecutionContext): void {
    if (demand.poked === ended) demand.poked = undefined;
    if (demand.isBeginning) return;
    demand.isBeginning = true;
    const mayBegin = (poked: boolean): boolean => (poked ? this.isFreeForPoke : this.#run === undefined);
    for (let next = demand.take(mayBegin); next !== undefined; next = demand.take(mayBegin))
      next.resolve(this.promise(next.poked, next.scheduledAt, next.missed));
    demand.isBeginning = false;
  }
}
