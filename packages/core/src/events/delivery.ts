import type { EventEnvelope } from "./event-envelope.ts";
import type { PendingEmit } from "./pending-emit.ts";

/** An event waiting for one subscriber. */
export class Delivery {
  readonly args: unknown;
  readonly envelope: EventEnvelope;
  /** The emit that waits for it. */
  readonly pending: PendingEmit;
  /** The queue's own. */
  next: Delivery | undefined = undefined;
  /** Where it stands: without a place in the queue yet, with one, or out of it. */
  state: "unplaced" | "queued" | "gone" = "queued";

  constructor(args: unknown, envelope: EventEnvelope, pending: PendingEmit) {
    this.args = args;
    this.envelope = envelope;
    this.pending = pending;
  }
}

/** First in, first out; it holds no more memory than what is in it. */
export class DeliveryQueue {
  #head: Delivery | undefined = undefined;
  #tail: Delivery | undefined = undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Delivery | undefined {
    return this.#head;
  }

  push(delivery: Delivery): void {
    if (this.#tail === undefined) this.#head = delivery;
    else this.#tail.next = delivery;
    this.#tail = delivery;
    this.#size++;
  }

  shift(): Delivery | undefined {
    const head = this.#head;
    if (head === undefined) return undefined;
    this.#head = head.next;
    if (this.#head === undefined) this.#tail = undefined;
    head.next = undefined;
    this.#size--;
    return head;
  }
}
