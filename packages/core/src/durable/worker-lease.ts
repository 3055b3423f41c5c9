import { describeError } from "../errors/describe-error.ts";
import { settlesWithin } from "../time/within.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ClockTimer } from "../time/clock.ts";
import type { DurableStore } from "./store/durable-store.ts";

/** Renewals in one lease: two may fail before it is over. */
const beatsPerLease = 3;
/** Of the lease, at its end, in which it no longer counts as held: the store's clock began to count when the renewal arrived, ours when it was sent, but both may drift. */
const margin = 0.1;
/** Milliseconds the store has for its word where the lease is over by our own clock. */
const lastWord = 750;

export interface WorkerLeaseParts {
  readonly host: HostKernel;
  readonly store: DurableStore;
  /** What this worker can run. Where that changes, others hear of it with the next renewal. */
  readonly queues: () => readonly string[];
  /** Whether it runs anything: an idle worker of a store that nobody shares has no lease to keep. */
  readonly busy: () => boolean;
  readonly onLost: () => void;
  readonly onCancelled: (ids: readonly string[]) => void;
}

/**
 * The one lease for everything a worker runs, renewed on the event loop: a loop that is blocked for longer than the lease has lost it, and finds out within a second of turning
 * again. Whether the lease is still good is measured from the sending of the last renewal, on the monotonic clock.
 */
export class WorkerLease {
  readonly #parts: WorkerLeaseParts;
  #id: string | undefined = undefined;
  #joining: Promise<string> | undefined = undefined;
  /** What the store was told that it can run. */
  #told: readonly string[] = [];
  #telling: Promise<void> | undefined = undefined;
  #provenAt = 0;
  #timer: ClockTimer | undefined = undefined;
  #ended = false;
  #beating = false;

  constructor(parts: WorkerLeaseParts) {
    this.#parts = parts;
  }

  /** The worker's id, under which it is registered. Rejects where the store does. */
  hold(): Promise<string> {
    if (this.#id !== undefined) return Promise.resolve(this.#id);
    return (this.#joining ??= this.#join().finally(() => {
      this.#joining = undefined;
    }));
  }

  /** The worker's id while it is registered. */
  get id(): string | undefined {
    return this.#id;
  }

  /** Whether it is over by our own clock, though the store has yet to have its word. */
  get isOver(): boolean {
    return this.#parts.host.clock.monotonic() > this.#goodUntil;
  }

  /** The store has said of this worker that it is held no longer. */
  lose(id: string | undefined = this.#id): void {
    if (this.#id === undefined || this.#id !== id) return;
    this.#id = undefined;
    this.#parts.onLost();
  }

  /** Renews no more; takes leave where nothing runs that others would then run beside it. */
  async end(leave: boolean): Promise<void> {
    this.#ended = true;
    this.#timer?.cancel();
    const id = this.#id;
    this.#id = undefined;
    await this.#telling; // which would bring back what has left
    if (id !== undefined && leave) await this.#parts.store.actions.leave(id);
  }

  async #join(): Promise<string> {
    const { host, store } = this.#parts;
    const id = host.ids.next();
    const sent = host.clock.monotonic();
    this.#told = this.#parts.queues();
    await store.actions.join({ id, node: host.name, queues: this.#told });
    this.#id = id;
    this.#provenAt = sent;
    this.#arm(sent);
    return id;
  }

  /** Milliseconds between two renewals. */
  pause(): number {
    return this.#parts.store.lease / beatsPerLease;
  }

  /** For the next renewal, a pause after `since`; at once where that is over. */
  #arm(since: number): void {
    const { clock } = this.#parts.host;
    this.#timer?.cancel();
    if (!this.#ended) this.#timer = clock.setTimer(() => void this.#beat(), Math.max(0, since + this.pause() - clock.monotonic()), true);
  }

  async #beat(): Promise<void> {
    const { store, busy } = this.#parts;
    if (this.#beating || this.#ended) return;
    this.#beating = true;
    if (this.#id !== undefined && (store.shared || busy())) await this.#keep(this.#id);
    else if (this.#id !== undefined) await this.#rest(this.#id);
    this.#beating = false;
    if (this.#id !== undefined) this.#arm(this.#parts.host.clock.monotonic());
  }

  /** Renews, and again where no answer comes: one request that is lost on its way does not cost the lease. */
  async #keep(id: string): Promise<void> {
    while (this.#id === id && !this.#ended && !(await this.#renew(id))) continue;
  }

  /** False where it has had no answer, and the lease is not over. */
  async #renew(id: string): Promise<boolean> {
    const { host, store } = this.#parts;
    const sent = host.clock.monotonic();
    const over = this.isOver;
    const heard = store.actions.renew(id).then(answer => this.#hear(id, sent, answer));
    heard.catch(() => {}); // it may come after nobody waits any more
    const patience = over ? lastWord : Math.max(lastWord, Math.min(this.pause(), this.#goodUntil - sent));
    try {
      if (await settlesWithin(host.clock, heard, patience)) await heard;
      else if (!this.isOver) return false;
      else if (this.#id === id) this.#expire("the store does not answer");
    } catch (error) {
      if (over && this.#id === id) this.#expire(describeError(error));
    }
    return true;
  }

  /** Until when, on the monotonic clock, it counts as held. */
  get #goodUntil(): number {
    return this.#provenAt + this.#parts.store.lease * (1 - margin);
  }

  #hear(id: string, sent: number, { held, cancelled }: { readonly held: boolean; readonly cancelled: readonly string[] }): void {
    if (this.#id !== id) return; // lost meanwhile, by a turn's answer
    if (!held) return this.lose();
    this.#provenAt = Math.max(this.#provenAt, sent);
    if (cancelled.length > 0) this.#parts.onCancelled(cancelled);
    this.#tell(id);
  }

  /** Has the store know what it can run, where that has changed. One telling after the other, so that the last one counts. */
  #tell(id: string): void {
    const queues = this.#parts.queues();
    const isKnown = queues.length === this.#told.length && queues.every((queue, index) => queue === this.#told[index]);
    if (isKnown || this.#telling !== undefined) return;
    this.#telling = this.#rejoin(id, queues).finally(() => (this.#telling = undefined));
  }

  async #rejoin(id: string, queues: readonly string[]): Promise<void> {
    const { host, store } = this.#parts;
    const until = this.#goodUntil;
    try {
      await store.actions.join({ id, node: host.name, queues });
      if (this.#ended) return;
      if (this.#id === id && host.clock.monotonic() <= until) {
        this.#told = queues;
        return;
      }
      // What took so long may have brought back a worker that had been taken for lost, whose actions others have: no renewal would ever say so.
      this.lose(id);
      await store.actions.leave(id);
    } catch (error) {
      host.logger.debug(`The store could not be told what this worker can run: ${describeError(error)}`, { error });
    }
  }

  #expire(why: string): void {
    this.#parts.host.logger.warn(`The worker's lease is over: ${why}. What it runs is aborted, and tried again`, { worker: this.#id });
    this.lose();
  }

  /** Nothing is run and nobody else is there: it joins again when it has work. */
  async #rest(id: string): Promise<void> {
    this.#id = undefined;
    await this.#parts.store.actions.leave(id).catch(() => {}); // it ends by itself too
  }
}
