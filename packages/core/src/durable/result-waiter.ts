import { SoraError } from "../errors/sora-error.ts";
import type { Clock, ClockTimer } from "../time/clock.ts";
import type { DurableStore } from "./store/durable-store.ts";
import { isFinished } from "./store/stored-action.ts";
import type { StoredAction } from "./store/stored-action.ts";

/** Milliseconds between two looks at actions that another process may finish: this at first, growing up to {@link longestLook}. */
const shortestLook = 25;
const longestLook = 1_000;

interface Waiter {
  readonly answer: (action: StoredAction | undefined) => void;
  readonly refuse: (reason: SoraError) => void;
}

/** Waits for outcomes, of all who wait on this host together: a bell where the action ends here, else looks that grow rarer. */
export class ResultWaiter {
  readonly #store: DurableStore;
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Set<Waiter>>();
  /** Outcomes of actions that the store deletes with them. */
  readonly #expected = new Map<string, StoredAction>();
  readonly #listening: Disposable;
  #timer: ClockTimer | undefined = undefined;
  #pause = shortestLook;
  #looking = false;
  #again = false;
  #closed = false;

  constructor(store: DurableStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#listening = store.listen(bell => {
      if (bell.kind === "settled" && this.#waiting.size > 0 && (bell.ids === undefined || bell.ids.some(id => this.#waiting.has(id)))) void this.#look();
    });
  }

  /** The action with its outcome; `undefined` where it is not, or no longer, there. Rejects with the signal's reason, and with `SORA_HOST_NOT_RUNNING` from the end of the host's stop on. */
  wait(id: string, signal: AbortSignal | undefined): Promise<StoredAction | undefined> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      if (this.#closed) return reject(stopped(id));
      const waiters = this.#waiting.get(id) ?? new Set();
      const waiter: Waiter = {
        answer: action => {
          signal?.removeEventListener("abort", stop);
          resolve(action);
        },
        refuse: reason => {
          signal?.removeEventListener("abort", stop);
          reject(reason);
        },
      };
      const stop = (): void => {
        waiters.delete(waiter);
        if (waiters.size === 0) this.#leave(id);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", stop, { once: true });
      waiters.add(waiter);
      this.#waiting.set(id, waiters);
      this.#pause = shortestLook;
      void this.#look();
    });
  }

  /** What a run on this host has come to, where the store will keep nothing of it. */
  expect(action: StoredAction): void {
    this.#expected.set(action.id, action);
  }

  /** It has not come to that after all; where `action` is given, unless something else has been expected since. */
  forget(id: string, action: StoredAction | undefined = this.#expected.get(id)): void {
    if (this.#expected.get(id) === action) this.#expected.delete(id);
  }

  /** @throws SoraError `SORA_HOST_NOT_RUNNING` where nobody is answered any more. */
  checkOpen(id: string): void {
    if (this.#closed) throw stopped(id);
  }

  /** Whether somebody waits for it. */
  awaits(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Asks the store once, and answers those whose action has ended. Rejects where the store does not answer. */
  async answerEnded(): Promise<void> {
    const ids = [...this.#waiting.keys()];
    if (ids.length === 0) return;
    const found = new Map((await this.#store.actions.get(ids)).map(action => [action.id, action]));
    for (const id of ids) {
      const action = found.get(id) ?? this.#expected.get(id);
      if (action === undefined || isFinished(action.state)) this.#answer(id, action);
    }
  }

  /** Refuses whoever waits still, and whoever comes after. */
  dispose(): void {
    this.#closed = true;
    this.#listening[Symbol.dispose]();
    this.#timer?.cancel();
    for (const [id, waiters] of this.#waiting) for (const { refuse } of waiters) refuse(stopped(id));
    this.#waiting.clear();
    this.#expected.clear();
  }

  async #look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    let failed = false;
    this.#timer?.cancel();
    try {
      do {
        this.#again = false;
        await this.answerEnded();
      } while (this.#again);
    } catch {
      failed = true; // the store is away, and may have rung meanwhile
    }
    this.#looking = false;
    if (this.#closed || this.#waiting.size === 0 || (!this.#store.shared && !failed)) return;
    this.#timer = this.#clock.setTimer(() => void this.#look(), this.#pause);
    this.#pause = Math.min(this.#pause * 1.5, longestLook);
  }

  #answer(id: string, action: StoredAction | undefined): void {
    const waiters = this.#waiting.get(id);
    if (waiters === undefined) return;
    this.#leave(id);
    for (const { answer } of waiters) answer(action);
  }

  /** Nobody waits for it any more, so that nobody would fetch what is kept of it. */
  #leave(id: string): void {
    this.#waiting.delete(id);
    this.#expected.delete(id);
  }
}

function stopped(id: string): SoraError {
  return new SoraError("SORA_HOST_NOT_RUNNING", `Cannot wait for the result of stored action ${id}: the host has stopped.`, {
    details: { id },
    fix: "Ask for it by its id on a host that runs and shares the store: `host.actions.receipt(id).result()`.",
  });
}
