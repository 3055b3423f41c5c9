import { ExecutionContext } from "../actions/execution-context.ts";
import { runInContext } from "../host/ambient.ts";
import { parseDuration } from "../time/duration.ts";
import { recurrenceOf } from "./effective-options.ts";
import type { OverlapPolicy } from "../definition/service-options.ts";
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

/** How many missed ticks `misfire: "all"` makes up for at the most. */
const defaultCatchUp = 100;

/**
 * Makes a periodic service's runs happen, by its schedule and by pokes. A poke is level-triggered: at least one full run begins after it, at most one runs
 * and one waits, and whoever poked may await that run. What a run throws is logged and counted; the next one happens all the same.
 */
export class PeriodicRunner implements ServiceWork {
  readonly #service: ServiceRuntime;
  readonly #overlap: OverlapPolicy;
  /** How many ticks that found a run still going are made up for, one after the other. */
  readonly #catchUp: number;
  readonly #runs: ExecutionContext[] = [];
  #backlog: number[] | undefined = undefined;
  #entry: ScheduleEntry | undefined;
  #waiting: WaitingRun | undefined = undefined;
  /** Ticks that found a run still going and were skipped. */
  skipped = 0;

  constructor(service: ServiceRuntime) {
    this.#service = service;
    const { overlap = "skip", jitter, misfire = "skip" } = service.definition.options;
    const policy = misfire === "all" ? { all: defaultCatchUp } : misfire;
    this.#overlap = overlap;
    this.#catchUp = typeof policy === "object" ? policy.all : 0;
    this.#entry = service.host.scheduler.add({ recurrence: recurrenceOf(service), jitter: jitter === undefined ? 0 : parseDuration(jitter, "jitter"), misfire: policy, target: this });
  }

  get running(): number {
    return this.#runs.length;
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
    return this.#runs.length === 0 ? undefined : this.#service.lastProgress;
  }

  /** Takes up a changed interval, from the last due time. */
  replan(): void {
    this.#entry?.replan(recurrenceOf(this.#service));
  }

  /** The scheduler's call. */
  onDue(scheduledAt: number, missed: number): void {
    if (this.#runs.length > 0) {
      if (this.#overlap !== "allow" && (this.#backlog?.length ?? 0) < this.#catchUp) {
        (this.#backlog ??= []).push(scheduledAt);
        return;
      }
      if (this.#overlap === "skip") {
        this.skipped++;
        return;
      }
      if (this.#overlap === "queue") {
        this.#enqueue(false, scheduledAt, missed).promise.catch(() => {}); // noted where it ran
        return;
      }
    }
    this.#run(false, scheduledAt, missed)?.catch(() => {}); // noted where it ran
  }

  /** Asks for a run that begins after now, and resolves or rejects with it. */
  poke(): Promise<void> {
    return this.#runs.length === 0 ? (this.#run(true, undefined, 0) ?? Promise.resolve()) : this.#enqueue(true, undefined, 0).promise;
  }

  pause(): void {
    this.#backlog = undefined;
    this.#entry?.cancel();
    this.#entry = undefined;
  }

  async end(reason: Error): Promise<void> {
    this.pause();
    for (const run of [...this.#runs]) run.abort(reason);
    while (this.#runs.length > 0 || this.#waiting !== undefined) {
      await new Promise<void>(resolve => {
        const unwatch = this.#service.watch(() => {
          unwatch();
          resolve();
        });
      });
    }
  }

  #enqueue(poked: boolean, scheduledAt: number | undefined, missed: number): WaitingRun {
    if (this.#waiting === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = { promise, resolve, poked, scheduledAt, missed };
    }
    this.#waiting.poked ||= poked;
    return this.#waiting;
  }

  /** Begins a run. `undefined` where it has ended already. */
  #run(poked: boolean, scheduledAt: number | undefined, missed: number): Promise<void> | undefined {
    const service = this.#service;
    const context = new ExecutionContext(service, ++service.runs, scheduledAt, missed);
    this.#runs.push(context);
    service.lastProgress = service.host.clock.monotonic();
    try {
      const result = service.host.ambientFlow ? runInContext(context, invoke, service, poked) : invoke(context, service, poked);
      if (result instanceof Promise) return this.#settle(context, result);
      this.#ended(context);
      return undefined;
    } catch (error) {
      this.#failed(context, error);
      return Promise.reject(error as Error);
    }
  }

  async #settle(context: ExecutionContext, result: Promise<unknown>): Promise<void> {
    try {
      await result;
    } catch (error) {
      this.#failed(context, error);
      throw error;
    }
    this.#ended(context);
  }

  #failed(context: ExecutionContext, error: unknown): void {
    const service = this.#service;
    service.failedRuns++;
    service.noteError(error);
    service.logger.error("A run failed", { run: context.run, error });
    this.#left(context);
  }

  #ended(context: ExecutionContext): void {
    this.#service.failedRuns = 0;
    this.#left(context);
  }

  #left(context: ExecutionContext): void {
    const service = this.#service;
    this.#runs.splice(this.#runs.indexOf(context), 1);
    service.noteActivity();
    service.lastProgress = service.host.clock.monotonic();
    const waiting = this.#waiting;
    if (waiting !== undefined && this.#runs.length === 0) {
      this.#waiting = undefined;
      waiting.resolve(this.#run(waiting.poked, waiting.scheduledAt, waiting.missed) ?? Promise.resolve());
    } else if (this.#backlog !== undefined && this.#runs.length === 0) {
      const due = this.#backlog.shift();
      if (due !== undefined) this.#run(false, due, 0)?.catch(() => {}); // noted where it ran
    }
    service.workChanged();
  }
}

/** One run's work: straight to the service's function where nothing stands in between. */
function invoke(context: ExecutionContext, service: ServiceRuntime, poked: boolean): unknown {
  const { behaviour, options } = service.definition;
  const run = (poked ? behaviour.triggerNow : undefined) ?? behaviour.execute;
  if (run === undefined) return undefined;
  const { interceptRun } = service.host;
  if (interceptRun === undefined && (options.lifetime ?? "singleton") === "singleton") return run(service.instance, context);
  const work = (): Promise<unknown> => service.withInstance(context, instance => run(instance, context));
  if (interceptRun === undefined) return work();
  return interceptRun({ service: service.name, run: context.run, scheduledAt: context.scheduledAt, signal: context.signal }, work);
}
