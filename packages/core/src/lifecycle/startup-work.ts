import { SoraError } from "../errors/sora-error.ts";
import { describeError } from "../errors/describe-error.ts";
import { ExecutionContext } from "../actions/execution-context.ts";
import { runInContext } from "../host/ambient.ts";
import type { ServiceRuntime } from "./service-runtime.ts";
import type { ServiceWork } from "./service-work.ts";

/** A startup service's one run. */
export class StartupWork implements ServiceWork {
  readonly #service: ServiceRuntime;
  #run: ExecutionContext | undefined = undefined;
  #ended: Promise<unknown> = Promise.resolve();
  readonly running = 0;
  readonly waiting = 0;
  readonly nextRun: undefined = undefined;

  constructor(service: ServiceRuntime) {
    this.#service = service;
  }

  /**
   * Runs the service to its end. `limit` is in milliseconds; past it the run's signal is aborted.
   *
   * @throws SoraError `SORA_STARTUP_TIMEOUT`, or `SORA_STARTUP_FAILED` with what the service threw as its cause.
   */
  async begin(limit: number): Promise<void> {
    const service = this.#service;
    const context = new ExecutionContext(service, ++service.record.runs, undefined, 0);
    this.#run = context;
    const running = (async () => (service.host.ambientFlow ? runInContext(context, invoke, service, undefined) : invoke(context, service)))();
    this.#ended = running.catch(() => {});
    let timer: { cancel(): void } | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = service.host.clock.setTimer(() => reject(new SoraError("SORA_STARTUP_TIMEOUT", `Startup service ${service.name} did not finish within ${limit} ms.`, { details: { service: service.name, timeout: limit } })), limit);
    });
    try {
      await Promise.race([running, timeout]);
      service.noteActivity();
    } catch (error) {
      const failure = SoraError.is(error, "SORA_STARTUP_TIMEOUT") ? error : new SoraError("SORA_STARTUP_FAILED", `Startup service ${service.name} failed: ${describeError(error)}`, { details: { service: service.name }, cause: error });
      context.abort(failure);
      service.record.runFailures++;
      throw failure;
    } finally {
      timer?.cancel();
    }
  }

  pause(): void {}

  async end(reason: Error): Promise<void> {
    this.#run?.abort(reason);
    await this.#ended;
  }
}

function invoke(context: ExecutionContext, service: ServiceRuntime): unknown {
  const { execute } = service.definition.behaviour;
  const { interceptRun } = service.host;
  const work = (): Promise<unknown> => service.withInstance(context, instance => execute?.(context, instance));
  return interceptRun === undefined ? work() : interceptRun({ service: service.name, run: context.run, scheduledAt: undefined, signal: context.signal }, work);
}
