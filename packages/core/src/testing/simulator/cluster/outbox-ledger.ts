import type { NewOutboxEntry, OutboxEntry, OutboxReport } from "../../../durable/store/outbox-store.ts";

/** One message, as the store has it. */
interface MessageRecord {
  readonly key: string | undefined;
  sent: boolean;
  reported: boolean;
}

/** What was written to the outbox, what was published and what the store was told of it, and what must hold of that. */
export class OutboxLedger {
  readonly #violate: (sentence: string) => void;
  /** By id, in the order of writing. */
  readonly #messages = new Map<string, MessageRecord>();
  readonly #ids = new Map<number, string>();
  #highestFence = -Infinity;
  #acknowledged = 0;

  constructor(violate: (sentence: string) => void) {
    this.#violate = violate;
  }

  appended(entries: readonly NewOutboxEntry[], answer: void): void {
    for (const { id, key } of entries) if (!this.#messages.has(id)) this.#messages.set(id, { key, sent: false, reported: false });
    return answer;
  }

  /** Somebody was told that his message is written. */
  acknowledged(): void {
    if (++this.#acknowledged > this.#messages.size) this.#violate("more messages were acknowledged than are written");
  }

  read(answer: readonly OutboxEntry[]): readonly OutboxEntry[] {
    for (const { id, sequence } of answer) {
      this.#ids.set(sequence, id);
      if (this.#messages.get(id)?.reported !== false) this.#violate(`message ${id} was read though it was reported, or never written`);
    }
    return answer;
  }

  /** A message goes out, from whichever host. */
  sent(id: string): void {
    const message = this.#messages.get(id);
    if (message === undefined) return this.#violate(`message ${id} was sent and never written`);
    if (message.sent) return; // once more
    message.sent = true;
    for (const [earlier, { key, sent }] of this.#messages) {
      if (earlier === id) return;
      if (key === message.key && !sent) this.#violate(`message ${id} of key ${key} was sent before ${earlier}, written before it`);
    }
  }

  reported({ fence, published }: OutboxReport, answer: boolean): boolean {
    if (!answer) return answer;
    if (fence < this.#highestFence) this.#violate(`a report with fence ${fence} counts after one with ${this.#highestFence}`);
    this.#highestFence = fence;
    for (const sequence of published) {
      const id = this.#ids.get(sequence) ?? "";
      const message = this.#messages.get(id);
      if (message?.sent !== true) this.#violate(`message ${id} was reported and never sent`);
      else message.reported = true;
    }
    return answer;
  }

  /** All is well, and has been for long enough that everything must have gone out. */
  checkSent(): void {
    for (const [id, { reported }] of this.#messages) if (!reported) this.#violate(`message ${id} has not gone out`);
  }
}
