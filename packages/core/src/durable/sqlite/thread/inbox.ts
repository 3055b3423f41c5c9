import { receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import type { Requests } from "./group-commit.ts";
import { unpackRequest } from "./packed-turn.ts";
import type { ShortSleep } from "./short-sleep.ts";
import type { ThreadRequest } from "./thread-protocol.ts";
import { signals } from "./thread-protocol.ts";

/** What a thread has been asked and has not answered. It takes up what is asked while it is read, so that a transaction under way is joined, and waits a moment for what is about to be. */
export class Inbox implements Requests {
  readonly #port: MessagePort;
  readonly #signal: Int32Array;
  readonly #sleep: ShortSleep;
  #requests: ThreadRequest[] = [];

  constructor(port: MessagePort, signal: Int32Array, sleep: ShortSleep) {
    this.#port = port;
    this.#signal = signal;
    this.#sleep = sleep;
  }

  get length(): number {
    return this.#requests.length;
  }

  at(index: number): ThreadRequest | undefined {
    const woken = Atomics.load(this.#signal, signals.wake); // before looking, as ever
    if (index >= this.#requests.length) this.take();
    if (index >= this.#requests.length && this.#sleep.whileAsked(woken, signals.more)) this.take();
    return this.#requests[index];
  }

  /** Takes up everything that has been asked by now. */
  take(): void {
    for (let message = receiveMessageOnPort(this.#port); message !== undefined; message = receiveMessageOnPort(this.#port))
      for (const request of message.message as readonly ThreadRequest[]) this.#requests.push(unpackRequest(request));
  }

  /** The first of them are answered, and no longer in it. */
  drop(count: number): readonly ThreadRequest[] {
    return this.#requests.splice(0, count);
  }
}
