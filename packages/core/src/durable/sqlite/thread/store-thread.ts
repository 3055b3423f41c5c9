import type { MessagePort, Worker } from "node:worker_threads";
import { describeError } from "../../../errors/describe-error.ts";
import { SoraError } from "../../../errors/sora-error.ts";
import { BriefWait } from "./brief-wait.ts";
import type { StoreBell } from "../../store/durable-store.ts";
import type { ThreadAnswers, ThreadMessage, ThreadRequest, ThreadSettings } from "./thread-protocol.ts";
import { errorOfThread, signals } from "./thread-protocol.ts";
import { packRequest, unpack } from "./packed-turn.ts";

export interface StoreThreadOptions extends Omit<ThreadSettings, "port" | "signal"> {
  readonly onBell: (bell: StoreBell) => void;
  /** It could not open its file, or has ended though nobody asked it to: it is of no more use. */
  readonly onGone: (thread: StoreThread) => void;
}

/** How many that are answered together hear of it before the others: what they ask next is on its way while these hear of theirs. */
const atOnce = 16;

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: SoraError) => void;
}

/**
 * A thread that works on the file, seen from outside. What is asked in one turn of the event loop is carried out together. The process is held open while something is being
 * waited for, and not by the thread itself.
 */
export class StoreThread {
  readonly opened: Promise<void>;
  readonly #options: StoreThreadOptions;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4 * Object.keys(signals).length));
  readonly #waiting: Waiting[] = [];
  readonly #wait = new BriefWait();
  readonly #exit: Promise<void>;
  #batch: ThreadRequest[] = [];
  /** Whether some are yet to hear of their answers in this turn of the event loop. */
  #isTelling = false;
  #open: Waiting | undefined;
  /** Why it can be asked no more. */
  #gone: SoraError | undefined;

