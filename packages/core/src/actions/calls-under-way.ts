import type { CallContext } from "./call-context.ts";

/** The calls of one service that are under way, linked through the calls themselves: joining and leaving allocate nothing. */
export class CallsUnderWay implements Iterable<CallContext> {
  size = 0;
  /** How many of them wait for a slot. */
  waiting = 0;
  #first: CallContext | undefined = undefined;
  #arrivals = 0;
  /** Those that a stop does not wait for. */
  #late: Set<CallContext> | undefined = undefined;

  add(call: CallContext): void {
    this.size++;
    call.next = this.#first;
    if (this.#first !== undefined) this.#first.previous = call;
    this.#first = call;
  }

  remove(call: CallContext): void {
    this.size--;
    const { previous, next } = call;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    call.previous = undefined;
    call.next = undefined;
    this.#late?.delete(call);
  }

  /** Whether none is under way that a stop waits for. */
  get drained(): boolean {
    return this.size === (this.#late === undefined ? 0 : this.#late.size);
  }

  /**
   * Notes a call that came while the service, or its host, was stopping. What draining calls and runs ask for is drained too; what a long `execute` goes on asking for
   * until it is told to end, and what calls and runs have left behind, is not waited for.
   */
  noteLate(call: CallContext): void {
    if (!call.origin().endsByItself || call.parent?.isLeftover === true) (this.#late ??= new Set()).add(call);
  }

  /** Counts a call as waiting until its turn comes, or it gives up. It gets its place among all that ever waited, from 0. */
  async whileWaiting(turn: (arrival: number) => Promise<void>): Promise<void> {
    this.waiting++;
    try {
      await turn(this.#arrivals++);
    } finally {
      this.waiting--;
    }
  }

  /** A copy's iterator, so that calls may leave meanwhile. */
  [Symbol.iterator](): Iterator<CallContext> {
    const calls: CallContext[] = [];
    for (let call = this.#first; call !== undefined; call = call.next) calls.push(call);
    return calls.values();
  }
}
