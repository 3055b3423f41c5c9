import { isThenable } from "../actions/is-thenable.ts";
import { LossLog } from "./loss-log.ts";
import { Delivery, WaitingRoom } from "./waiting-room.ts";
import type { DeliveryLedger } from "./delivery-ledger.ts";
import type { EventEnvelope } from "./event-envelope.ts";
import type { PendingEmit } from "./pending-emit.ts";
import type { Subscription, SubscriptionStats } from "./subscription.ts";
import type { Overflow } from "./waiting-room.ts";

export interface EventSubscriptionOptions {
  /** Begun in the order of emission, `concurrency` at a time. What it throws or rejects with is logged and counted. */
  readonly handler: (args: unknown, envelope: EventEnvelope) => unknown;
  /** Asked at the emission; false keeps the event from the subscriber, and so does throwing, which counts as a failure. */
  readonly filter?: ((args: unknown) => boolean) | undefined;
  /** End after the first event that passes the filter: exactly one is handled. Default false. */
  readonly once?: boolean | undefined;
  /** Default `"drop-newest"`. With `"wait"`, an event that finds no room within 30 s is dropped after all. */
  readonly overflow?: Overflow | undefined;
  /** How many events may wait while others are handled. Default 1,024. */
  readonly capacity?: number | undefined;
  /** How many are handled at the same time. Default 1. */
  readonly concurrency?: number | undefined;
  /** Calls `fn` synchronously and returns its result, in the context in which the handler is to run. */
  readonly run?: (<T>(envelope: EventEnvelope, fn: () => T) => T) | undefined;
  /** Whose subscription it is; it comes back in failure reports. */
  readonly owner?: unknown;
}

/**
 * One subscriber: its queue, its policy, its counts. An idle subscriber's handler starts inside `emit`, and where it
 * returns no promise nothing is allocated.
 */
export class EventSubscription implements Subscription {
  readonly topic: string;
  readonly sequence: number;
  readonly overflow: Overflow;
  readonly capacity: number;
  readonly concurrency: number;
  readonly owner: unknown;
  readonly #ledger: DeliveryLedger;
  readonly #onDispose: (subscription: EventSubscription) => void;
  readonly #handler: EventSubscriptionOptions["handler"];
  readonly #filter: EventSubscriptionOptions["filter"];
  readonly #run: EventSubscriptionOptions["run"];
  readonly #once: boolean;
  // Made when an event first finds no handler free.
  #room: WaitingRoom | undefined = undefined;
  #drops: LossLog | undefined = undefined;
  #running = 0;
  #disposed = false;
  #idle: PendingEmit[] | undefined = undefined;
  #delivered = 0;
  #failed = 0;
  #dropped = 0;
  #filtered = 0;
  // A handler takes these as it begins, and one begins at a time: so what it gets can stand here instead of in a closure for each delivery.
  #args: unknown = undefined;
  #envelope: EventEnvelope | undefined = undefined;
  readonly #invoke = (): unknown => {
    const handler = this.#handler;
    return handler(this.#args, this.#envelope as EventEnvelope);
  };

  constructor(
    topic: string,
    sequence: number,
    options: EventSubscriptionOptions,
    ledger: DeliveryLedger,
    onDispose: (subscription: EventSubscription) => void,
  ) {
    this.topic = topic;
    this.sequence = sequence;
    this.overflow = options.overflow ?? "drop-newest";
    this.capacity = options.capacity ?? 1_024;
    this.concurrency = options.concurrency ?? 1;
    this.owner = options.owner;
    this.#ledger = ledger;
    this.#onDispose = onDispose;
    this.#handler = options.handler;
    this.#filter = options.filter;
    this.#run = options.run;
    this.#once = options.once ?? false;
  }

  /** Handlers under way. */
  get running(): number {
    return this.#running;
  }

