import type { Clock } from "./clock.ts";

/**
 * `Clock.sleep` for any clock that has timers: one timer a sleep, and no listener left on the signal afterwards.
 * Rejects with the signal's reason at once when it is or becomes aborted, and with `SORA_DURATION_INVALID` for a delay
 * that is not finite.
 */
export function sleepOn(clock: Pick<Clock, "setTimer">, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal === undefined) {
      clock.setTimer(resolve, delay);
      return;
    }
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const timer = clock.setTimer(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, delay);
    function abort(): void {
      timer.cancel();
      reject(signal?.reason as Error);
    }
    signal.addEventListener("abort", abort, { once: true });
  });
}
