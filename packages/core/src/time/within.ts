import type { Clock } from "./clock.ts";

/** Whether `work` settles, either way, within `limit` milliseconds. It never rejects, and leaves no timer. */
export function settlesWithin(clock: Clock, work: Promise<unknown>, limit: number): Promise<boolean> {
  return new Promise(resolve => {
    const timer = clock.setTimer(() => resolve(false), Math.max(0, limit));
    const settled = (): void => {
      timer.cancel();
      resolve(true);
    };
    work.then(settled, settled);
  });
}