  get stats(): SubscriptionStats {
    return { delivered: this.#delivered, failed: this.#failed, dropped: this.#dropped, filtered: this.#filtered, waiting: this.#room?.size ?? 0 };
  }

  /**
   * Takes an event, unless it is filtered, disposed of or out of room. Returns what the emit waits with: `pending` as it
   * was given, or made here, where the handler did not finish at once.
   */
  offer(args: unknown, envelope: EventEnvelope, pending: PendingEmit | undefined): PendingEmit | undefined {
    if (this.#disposed) return pending;
    if (this.#filter !== undefined) {
      if (!this.#passes(args, envelope)) return pending;
      if (this.#disposed) return pending; // by the filter itself, or by an emit inside it
    }
    if (this.#once) this.dispose();
    if (this.#running === this.concurrency) return this.#enqueue(args, envelope, pending); // only then does anything wait, so none is overtaken

    this.#running++;
    const result = this.#call(args, envelope);
    if (result !== undefined) {
      const emit = pending ?? this.#ledger.openEmit(envelope.service, envelope.event);
      emit.add();
      void this.#settle(result, envelope, emit);
      return emit;
    }
    this.#running--;
    this.#next();
    return pending;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#onDispose(this);
    if (this.#running > 0) this.#ledger.outlived.add(this);
    for (let delivery = this.#room?.take(); delivery !== undefined; delivery = this.#room?.take()) {
      this.#countDropped(delivery.envelope);
      delivery.pending.done();
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
    if (this.#running === 0) return;
    const idle = this.#ledger.open(() => {});
    idle.add();
    (this.#idle ??= []).push(idle);
    await idle.seal();
  }

  #passes(args: unknown, envelope: EventEnvelope): boolean {
    const filter = this.#filter as (args: unknown) => boolean;
    try {
      if (filter(args)) return true;
    } catch (thrown) {
      this.#fail("filter", envelope, thrown);
      return false;
    }
    this.#filtered++;
    this.#ledger.counts.filtered++;
    return false;
  }

  /** Runs the handler; its promise, or `undefined` where it has finished, well or not. */
  #call(args: unknown, envelope: EventEnvelope): PromiseLike<unknown> | undefined {
    try {
      let result: unknown;
      if (this.#run === undefined) {
        const handler = this.#handler;
        result = handler(args, envelope);
      } else {
        this.#args = args;
        this.#envelope = envelope;
        const run = this.#run;
        result = run(envelope, this.#invoke);
        this.#args = undefined;
        this.#envelope = undefined;
      }
      if (result !== undefined && isThenable(result)) return result;
      this.#delivered++;
      this.#ledger.counts.delivered++;
    } catch (thrown) {
      this.#args = undefined;
      this.#envelope = undefined;
      this.#fail("handler", envelope, thrown);
    }
    return undefined;
  }

  async #settle(result: PromiseLike<unknown>, envelope: EventEnvelope, pending: PendingEmit): Promise<void> {
    this.#ledger.enter();
    if (this.#disposed) this.#ledger.outlived.add(this);
    try {
      await result;
      this.#delivered++;
      this.#ledger.counts.delivered++;
    } catch (thrown) {
      this.#fail("handler", envelope, thrown);
    }
    pending.done();
    this.#running--;
    this.#next();
    this.#ledger.leave();
  }

  /** Goes on with what waits, or rests. */
  #next(): void {
    while (this.#running < this.concurrency) {
      const delivery = this.#room?.take();
      if (delivery === undefined) break;
      this.#running++;
      const result = this.#call(delivery.args, delivery.envelope);
      if (result !== undefined) {
        void this.#settle(result, delivery.envelope, delivery.pending);
        continue;
      }
      this.#running--;
      delivery.pending.done();
    }
    if (this.#running > 0) return;
    if (this.#disposed) this.#ledger.outlived.delete(this);
    if (this.#idle === undefined) return;
    for (const idle of this.#idle) idle.done();
    this.#idle = undefined;
  }

  #enqueue(args: unknown, envelope: EventEnvelope, pending: PendingEmit | undefined): PendingEmit | undefined {
    const room = (this.#room ??= new WaitingRoom(this.capacity, this.overflow, lost => this.#overflowed(lost)));
    if (!room.admits(envelope)) return pending;
    const emit = pending ?? this.#ledger.openEmit(envelope.service, envelope.event);
    emit.add();
    room.add(new Delivery(args, envelope, emit));
    return emit;
  }

  #overflowed(lost: EventEnvelope): void {
    this.#countDropped(lost);
    const count = (this.#drops ??= new LossLog(this.#ledger.clock)).count();
    if (count > 0) this.#ledger.reportDropped(this, count);
  }

  #countDropped(lost: EventEnvelope): void {
    this.#dropped++;
    this.#ledger.countDropped(lost);
  }

  #fail(part: "handler" | "filter", envelope: EventEnvelope, thrown: unknown): void {
    this.#failed++;
    this.#ledger.fail(part, this, envelope, thrown);
  }
}
