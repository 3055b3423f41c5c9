import type { Clock, ClockTimer } from "@sora/core/adapter";

/** The machine's time. The one of `@sora/core` would have a command load the framework before it says its first word. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(callback, delay, background = false): ClockTimer {
    const timer = setTimeout(callback, Math.min(Math.max(delay, 0), 2 ** 31 - 1));
    if (background) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  sleep: (delay, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const stop = (): void => {
        timer.cancel();
        reject(signal?.reason as Error);
      };
      const timer = systemClock.setTimer(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, delay);
      signal?.addEventListener("abort", stop, { once: true });
    }),
};
