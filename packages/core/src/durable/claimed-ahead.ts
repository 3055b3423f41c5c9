import type { RunningAction } from "./running-action.ts";

/** An action that this host has, and has yet to begin. */
export interface HandedOut {
  readonly run: RunningAction;
  /** When it was handed out: on the store's clock, and on the monotonic one here. */
  readonly storeTime: number;
  readonly at: number;
}

/** What waits here for room: the most urgent first, then in the order in which it was handed out. */
export class ClaimedAhead {
  readonly #waiting: HandedOut[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Since when, on the monotonic clock, the first of them has waited; Infinity where there is none. */
  get since(): number {
    return this.#waiting.reduce((first, { at }) => Math.min(first, at), Infinity);
  }

  /** The same of the one that begins next. */
  get nextSince(): number {
    return this.#waiting[0]?.at ?? Infinity;
  }

  get ids(): readonly string[] {
    return this.#waiting.map(({ run }) => run.id);
  }

  add(one: HandedOut): void {
    let place = this.#waiting.length;
    while (place > 0 && (this.#waiting[place - 1] as HandedOut).run.claimed.priority < one.run.claimed.priority) place--;
    if (place === this.#waiting.length) this.#waiting.push(one);
    else this.#waiting.splice(place, 0, one);
  }

  take(): HandedOut | undefined {
    return this.#waiting.shift();
  }

  takeAll(): readonly HandedOut[] {
    return this.#waiting.splice(0);
  }

  /** Takes those named, as far as they are here. */
  takeThese(ids: ReadonlySet<string>): readonly HandedOut[] {
    const all = this.takeAll();
    this.#waiting.push(...all.filter(({ run }) => !ids.has(run.id)));
    return all.filter(({ run }) => ids.has(run.id));
  }
}
