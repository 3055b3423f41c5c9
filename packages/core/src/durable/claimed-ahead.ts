import type { RunningAction } from "./running-action.ts";

/** What waits here for room: the most urgent first, then in the order in which it was handed out. */
export class ClaimedAhead {
  readonly #waiting: RunningAction[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Since when, on the monotonic clock, the first of them has waited; Infinity where there is none. */
  get since(): number {
    return this.#waiting.reduce((first, { handed }) => Math.min(first, handed.at), Infinity);
  }

  /** The same of the one that begins next. */
  get nextSince(): number {
    return this.#waiting[0]?.handed.at ?? Infinity;
  }

  get ids(): readonly string[] {
    return this.#waiting.map(({ id }) => id);
  }

  add(one: RunningAction): void {
    let place = this.#waiting.length;
    while (place > 0 && (this.#waiting[place - 1] as RunningAction).claimed.priority < one.claimed.priority) place--;
    if (place === this.#waiting.length) this.#waiting.push(one);
    else this.#waiting.splice(place, 0, one);
  }

  take(): RunningAction | undefined {
    return this.#waiting.shift();
  }

  takeAll(): readonly RunningAction[] {
    return this.#waiting.splice(0);
  }

  /** Takes those named, as far as they are here. */
  takeThese(ids: ReadonlySet<string>): readonly RunningAction[] {
    const all = this.takeAll();
    this.#waiting.push(...all.filter(({ id }) => !ids.has(id)));
    return all.filter(({ id }) => ids.has(id));
  }
}
