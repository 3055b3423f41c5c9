import type { EventEnvelope } from "./event-envelope.ts";
import type { PendingEmit } from "./pending-emit.ts";

/** What happens to an event when the subscriber's queue is full: it is dropped, the oldest waiting one is, or the emitter waits for room. */
export type Overflow = "drop-newest" | "drop-oldest" | "wait";

/** An event waiting for one subscriber. */
export class Delivery {
  readonly args: unknown;
  readonly envelope: EventEnvelope;
  /** The emit that waits for it. */
  readonly pending: PendingEmit;
  /** The room's own: who comes after, and where it stands. */
  next: Delivery | undefined = undefined;
  state: "queued" | "held" | "gone" = "queued";

  constructor(args: unknown, envelope: EventEnvelope, pending: PendingEmit) {
    this.args = args;
    this.envelope = envelope;
    this.pending = pending;
  }
}

/**
 * Where one subscriber's events wait their turn: a queue of `capacity` places, and with `"wait"` those whose emitters
 * hold them until a place is free. First in, first out; it holds no more memory than what is in it.
 */
export class WaitingRoom {
  readonly #capacity: number;
  readonly #overflow: Overflow;
  readonly #onOverflow: (lost: EventEnvelope) => void;
  readonly #queue = new Line();
  readonly #held = new Line();
  #holding = 0;

  /** `onOverflow` is called for each event that is lost for want of room. */
  constructor(capacity: number, overflow: Overflow, onOverflow: (lost: EventEnvelope) => void) {
    this.#capacity = capacity;
    this.#overflow = overflow;
    this.#onOverflow = onOverflow;
  }

  get size(): number {
    return this.#queue.size + this.#holding;
  }

  /** Whether one more may come: only `"drop-newest"` ever turns one away, and counts it. */
  admits(envelope: EventEnvelope): boolean {
    if (this.#overflow !== "drop-newest" || this.#queue.size < this.#capacity) return true;
    this.#onOverflow(envelope);
    return false;
  }

  /** Takes in an event that it admits, at the cost of the oldest with `"drop-oldest"`. */
  add(delivery: Delivery): void {
    if (this.#queue.size >= this.#capacity) {
      if (this.#overflow === "wait") {
        this.#hold(delivery);
        return;
      }
      this.#lose(this.#queue.shift());
    }
    this.#queue.push(delivery);
  }

  /** The event whose turn it is. */
  take(): Delivery | undefined {
    const delivery = this.#queue.shift();
    if (delivery === undefined) return undefined;
    delivery.state = "gone";
    this.#promote();
    return delivery;
  }

  #promote(): void {
    while (this.#queue.size < this.#capacity) {
      const delivery = this.#held.shift();
      if (delivery === undefined) return;
      if (delivery.state !== "held") continue;
      delivery.state = "queued";
      this.#holding--;
      this.#queue.push(delivery);
    }
  }

  /** Keeps `delivery` until there is a place, or until its emit stops waiting. */
  #hold(delivery: Delivery): void {
    delivery.state = "held";
    this.#held.push(delivery);
    this.#holding++;
    delivery.pending.onGiveUp(() => {
      if (delivery.state !== "held") return;
      this.#holding--;
      this.#lose(delivery);
      // Time limits are all alike, so those that gave up are at the front.
      while (this.#held.first?.state === "gone") this.#held.shift();
    });
  }

  #lose(delivery: Delivery | undefined): void {
    if (delivery === undefined) return;
    delivery.state = "gone";
    this.#onOverflow(delivery.envelope);
    delivery.pending.done();
  }
}

class Line {
  first: Delivery | undefined = undefined;
  #last: Delivery | undefined = undefined;
  size = 0;

  push(delivery: Delivery): void {
    if (this.#last === undefined) this.first = delivery;
    else this.#last.next = delivery;
    this.#last = delivery;
    this.size++;
  }

  shift(): Delivery | undefined {
    const first = this.first;
    if (first === undefined) return undefined;
    this.first = first.next;
    if (this.first === undefined) this.#last = undefined;
    first.next = undefined;
    this.size--;
    return first;
  }
}