  constructor(options: StoreThreadOptions) {
    this.#options = options;
    const { MessageChannel, Worker } = process.getBuiltinModule("node:worker_threads");
    const { port1, port2 } = new MessageChannel();
    const { onBell: _, onGone: __, ...settings } = options;
    this.#port = port1;
    this.#worker = new Worker(threadFile(), {
      workerData: { ...settings, port: port2, signal: this.#signal } satisfies ThreadSettings,
      transferList: [port2],
      execArgv: [], // what the program was started with, such as hooks that compile decorators, is of no use there
      name: "sora-sqlite",
    });
    this.#port.on("message", (message: ThreadMessage) => this.#hear(message));
    this.#worker.unref();
    this.opened = new Promise((resolve, reject) => (this.#open = { resolve, reject }));
    this.opened.catch(() => {}); // whoever asks hears of it as well
    this.#exit = new Promise(resolve => {
      let cause: unknown;
      this.#worker.once("error", error => (cause = error));
      this.#worker.once("exit", () => {
        this.#ended(cause);
        resolve();
      });
    });
  }

  /** Has a method of the port carried out. Rejects where that fails, or where the thread is gone. */
  ask(...request: ThreadRequest): Promise<unknown> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      const packed = packRequest(request); // which may throw
      if (this.#waiting.length === 0) {
        this.#port.ref();
        this.#wait.begin();
      }
      this.#waiting.push({ resolve, reject });
      this.#batch.push(packed);
      if (this.#batch.length === 1) process.nextTick(() => this.#send());
    });
  }

  /** How many listen to what other processes do. */
  set listeners(count: number) {
    Atomics.store(this.#signal, signals.listeners, count);
    this.#wake();
  }

  /** Resolves when everything asked before is done, and the file is closed. */
  async close(): Promise<void> {
    this.#gone ??= new SoraError("SORA_STORE_UNAVAILABLE", `Cannot use ${this.#options.name}: it is closed.`, {
      retryable: false,
      fix: "Ask before the store is disposed of.",
    });
    this.#send();
    Atomics.store(this.#signal, signals.closing, 1);
    this.#wake();
    this.#worker.ref();
    await this.#exit;
  }

  #send(): void {
    const batch = this.#batch;
    this.#batch = [];
    try {
      if (batch.length > 0) this.#port.postMessage(batch);
    } catch {
      this.#sendEach(batch);
    }
    Atomics.store(this.#signal, signals.more, this.#isTelling ? 1 : 0);
    this.#wake();
  }

  /** Something among them cannot be sent to a thread: the others go without it. */
  #sendEach(batch: readonly ThreadRequest[]): void {
    const waiting = this.#waiting.splice(this.#waiting.length - batch.length);
    for (const [index, request] of batch.entries()) {
      const asker = waiting[index] as Waiting;
      try {
        this.#port.postMessage([request]);
        this.#waiting.push(asker);
      } catch (cause) {
        const [part, method] = request;
        asker.reject(
          new SoraError(
            "SORA_STORE_UNAVAILABLE",
            `Cannot use ${this.#options.name}: what was given to ${part}.${method} is no plain data (${describeError(cause)}).`,
            {
              cause,
              retryable: false,
              fix: "Give texts and numbers, as the port says.",
            },
          ),
        );
      }
    }
    if (this.#waiting.length === 0) this.#port.unref();
  }

  #wake(): void {
    Atomics.add(this.#signal, signals.wake, 1);
    Atomics.notify(this.#signal, signals.wake);
  }

  #hear(message: ThreadMessage): void {
    if (!("opened" in message)) return this.#settle(message);
    if (message.opened !== undefined) return this.#leave(errorOfThread(message.opened));
    this.#open?.resolve(undefined as never);
    this.#open = undefined;
    if (this.#waiting.length === 0) this.#port.unref();
  }

  #settle({ values, errors, bells }: ThreadAnswers): void {
    if (values.length > 0) this.#wait.end();
    const answered = this.#waiting.splice(0, values.length);
    if (this.#waiting.length === 0) this.#port.unref();
    const tell = (from: number): void => {
      for (const [index, { resolve, reject }] of answered.slice(from, from + atOnce).entries()) {
        const error = errors.get(from + index);
        if (error === undefined) resolve(unpack(values[from + index]) as never);
        else reject(errorOfThread(error));
      }
      this.#isTelling = from + atOnce < answered.length;
      if (this.#isTelling) queueMicrotask(() => process.nextTick(tell, from + atOnce)); // once these have asked what follows at once
      else if (from > 0) queueMicrotask(() => process.nextTick(() => this.#send())); // once all has been asked that follows at once
    };
    tell(0);
    for (const bell of bells) this.#options.onBell(bell);
  }

  /** It can be asked no more, and answers nobody who still waits. */
  #leave(error: SoraError): void {
    const unanswered = [...(this.#open === undefined ? [] : [this.#open]), ...this.#waiting.splice(0)];
    this.#open = undefined;
    this.#batch = [];
    for (const { reject } of unanswered) reject(error);
    if (this.#gone !== undefined) return;
    this.#gone = error;
    this.#options.onGone(this);
  }

  #ended(cause: unknown): void {
    const { receiveMessageOnPort } = process.getBuiltinModule("node:worker_threads");
    for (let last = receiveMessageOnPort(this.#port); last !== undefined; last = receiveMessageOnPort(this.#port)) this.#hear(last.message as ThreadMessage);
    this.#port.close();
    const why = cause === undefined ? "" : ` (${describeError(cause)})`;
    this.#leave(
      new SoraError("SORA_STORE_UNAVAILABLE", `Cannot use ${this.#options.name}: its thread has ended${why}.`, {
        fix: "Ask again: the next call opens the file anew.",
        ...(cause !== undefined && { cause }),
      }),
    );
  }
}

/** The file of the thread's program. The package names it among its own imports, since it is somewhere else once the package is built. */
function threadFile(): string {
  return process
    .getBuiltinModule("node:module")
    .createRequire(import.meta.url)
    .resolve("#sqlite-thread");
}
