import { describeError } from "../../errors/describe-error.ts";
import { SoraError } from "../../errors/sora-error.ts";
import type { Trace } from "./trace.ts";

/** One call the driver made, and what became of it. */
export interface CallRecord {
  readonly id: number;
  readonly action: string;
  readonly priority: number;
  /** Milliseconds; `undefined` without a timeout. */
  readonly timeout: number | undefined;
  readonly correlationId: string;
  readonly madeAt: number;
  starts: number;
  settlements: number;
  ended: boolean;
  outcome: string | undefined;
  signal: AbortSignal | undefined;
}

/** One action's limit, and what the handlers themselves saw of it. */
interface ActionRecord {
  readonly concurrency: number | undefined;
  running: number;
}

/** One periodic service, as its own runs saw it. */
interface RunRecord {
  readonly mayOverlap: boolean;
  running: number;
  begun: number;
  finished: number;
}

/** One subscriber's view: the last number of each emitter it was given. */
interface SubscriberRecord {
  readonly last: Map<string, number>;
  delivered: number;
}

/**
 * What services and driver saw, written down by themselves and not by the framework, and the sentences that must hold of it. A sentence that does not is a violation.
 */
export class Ledger {
  readonly #trace: Trace;
  readonly calls: CallRecord[] = [];
  readonly actions: Map<string, ActionRecord> = new Map<string, ActionRecord>();
  readonly runs: Map<string, RunRecord> = new Map<string, RunRecord>();
  readonly subscribers: Map<string, SubscriberRecord> = new Map<string, SubscriberRecord>();
  /** Services under way that go on though their signal has aborted. */
  readonly deaf: Set<string> = new Set<string>();
  readonly violations: string[] = [];
  readonly instances: Map<string, { made: number; disposed: number }> = new Map<string, { made: number; disposed: number }>();
  /** Set when the host has stopped: nothing of its may begin after. */
  stopped = false;
  /** The state of a service, as the host tells. */
  stateOf: (service: string) => string = () => "";

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  violate(sentence: string): void {
    this.#trace.note(`VIOLATION ${sentence}`);
    this.violations.push(sentence);
  }

  callMade(call: Omit<CallRecord, "starts" | "settlements" | "ended" | "outcome" | "signal">): CallRecord {
    const record: CallRecord = { ...call, starts: 0, settlements: 0, ended: false, outcome: undefined, signal: undefined };
    this.calls.push(record);
    this.#trace.note(`call ${call.id} ${call.action} priority ${call.priority} timeout ${String(call.timeout)}`);
    return record;
  }

  callSettled(call: CallRecord, error: unknown): void {
    call.settlements++;
    call.outcome = error === undefined ? "ok" : SoraError.is(error) ? error.code : describeError(error);
    this.#trace.note(`call ${call.id} settled ${call.outcome}`);
    if (call.outcome === "SORA_SERVICE_UNAVAILABLE" && call.starts > 0)
      this.violate(`call ${call.id} had begun and was cut off by a stop that had time to wait`);
    if (call.settlements > 1) this.violate(`call ${call.id} settled ${call.settlements} times`);
    if (call.outcome === "SORA_ACTION_TIMEOUT" && call.starts > 0 && !call.ended && call.signal?.aborted === false)
      this.violate(`call ${call.id} timed out and its signal is not aborted`);
  }

  /** The handler of a call begins. `borrowed`: inside a call that holds the slot. */
  handlerBegan(action: string, id: number, signal: AbortSignal, correlationId: string, now: number): void {
    const call = this.calls[id];
    if (call === undefined) return this.violate(`a handler of ${action} got call ${id}, which nobody made`);
    call.starts++;
    call.signal = signal;
    this.#trace.note(`call ${id} begins`);
    const state = this.stateOf(action);
    if (state === "stopped" || state === "failed" || state === "disabled") this.violate(`call ${id} began while ${action} was ${state}`);
    if (call.starts > 1) this.violate(`call ${id} ran ${call.starts} times`);
    if (correlationId !== call.correlationId) this.violate(`call ${id} has correlation id ${correlationId}, not ${call.correlationId}`);
    const record = this.actions.get(action);
    if (record === undefined) return;
    record.running++;
    if (record.concurrency === undefined) return;
    if (record.running > record.concurrency) this.violate(`${action} runs ${record.running} at once, and may run ${record.concurrency}`);
    const passed = this.calls.find(
      other =>
        other.action === action && other.starts === 0 && other.settlements === 0 && other.madeAt < now && call.madeAt < now && other.priority > call.priority,
    );
    if (passed !== undefined) this.violate(`call ${id} of priority ${call.priority} began before call ${passed.id} of priority ${passed.priority}`);
  }

