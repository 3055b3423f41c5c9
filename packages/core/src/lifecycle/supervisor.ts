import { SoraError } from "../errors/sora-error.ts";
import { describeError } from "../errors/describe-error.ts";
import { ExecutionContext } from "../actions/execution-context.ts";
import { runInContext } from "../host/ambient.ts";
import { untilAborted } from "../time/until-aborted.ts";
import { isAbort } from "./is-abort.ts";
import { decideRestart, noRestarts, restartPolicy } from "./restart-policy.ts";
import { endScope } from "./work-instance.ts";
import type { RestartHistory } from "./restart-policy.ts";
import type { SingletonHolder } from "../durable/singleton-holder.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { ServiceWork } from "./service-work.ts";

/** How long a service waits between two looks at a dependency that is away: first this, doubling up to {@link longestLook}. */
const firstLook = 500;
const longestLook = 15_000;

/**
 * Runs a background service's `execute`, and runs it again when it throws: after a growing delay, within a budget, and once the dependencies it waits for
 * are there. One that returns is completed. Once paused it begins no run, and leaves it to whoever stops the service to say so.
 */
export class Supervisor implements ServiceWork {
  readonly #service: ServiceRuntime;
  /** By which it runs on one host of many. */
  readonly #holder: SingletonHolder | undefined;
  #history: RestartHistory = noRestarts;
  #run: ExecutionContext | undefined = undefined;
  #ended: Promise<void> = Promise.resolve();
  #paused = false;
  /** Ends the wait before a restart; there is one only while it waits. */
  #wait: AbortController | undefined = undefined;
  readonly running = 0;
  readonly waiting = 0;
  readonly nextRun: undefined = undefined;

  constructor(service: ServiceRuntime) {
    this.#service = service;
    this.#holder = service.definition.options.singleton === true ? service.host.durable.current?.cluster?.hold(service.name) : undefined;
  }

  get underWay(): string | undefined {
    return this.#run === undefined ? undefined : "execute has not returned";
  }

  /** Begins; returns at once. The service is `starting` and becomes `running` before this returns. */
  begin(): void {
    this.#ended = this.#supervise();
  }

  pause(): void {
    this.#paused = true;
    this.#wait?.abort();
  }

  async end(reason: Error): Promise<void> {
    this.pause();
    this.#run?.abort(reason);
    await this.#ended;
    await this.#holder?.close();
  }

  async #supervise(): Promise<void> {
    const service = this.#service;
    const { clock } = service.host;
    for (;;) {
      const context = new ExecutionContext(service, ++service.record.runs, undefined, 0);
      this.#run = context;
      service.move("started", "running");
      const began = clock.monotonic();
      service.record.lastProgress = began;
      const failure = await this.#perform(context);
      if (context.scope !== undefined) await endScope(service, context.scope);
      this.#run = undefined;
      context.end();
      if (this.#paused) return this.#leftOnStop(context, failure);
      service.record.loop = undefined;
      if (SoraError.is(context.signal.reason, "SORA_LEASE_LOST")) {
        this.#standAside(context.signal.reason);
        continue;
      }
      if (failure === undefined) return service.move("returned", "completed");
      if (!(await this.#recover(failure.error, clock.monotonic() - began))) return;
    }
  }

  /** Runs `execute` to its end; of a singleton once it is this host's turn, and as long as it is. */
  async #perform(context: ExecutionContext): Promise<Failed | undefined> {
    const service = this.#service;
    const work = (): unknown => (service.host.ambientFlow ? runInContext(context, invoke, service, undefined) : invoke(context, service));
    const holder = this.#holder;
    if (holder === undefined) return settled(work);
    return settled(async () => {
      const lease = await holder.held(context.signal);
      context.fence = lease.token;
      const unwatch = holder.onLost(reason => context.abort(reason));
      try {
        await work();
      } finally {
        unwatch();
      }
    });
  }

  /** Another host has taken over: this one waits for its turn again, which is no failure. */
  #standAside(reason: SoraError): void {
    this.#retryAt(this.#service.host.clock.now(), 0, reason);
    this.#service.move("start", "starting");
  }

