import { ExecutionContext } from "../actions/execution-context.ts";
import { runInContext } from "../host/ambient.ts";
import { DurationHistogram } from "../observe/duration-histogram.ts";
import { parseDuration } from "../time/duration.ts";
import { recurrenceOf } from "./effective-options.ts";
import type { ScheduleEntry } from "../schedule/schedule-entry.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { ServiceWork } from "./service-work.ts";

/** The one run that waits while another is going, and everybody who awaits it. */
interface WaitingRun {
  readonly promise: Promise<void>;
  readonly resolve: (run: Promise<void>) => void;
  poked: boolean;
  scheduledAt: number | undefined;
  missed: number;
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
  /** The others, where runs may overlap and do. */
  #others: Set<ExecutionContext> | undefined = undefined;
  #backlog: number[] | undefined = undefined;
  #entry: ScheduleEntry | undefined;
  #waiting: WaitingRun | undefined = undefined;

  constructor(service: ServiceRuntime) {
    this.#service = service;
    const { jitter, misfire = "skip" } = service.definition.options;
    const policy = misfire === "all" ? makeUpForAll : misfire;
    this.#entry = service.host.scheduler.add({ recurrence: recurrenceOf(service), jitter: jitter === undefined ? 0 : parseDuration(jitter, "jitter"), misfire: policy, target: this });
  }

  get running(): number {
    return (this.#run === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  get waiting(): number {
    return (this.#waiting === undefined ? 0 : 1) + (this.#backlog?.length ?? 0);
  }

  get nextRun(): number | undefined {
    return this.#entry?.nextDue();
  }

  get entry(): ScheduleEntry | undefined {
    return this.#entry;
  }

  /** When the oldest run under way last showed progress, on the monotonic clock. */
  get busySince(): number | undefined {
    return this.#run === undefined ? undefined : this.#service.history.lastProgress;
  }

  /** Takes up a changed interval, from the last due time. */
  replan(): void {
    this.#entry?.replan(recurrenceOf(this.#service));
  }

  /** The scheduler's call. */
  onDue(scheduledAt: number, missed: number): void {
    if (missed > 0) this.#service.record.skippedTicks += missed;
    if (this.#run !== undefined) {
      const { overlap = "skip", misfire } = this.#service.definition.options;
      // So many ticks that found a run still going are made up for, one after the other.
      const catchUp = misfire === "all" ? makeUpForAll.all : typeof misfire === "object" ? misfire.all : 0;
      if (overlap !== "allow" && (this.#backlog?.length ?? 0) < catchUp) {
        (this.#backlog ??= []).push(scheduledAt);
        return;
      }
      if (overlap === "skip") {
        this.#service.record.skippedTicks++;
        return;
      }
      if (overlap === "queue") {
        this.enqueue(false, scheduledAt, missed).promise.catch(() => {}); // noted where it ran
        return;
      }
    }
    this.begin(false, scheduledAt, missed)?.catch(() => {}); // noted where it ran
  }

  /** Asks for a run that begins after now, and resolves or rejects with it. */
  poke(): Promise<void> {
    return this.#run === undefined ? (this.begin(true, undefined, 0) ?? Promise.resolve()) : this.enqueue(true, undefined, 0).promise;
  }

  pause(): void {
    this.#backlog = undefined;
    this.#entry?.cancel();
    this.#entry = undefined;
  }

  async end(reason: Error): Promise<void> {
    this.pause();
    for (const run of [this.#run, ...(this.#others ?? [])]) run?.abort(reason);
    while (this.#run !== undefined || this.#waiting !== undefined) {
      await new Promise<void>(resolve => {
        const unwatch = this.#service.watch(() => {
          unwatch();
          resolve();
        });
      });
    }
  }

  private enqueue(poked: boolean, scheduledAt: number | undefined, missed: number): WaitingRun {
    if (this.#waiting === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = { promise, resolve, poked, scheduledAt, missed };
    }
    this.#waiting.poked ||= poked;
    return this.#waiting;
  }

  /** Begins a run. `undefined` where it has ended already. */
  private begin(poked: boolean, scheduledAt: number | undefined, missed: number): Promise<void> | undefined {
    const service = this.#service;
    const context = new ExecutionContext(service, ++service.record.runs, scheduledAt, missed);
    if (this.#run !== undefined) (this.#others ??= new Set()).add(this.#run);
    this.#run = context;
    if (service.host.measuring) context.beganAt = service.host.clock.monotonic();
    this.noteProgress();
    try {
      const result = service.host.ambientFlow ? runInContext(context, invoke, service, poked) : invoke(context, service, poked);
      if (result instanceof Promise) return this.settle(context, result);
      this.ended(context);
      return undefined;
    } catch (error) {
      this.failed(context, error);
      return Promise.reject(error as Error);
    }
  }

  private async settle(context: ExecutionContext, result: Promise<unknown>): Promise<void> {
    try {
      await result;
    } catch (error) {
      this.failed(context, error);
      throw error;
    }
    this.ended(context);
  }

  private failed(context: ExecutionContext, error: unknown): void {
    const service = this.#service;
    service.record.failedRuns++;
    service.record.runFailures++;
    service.noteError(error);
    service.logger.error("A run failed", { run: context.run, error });
    this.left(context);
  }

  private ended(context: ExecutionContext): void {
    this.#service.record.failedRuns = 0;
    this.left(context);
  }

  private left(context: ExecutionContext): void {
    const service = this.#service;
    if (this.#others?.delete(context) !== true) this.#run = undefined;
    if (this.#run === undefined && this.#others !== undefined) this.promote(this.#others);
    service.noteActivity();
    if (context.beganAt !== undefined) (service.record.runDurations ??= new DurationHistogram()).observe(service.host.clock.monotonic() - context.beganAt);
    this.noteProgress();
    const waiting = this.#waiting;
    if (waiting !== undefined && this.#run === undefined) {
      this.#waiting = undefined;
      waiting.resolve(this.begin(waiting.poked, waiting.scheduledAt, waiting.missed) ?? Promise.resolve());
    } else if (this.#backlog !== undefined && this.#run === undefined) {
      const due = this.#backlog.shift();
      if (due !== undefined) this.begin(false, due, 0)?.catch(() => {}); // noted where it ran
    }
    service.workChanged();
  }

  /** Another run under way takes the place of the one that has ended. */
  private promote(others: Set<ExecutionContext>): void {
    const [other] = others;
    if (other === undefined) return;
    others.delete(other);
    this.#run = other;
  }

  /** Only services that say when a run counts as stalled are asked about it. */
  private noteProgress(): void {
    const service = this.#service;
    if (service.definition.options.stalledAfter !== undefined) service.record.lastProgress = service.host.clock.monotonic();
  }
}

/** One run's work: straight to the service's function where nothing stands in between. */
function invoke(context: ExecutionContext, service: ServiceRuntime, poked: boolean): unknown {
  const { behaviour, options } = service.definition;
  const run = (poked ? behaviour.triggerNow : undefined) ?? behaviour.execute;
  if (run === undefined) return undefined;
  const { interceptRun } = service.host;
  if (interceptRun === undefined && (options.lifetime ?? "singleton") === "singleton") return run(context, service.instance);
  const work = (): Promise<unknown> => service.withInstance(context, instance => run(context, instance));
  if (interceptRun === undefined) return work();
  return interceptRun({ service: service.name, run: context.run, scheduledAt: context.scheduledAt, signal: context.signal }, work);
}