  handlerEnded(action: string, id: number): void {
    const record = this.actions.get(action);
    if (record !== undefined) record.running--;
    const call = this.calls[id];
    if (call !== undefined) call.ended = true;
    this.#trace.note(`call ${id} ends`);
  }

  runBegan(service: string): void {
    const record = this.runs.get(service) as RunRecord;
    record.begun++;
    record.running++;
    this.#trace.note(`run ${service} ${record.begun} begins`);
    if (this.stopped) this.violate(`a run of ${service} began after the host had stopped`);
    if (record.running > 1 && !record.mayOverlap) this.violate(`${service} runs ${record.running} times at once`);
  }

  runEnded(service: string): void {
    const record = this.runs.get(service) as RunRecord;
    record.running--;
    record.finished++;
    this.#trace.note(`run ${service} ends`);
  }

  deafBegan(service: string): void {
    this.#trace.note(`${service} begins`);
    if (this.stopped) this.violate(`${service} began after the host had stopped`);
    if (this.deaf.has(service)) this.violate(`${service} began beside its last life`);
    this.deaf.add(service);
  }

  deafEnded(service: string): void {
    this.#trace.note(`${service} ends`);
    this.deaf.delete(service);
  }

  /** A poke was answered: a run that began no earlier must have begun, and ended. */
  pokeAnswered(service: string, begunBefore: number): void {
    const record = this.runs.get(service) as RunRecord;
    this.#trace.note(`poke of ${service} answered`);
    if (record.begun <= begunBefore) this.violate(`a poke of ${service} was answered though no run began after it`);
  }

  eventHandled(subscriber: string, emitter: string, number: number): void {
    const record = this.subscribers.get(subscriber) as SubscriberRecord;
    record.delivered++;
    const last = record.last.get(emitter) ?? 0;
    this.#trace.note(`${subscriber} handles ${emitter} ${number}`);
    if (number <= last) this.violate(`${subscriber} was given ${emitter} ${number} after ${last}`);
    record.last.set(emitter, number);
  }

  instanceMade(service: string): void {
    const counts = this.instances.get(service) ?? { made: 0, disposed: 0 };
    counts.made++;
    this.instances.set(service, counts);
  }

  instanceDisposed(service: string): void {
    const counts = this.instances.get(service) as { made: number; disposed: number };
    counts.disposed++;
    if (counts.disposed > counts.made) this.violate(`${service} was disposed of ${counts.disposed} times and made ${counts.made} times`);
  }

  /** What must hold once nothing new has come for long enough that all work has ended. */
  checkQuiet(): void {
    for (const call of this.calls) if (call.settlements === 0) this.violate(`call ${call.id} of ${call.action} was not answered though all was quiet`);
  }

  /** What must hold of a stop as it ends, whatever ignores it: it took no longer than it had, and names what goes on, and no other. True where nothing else is to blame. */
  checkStop(took: number, limit: number, culprits: readonly string[]): boolean {
    if (took > limit + 1_000) this.violate(`the stop took ${took} ms, and had ${limit}`);
    const named = new Set(culprits.map(culprit => culprit.slice(0, culprit.indexOf(":"))));
    for (const service of this.deaf) if (!named.has(service)) this.violate(`${service} goes on after the stop, which does not name it`);
    return [...named].every(name => this.deaf.has(name));
  }

  /** What must hold once the host has stopped in time. */
  checkEnd(clean: boolean): void {
    if (!clean) return;
    for (const call of this.calls) {
      if (call.settlements === 0) this.violate(`call ${call.id} of ${call.action} was never answered`);
      if (call.starts > 0 && !call.ended) this.violate(`call ${call.id} of ${call.action} was still running when its host had stopped`);
    }
    for (const [service, run] of this.runs) if (run.running !== 0) this.violate(`${run.running} runs of ${service} were under way when its host had stopped`);
    for (const [service, { made, disposed }] of this.instances)
      if (made !== disposed) this.violate(`${service} was made ${made} times and disposed of ${disposed} times`);
  }
}