  /**
   * An `execute` that throws its signal's reason, or anything it caused, when it is told to stop has stopped well. One that throws by itself while its host drains is not
   * started again, but its actions still serve the calls that drain: so its state stays until its own stop.
   */
  #leftOnStop({ signal }: ExecutionContext, failure: Failed | undefined): void {
    if (failure === undefined && this.#service.state.phase === "running") this.#service.move("returned", "completed"); // while its host drains
    if (failure === undefined || (signal.aborted && isAbort(failure.error, signal.reason))) return;
    this.#service.noteError(failure.error);
    this.#service.logger.warn("The service threw while it stopped", { error: failure.error });
  }

  /** Waits as long as the policy says; true where the service is `starting` again. */
  async #recover(error: unknown, worked: number): Promise<boolean> {
    const service = this.#service;
    const { clock, chance } = service.host;
    const { dependencies } = service.host.health;
    service.noteError(error);
    service.record.runFailures++;
    const failure = new SoraError("SORA_SERVICE_FAILED", `Service ${service.name} failed: ${describeError(error)}`, {
      details: { service: service.name },
      cause: error,
    });
    const { signal } = (this.#wait = new AbortController());
    try {
      const watched = dependencies.of(service, error);
      if (watched.length > 0) {
        this.#retryAt(clock.now(), this.#history.streak + 1, failure); // it no longer runs, and asking may take a while
        await dependencies.probe(watched, signal);
        signal.throwIfAborted();
      }
      const failing = dependencies.failing(watched);
      const dependency = failing.length > 0 || SoraError.is(error, "SORA_DEPENDENCY_UNAVAILABLE");
      const decision = decideRestart(restartPolicy(service.definition.options.restart), this.#history, {
        now: clock.monotonic(),
        worked,
        dependency,
        chance: chance.next(),
      });
      this.#history = decision.history;
      if (decision.kind === "give up") {
        service.logger.error("The service failed for good: its restart budget is spent", { error, restarts: decision.history.restarts.length });
        service.move("failed", since => ({ phase: "failed", since, error: failure }));
        service.host.serviceFailed(service, failure);
        return false;
      }
      service.logger.warn(`The service failed and is started again in ${Math.round(decision.delay)} ms`, { error, attempt: decision.attempt });
      this.#retryAt(clock.now() + decision.delay, decision.attempt, failure);
      await clock.sleep(decision.delay, signal);
      await this.#untilBack(watched, decision.attempt, failure, signal);
    } catch (thrown) {
      if (signal.aborted) return false; // told to stop meanwhile
      throw thrown;
    } finally {
      this.#wait = undefined;
    }
    service.record.restarts++;
    service.move("start", "starting");
    return true;
  }

  #retryAt(at: number, attempt: number, error: SoraError): void {
    this.#service.move("retry", since => ({ phase: "restarting", since, at: Math.round(at), attempt, error }));
  }

  /** Waits while one of the health contributors that the service depends on fails. */
  async #untilBack(watched: readonly string[], attempt: number, error: SoraError, signal: AbortSignal): Promise<void> {
    if (watched.length === 0) return;
    const { clock } = this.#service.host;
    const { dependencies } = this.#service.host.health;
    for (let delay = firstLook; ; delay = Math.min(delay * 2, longestLook)) {
      await dependencies.probe(watched, signal);
      signal.throwIfAborted();
      const failing = dependencies.failing(watched);
      if (failing.length === 0) return;
      this.#service.logger.info(`The service waits for ${failing.join(", ")}`);
      this.#retryAt(clock.now() + delay, attempt, error);
      await clock.sleep(delay, signal);
    }
  }
}

interface Failed {
  readonly error: unknown;
}

/** Runs `work` to its end; what it threw, or `undefined`. */
async function settled(work: () => unknown): Promise<Failed | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** The long `execute`; a service without one waits for its stop. */
function invoke(context: ExecutionContext, service: ServiceRuntime): unknown {
  const { execute } = service.definition.behaviour;
  const work = (): unknown => (execute === undefined ? untilAborted(context.signal) : execute(context, service.instance));
  const { interceptRun } = service.host;
  return interceptRun === undefined
    ? work()
    : interceptRun({ service: service.name, run: context.run, scheduledAt: undefined, signal: context.signal }, async () => work());
}
