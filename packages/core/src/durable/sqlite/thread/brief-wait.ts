import { availableParallelism } from "node:os";
import { systemClock } from "../../../time/system-clock.ts";
import type { Clock } from "../../../time/clock.ts";

/** Milliseconds in which whoever is answered asks again, where what follows an answer is the next request. */
const brisk = 0.4;
/** Milliseconds in which an answer comes that is worth staying awake for. */
const brief = 1;

/**
 * How an event loop waits for a thread's answer. Falling asleep and being woken takes up to a fifth of the time of a request; so where requests follow each other closely, and answers come within
 * a millisecond, the loop goes round until then instead. It does everything else meanwhile as ever. It does not where there is but one processor, which the thread needs.
 */
export class BriefWait {
  readonly #clock: Pick<Clock, "monotonic" | "setTimer">;
  readonly #mayStay: boolean;
  #asked = 0;
  #answered = Number.NEGATIVE_INFINITY;
  #wasBrief = false;
  #isWaiting = false;

  constructor(clock: Pick<Clock, "monotonic" | "setTimer"> = systemClock, processors: number = availableParallelism()) {
    this.#clock = clock;
    this.#mayStay = processors > 1;
  }

  /** Something has been asked, of a thread that had nothing to do. */
  begin(): void {
    this.#asked = this.#clock.monotonic();
    this.#isWaiting = true;
    if (this.#mayStay && this.#wasBrief && this.#asked - this.#answered < brisk) this.#stay();
  }

  /** An answer has come. */
  end(): void {
    this.#answered = this.#clock.monotonic();
    this.#wasBrief = this.#isWaiting && this.#answered - this.#asked < brief;
    this.#isWaiting = false;
  }

  readonly #stay = (): void => {
    if (this.#isWaiting && this.#clock.monotonic() - this.#asked < brief) this.#clock.setTimer(this.#stay, 0);
  };
}
