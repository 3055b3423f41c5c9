import { availableParallelism } from "node:os";
import { systemClock } from "../../../time/system-clock.ts";
import type { Clock } from "../../../time/clock.ts";

/** Milliseconds in which the next request comes where whoever asks does so again as soon as it is answered. */
const brisk = 0.4;
/** Milliseconds in which more is asked by whoever is about to. */
const about = 0.3;

/**
 * How a thread waits for its next request. Falling asleep and being woken takes longer than most requests; so where requests follow each other closely it first keeps looking for as long as
 * it takes to ask again. It does not where the last one took longer than that to come, nor where there is but one processor, which whoever is to ask needs.
 */
export class ShortSleep {
  readonly #signal: Int32Array;
  readonly #place: number;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #mayLook: boolean;
  #answered = Number.NEGATIVE_INFINITY;
  #isBrisk = false;

  /** Watches the element at `place` of `signal`. */
  constructor(signal: Int32Array, place: number, clock: Pick<Clock, "monotonic"> = systemClock, processors: number = availableParallelism()) {
    this.#signal = signal;
    this.#place = place;
    this.#clock = clock;
    this.#mayLook = processors > 1;
  }

  /** A request has been answered: the next may follow. */
  noteAnswer(): void {
    this.#answered = this.#clock.monotonic();
  }

  /** Returns once the element is no longer `seen`, or after `timeout` milliseconds, or a little later. */
  until(seen: number, timeout: number): void {
    if (this.#isBrisk) this.#look(seen, this.#answered + brisk);
    Atomics.wait(this.#signal, this.#place, seen, timeout);
    this.#isBrisk = this.#mayLook && this.#clock.monotonic() - this.#answered < brisk;
  }

  /** While the element at `place` is 1, and no longer than more takes to come that is about to: looks until the one that is watched is no longer `seen`. Whether it did. */
  whileAsked(seen: number, place: number): boolean {
    if (Atomics.load(this.#signal, place) !== 1 || !this.#mayLook) return false;
    this.#look(seen, this.#clock.monotonic() + about, place);
    return true;
  }

  /** Looks until the element is no longer `seen`, or the one at `place`, where it is given, is no longer 1. */
  #look(seen: number, until: number, place?: number): void {
    while (
      Atomics.load(this.#signal, this.#place) === seen &&
      (place === undefined || Atomics.load(this.#signal, place) === 1) &&
      this.#clock.monotonic() < until
    )
      pause();
  }
}

/** Tells the processor that this is a loop that waits, where the engine can. */
const pause: () => void = (Atomics as { pause?: () => void }).pause ?? (() => {});
