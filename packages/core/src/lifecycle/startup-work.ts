import { SoraError } from "../errors/sora-error.ts";
import { describeError } from "../errors/describe-error.ts";
import { ExecutionContext } from "../actions/execution-context.ts";
import { runInContext } from "../host/ambient.ts";
import { withInstance } from "./work-instance.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { ServiceWork } from "./service-work.ts";

/** How long a startup service has, and which setting says so. */
export interface StartupLimit {
  /** Milliseconds. */
  readonly time: number;
  readonly setting: "timeoutSeconds" | "StartupTimeoutSeconds";
}

/** A startup service's one run. */
export class StartupWork implements ServiceWork {
  readonly #service: ServiceRuntime;
  /** The run, and after it has returned too: what it left going ends with the service. */
  #run: ExecutionContext | undefined = undefined;
  #isRunning = false;
  #ended: Promise<unknown> = Promise.resolve();
  #giveUp: ((reason: Error) => void) | undefined = undefined;
  readonly running = 0;
  readonly waiting = 0;
  readonly nextRun: undefined = undefined;

  constructor(service: ServiceRuntime) {
    this.#service = service;
  }

  get underWay(): string | undefined {
    return this.#isRunning ? "execute has not returned" : undefined;
  }

  /**
   * Runs the service to its end. Past its limit, and when the service is stopped meanwhile, the run's signal is aborted and this rejects, whether the run heeds
   * the signal or not.
   *
   * @throws SoraError `SORA_STARTUP_TIMEOUT`, or `SORA_STARTUP_FAILED` with what the service threw as its cause; the reason of the stop.
   */
  async begin({ time, setting }: StartupLimit): Promise<void> {
    const service = this.#service;
    const { clock, ambientFlow } = service.host;
    if (time <= 0) throw timedOut(service, "could not begin: the time of all startup services together is over", time, setting);
    const context = new ExecutionContext(service, ++service.record.runs, undefined, 0);
    this.#run = context;
    this.#isRunning = true;
    const running = (async () => {
      try {
        await (ambientFlow ? runInContext(context, invoke, service, undefined) : invoke(context, service));
      } finally {
        this.#isRunning = false;
        context.end();
      }
    })();
    this.#ended = running.catch(() => {});
    const { promise: cutShort, reject } = Promise.withResolvers<never>();
    const timer = clock.setTimer(() => {
      const error = timedOut(service, `did not finish within ${Math.round(time)} ms`, time, setting);
      context.abort(error);
      reject(error);
    }, time);
    this.#giveUp = reject;
    try {
      await Promise.race([running.catch((error: unknown) => Promise.reject(failed(service, error))), cutShort]);
      service.noteActivity();
    } catch (error) {
      context.abort(error); // so that what the run left going ends too
      service.record.runFailures++;
      throw error;
    } finally {
      timer.cancel();
      this.#giveUp = undefined;
    }
  }

  pause(): void {}

  async end(reason: Error): Promise<void> {
    this.#run?.abort(reason);
    this.#giveUp?.(reason);
    await this.#ended;
  }
}

function timedOut(service: ServiceRuntime, what: string, time: number, setting: StartupLimit["setting"]): SoraError {
  return new SoraError("SORA_STARTUP_TIMEOUT", `Startup service ${service.name} ${what} (${setting}).`, {
    details: { service: service.name, timeout: time, setting },
  });
}

function failed(service: ServiceRuntime, error: unknown): SoraError {
  return new SoraError("SORA_STARTUP_FAILED", `Startup service ${service.name} failed: ${describeError(error)}`, {
    details: { service: service.name },
    cause: error,
  });
}

function invoke(context: ExecutionContext, service: ServiceRuntime): unknown {
  const { execute } = service.definition.behaviour;
  const { interceptRun } = service.host;
  const work = (): Promise<unknown> => withInstance(service, context, instance => execute?.(context, instance));
  return interceptRun === undefined ? work() : interceptRun({ service: service.name, run: context.run, scheduledAt: undefined, signal: context.signal }, work);
}
