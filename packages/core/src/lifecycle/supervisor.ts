import { SoraError } from "../errors/sora-error.ts";
import { describeError } from "../errors/describe-error.ts";
import { ExecutionContext } from "../actions/execution-context.ts";
import { runInContext } from "../host/ambient.ts";
import { decideRestart, noRestarts, restartPolicy } from "./restart-policy.ts";
import type { RestartHistory } from "./restart-policy.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { ServiceWork } from "./service-work.ts";

/**
 * Runs a background service's `execute`, and runs it again when it throws: after a growing delay, within a budget, and once the dependencies it waits for
 * are there. One that returns is completed.
 */
export class Supervisor implements ServiceWork {
  readonly #service: ServiceRuntime;
  readonly #stop = new AbortController();
  #history: RestartHistory = noRestarts;
  #run: ExecutionContext | undefined = undefined;
  #ended: Promise<void> = Promise.resolve();
  readonly running = 0;
  readonly waiting = 0;
  readonly nextRun: undefined = undefined;

  constructor(service: ServiceRuntime) {
    this.#service = service;
  }

  /** Begins; returns at once. The service is `starting` and becomes `running` before this returns. */
  begin(): void {
    this.#ended = this.#supervise();
  }

  pause(): void {}

  async end(reason: Error): Promise<void> {
    this.#stop.abort(reason);
    this.#run?.abort(reason);
    await this.#ended;
  }

  async #supervise(): Promise<void> {
    const service = this.#service;
    const { clock } = service.host;
    for (;;) {
      const context = new ExecutionContext(service, ++service.record.runs, undefined, 0);
      this.#run = context;
      service.move("started", since => ({ phase: "running", since }));
      const began = clock.monotonic();
      service.record.lastProgress = began;
      try {
        await (service.host.ambientFlow ? runInContext(context, invoke, service, undefined) : invoke(context, service));
        if (service.state.phase === "running") service.move("returned", since => ({ phase: "completed", since }));
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) return this.#leftOnStop(error);
        if (!(await this.#recover(error, clock.monotonic() - began))) return;
      } finally {
        this.#run = undefined;
        service.record.loop = undefined;
      }
    }
  }

  /** An `execute` that throws its signal's reason, or anything it caused, when it is told to stop has stopped well. */
  #leftOnStop(error: unknown): void {
    const reason = this.#stop.signal.reason as unknown;
    const expected = error === reason || (error instanceof Error && (error.name === "AbortError" || error.cause === reason)) || SoraError.is(error, "SORA_ACTION_CANCELLED");
    if (expected) return;
    this.#service.noteError(error);
    this.#service.logger.warn("The service threw while it stopped", { error });
  }

  /** Waits as long as the policy says; true where the service is `starting` again. */
  async #recover(error: unknown, worked: number): Promise<boolean> {
    const service = this.#service;
    const { clock, chance } = service.host;
    service.noteError(error);
    service.record.runFailures++;
    const decision = decideRestart(restartPolicy(service.definition.options.restart), this.#history, {
      now: clock.monotonic(),
      worked,
      dependency: this.#dependencyIsAway(error),
      chance: chance.next(),
    });
    this.#history = decision.history;
    const failure = new SoraError("SORA_SERVICE_FAILED", `Service ${service.name} failed: ${describeError(error)}`, { details: { service: service.name }, cause: error });
    if (decision.kind === "give up") {
      service.logger.error("The service failed for good: its restart budget is spent", { error, restarts: decision.history.restarts.length });
      service.move("failed", since => ({ phase: "failed", since, error: failure }));
      service.host.serviceFailed(service, failure);
      return false;
    }
    const at = Math.round(clock.now() + decision.delay);
    service.logger.warn(`The service failed and is started again in ${Math.round(decision.delay)} ms`, { error, attempt: decision.attempt });
    service.move("retry", since => ({ phase: "restarting", since, at, attempt: decision.attempt, error: failure }));
    try {
      await clock.sleep(decision.delay, this.#stop.signal);
      await this.#dependenciesAreBack();
    } catch {
      return false; // told to stop meanwhile
    }
    service.record.restarts++;
    service.move("start", since => ({ phase: "starting", since }));
    return true;
  }

  #dependencyIsAway(error: unknown): boolean {
    return SoraError.is(error, "SORA_DEPENDENCY_UNAVAILABLE") || this.#service.host.failingDependencies(this.#service).length > 0;
  }

  /** Waits while a health contributor that the service names in `dependsOn` reports unhealthy. */
  async #dependenciesAreBack(): Promise<void> {
    const service = this.#service;
    const { clock } = service.host;
    for (let delay = 500; ; delay = Math.min(delay * 2, 15_000)) {
      await service.host.probeDependencies(service, this.#stop.signal);
      this.#stop.signal.throwIfAborted();
      const failing = service.host.failingDependencies(service);
      if (failing.length === 0) return;
      service.logger.info(`The service waits for ${failing.join(", ")}`);
      await clock.sleep(delay, this.#stop.signal);
    }
  }
}

/** The long `execute`; a service without one waits for its stop. */
function invoke(context: ExecutionContext, service: ServiceRuntime): unknown {
  const { execute } = service.definition.behaviour;
  const work = (): unknown => (execute === undefined ? aborted(context.signal) : execute(context, service.instance));
  const { interceptRun } = service.host;
  return interceptRun === undefined ? work() : interceptRun({ service: service.name, run: context.run, scheduledAt: undefined, signal: context.signal }, async () => work());
}

function aborted(signal: AbortSignal): Promise<void> | undefined {
  return signal.aborted ? undefined : new Promise(resolve => signal.addEventListener("abort", () => resolve(), { once: true }));
}
