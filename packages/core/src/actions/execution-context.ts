import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { PeriodicObserver } from "../time/periodic-timer.ts";
import type { RunContext } from "./run-context.ts";
import { WorkContext } from "./work-context.ts";

/** One run of a service: its long `execute`, its startup work, or a periodic run. */
export class ExecutionContext extends WorkContext implements RunContext {
  readonly run: number;
  readonly scheduledAt: number | undefined;
  readonly missed: number;
  fence: number | undefined = undefined;
  /** Monotonic time of its begin, where somebody measures. */
  beganAt: number | undefined = undefined;
  #controller: AbortController | undefined = undefined;
  #abortReason: unknown = undefined;
  #aborted = false;
  #ended = false;

  constructor(runtime: ServiceRuntime, run: number, scheduledAt: number | undefined, missed: number) {
    super(runtime, undefined);
    this.run = run;
    this.scheduledAt = scheduledAt;
    this.missed = missed;
  }

  protected override get endsScope(): boolean {
    return true;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  override get ended(): boolean {
    return this.#ended;
  }

  /** Says that the run is over. */
  end(): void {
    this.#ended = true;
  }

  protected override noteProgress(): void {
    this.runtime.noteProgress();
  }

  protected override watchLoop(period: number): PeriodicObserver {
    return this.runtime.watchLoop(period);
  }

  override get endsByItself(): boolean {
    return this.runtime.kind !== "background";
  }

  override get startsService(): boolean {
    return this.runtime.kind === "startup" && this.runtime.state.phase === "starting";
  }

  override get holdsUpStart(): boolean {
    return this.startsService && this.host.starting;
  }

  /** A long-running `execute` makes calls that have nothing to do with each other; a periodic run is one story. */
  override flowingCorrelationId(): string | undefined {
    return this.runtime.kind === "background" ? undefined : this.correlationId;
  }
}
