import type { Clock, ClockTimer } from "./clock.ts";
import { sleepOn } from "./sleep-on.ts";
import { timerDelay } from "./timer-delay.ts";

/** The longest delay Node's own timers keep; a longer one would fire after 1 ms. */
const longestTimeout = 2 ** 31 - 1;

/** The machine's time and Node's timers. A callback that throws is an uncaught exception, as with `setTimeout`. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  busy: () => performance.eventLoopUtilization().active,
  setTimer(callback, delay, background = false) {
    const milliseconds = timerDelay(delay);
    return milliseconds === 0 ? new Turn(callback, background) : new Timer(callback, milliseconds, background);
  },
  sleep: (delay, signal) => sleepOn(systemClock, delay, signal),
};

/** A timer that is armed as often as it takes: a delay past 2^31 ms in parts, and again where Node fires early. */
class Timer implements ClockTimer {
  readonly #due: number;
  readonly #background: boolean;
  #callback: (() => void) | undefined;
  #timeout: NodeJS.Timeout | undefined;

  constructor(callback: () => void, delay: number, background: boolean) {
    this.#due = performance.now() + delay;
    this.#background = background;
    this.#callback = callback;
    this.#arm(delay);
  }

  cancel(): void {
    clearTimeout(this.#timeout);
    this.#callback = undefined;
    this.#timeout = undefined;
  }

  #arm(delay: number): void {
    // Node cuts fractions off, so 1.5 would fire after 1.
    this.#timeout = setTimeout(Timer.#fire, Math.min(Math.ceil(delay), longestTimeout), this);
    if (this.#background) this.#timeout.unref();
  }

  static #fire(this: void, timer: Timer): void {
    // Node counts whole milliseconds, so it may fire up to one before the monotonic clock gets there.
    const remaining = timer.#due - performance.now();
    if (remaining > 0) {
      timer.#arm(remaining);
      return;
    }
    const callback = timer.#callback;
    timer.cancel();
    callback?.();
  }
}

/** No delay: the next turn of the loop, where `setTimeout` would wait a whole millisecond. */
class Turn implements ClockTimer {
  readonly #immediate: NodeJS.Immediate;

  constructor(callback: () => void, background: boolean) {
    this.#immediate = setImmediate(callback);
    if (background) this.#immediate.unref();
  }

  cancel(): void {
    clearImmediate(this.#immediate);
  }
}
