import type { CallContext } from "./call-context.ts";

/** The calls of one service that are under way, linked through the calls themselves: joining and leaving allocate nothing. */
export class CallList implements Iterable<CallContext> {
  size = 0;
  #first: CallContext | undefined = undefined;

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
  }

  /** A copy's iterator, so that calls may leave meanwhile. */
  [Symbol.iterator](): Iterator<CallContext> {
    const calls: CallContext[] = [];
    for (let call = this.#first; call !== undefined; call = call.next) calls.push(call);
    return calls.values();
  }
}
