/** A timer that has not fired yet; `cancel()` is idempotent and does nothing once it has fired. */
export interface ClockTimer {
  cancel(): void;
}

/**
 * All of Sora's time. The system clock is one implementation, the testing kit's virtual clock another; nothing else
 * in the packages reads the time or arms a timer.
 */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch. It may jump either way. */
  now(): number;
  /** Milliseconds since an arbitrary point, never going back. Intervals, timeouts and ages are measured on it. */
  monotonic(): number;
  /** Milliseconds the event loop has worked rather than waited, where the clock can tell. */
  busy?(): number;
  /**
   * Calls `callback` once, `delay` milliseconds from now on the monotonic clock, never early. Any finite delay is kept,
   * past 2^31 ms too; a negative one counts as zero. The timer holds the process open unless `background` is true.
   */
  setTimer(callback: () => void, delay: number, background?: boolean): ClockTimer;
  /** Resolves after `delay` milliseconds; rejects with the signal's reason, at once, when it is or becomes aborted. */
  sleep(delay: number, signal?: AbortSignal): Promise<void>;
}
