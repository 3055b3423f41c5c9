import { SoraError } from "../errors/sora-error.ts";
import { settlesWithin } from "../time/within.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** What a stop could not bring to an end in time, in words. */
export type Culprit = string;

const nobody: readonly Culprit[] = Object.freeze([]);
/** Milliseconds a disposal gets, though the time is over already. */
const leastForDisposal = 100;

/**
 * Stops a service within `limit` milliseconds: no new run and no outside call begins, what is under way drains for up to `drain` milliseconds, then its calls and its
 * work are aborted, and its instance is disposed of. Returns what did not end in time. Calls count as over then, since their callers have been answered; where a run or
 * the disposal goes on, the service stays `stopping` until that has ended. Never rejects. One that is stopping already is waited for, for `limit` once more where its
 * time was over.
 */
export function stopService(service: ServiceRuntime, reason: string, limit: number, drain: number = limit * 0.6): Promise<readonly Culprit[]> {
  const { state, change } = service;
  service.noteStopAsked();
  if (state.phase === "stopped" || state.phase === "disabled") return Promise.resolve(nobody);
  if (change?.kind !== "stop") return new ServiceStop(service, reason).begin(limit, drain);
  return state.phase === "stopping" && state.remains !== undefined ? waitAgain(service, change.ended, limit) : change.done;
}

async function waitAgain(service: ServiceRuntime, ended: Promise<void>, limit: number): Promise<readonly Culprit[]> {
  await settlesWithin(service.host.clock, ended, limit);
  const { state } = service;
  return state.phase === "stopping" && state.remains !== undefined ? state.remains.map(what => `${service.name}: ${what}`) : nobody;
}

/** One stop, from its beginning until nothing of the service's life goes on. That may be never; whoever asked for the stop waits no longer than its limit. */
class ServiceStop {
  readonly #service: ServiceRuntime;
  readonly #reason: string;
  readonly #ended = Promise.withResolvers<void>();
  #isDisposing = false;

  constructor(service: ServiceRuntime, reason: string) {
    this.#service = service;
    this.#reason = reason;
  }

  begin(limit: number, drain: number): Promise<readonly Culprit[]> {
    const done = this.#run(limit, drain);
    this.#service.change = { kind: "stop", done, ended: this.#ended.promise };
    return done;
  }

  async #run(limit: number, drain: number): Promise<readonly Culprit[]> {
    const service = this.#service;
    const { work } = service;
    const { clock } = service.host;
    const deadline = clock.monotonic() + limit;
    const left = (): number => Math.max(0, deadline - clock.monotonic());
    const error = new SoraError("SORA_SERVICE_UNAVAILABLE", `Service ${service.name} stops: ${this.#reason}.`, {
      details: { service: service.name, reason: this.#reason },
    });
    const culprits = new Set<Culprit>();
    const blame = (what: string): void => void culprits.add(`${service.name}: ${what}`);
    service.move("stop", since => ({ phase: "stopping", since, reason: this.#reason }));
    work?.pause();
    if (drain > 0 && !service.drained) await settlesWithin(clock, service.whenDrained(), drain);
    for (const call of service.calls) call.abort(error);
    const ending = work?.end(error);
    if (!(await settlesWithin(clock, this.#ends(ending), left()))) {
      for (const call of service.calls) blame(`action ${call.action} has not finished`);
      for (const what of this.#remains()) blame(what);
      this.#noteOverdue(); // from now on not even what is left of its own work may call it
      for (const call of service.calls) call.abandon(error);
    }
    const disposal = this.#dispose();
    if (!(await settlesWithin(clock, disposal, Math.max(leastForDisposal, left())))) blame(disposalGoesOn);
    if (this.#remains().length === 0) {
      this.#finish();
    } else {
      this.#noteOverdue();
      void this.#finishLater(ending === undefined ? [disposal] : [ending, disposal]);
    }
    return [...culprits];
  }

  /** Resolves once the work has ended and the calls under way, those it made as its last act among them. */
  async #ends(work: Promise<void> | undefined): Promise<void> {
    await work;
    await this.#service.whenIdle();
  }

  async #dispose(): Promise<void> {
    this.#isDisposing = true;
    await this.#service.disposeInstance();
    this.#isDisposing = false;
  }

  /** What would overlap with the service's next life. */
  #remains(): string[] {
    const underWay = this.#service.work?.underWay;
    return [...(underWay === undefined ? [] : [underWay]), ...(this.#isDisposing ? [disposalGoesOn] : [])];
  }

  /** Takes what is left into the state, where anything is. */
  #noteOverdue(): void {
    const service = this.#service;
    const remains = this.#remains();
    const { state } = service;
    if (remains.length === 0 || (state.phase === "stopping" && String(state.remains) === String(remains))) return;
    service.move("overdue", () => ({ phase: "stopping", since: state.since, reason: this.#reason, remains }));
  }

  async #finishLater(parts: readonly Promise<void>[]): Promise<void> {
    const note = (): void => this.#noteOverdue();
    await Promise.allSettled(parts.map(part => part.then(note, note)));
    this.#finish();
    this.#service.logger.info("What was left of the service has ended: it is stopped now, and can be started again");
  }

  #finish(): void {
    const service = this.#service;
    service.work = undefined;
    service.change = undefined;
    service.move("stopped", "stopped");
    this.#ended.resolve();
  }
}

const disposalGoesOn = "its disposal has not finished";
