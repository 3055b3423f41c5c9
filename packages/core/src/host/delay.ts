import { parseDuration } from "../time/duration.ts";
import { periodicTimer as ticks } from "../time/periodic-timer.ts";
import { systemClock } from "../time/system-clock.ts";
import type { Duration } from "../time/duration.ts";
import type { PeriodicTick } from "../time/periodic-timer.ts";
import { currentContext } from "./ambient.ts";

/**
 * Waits on the clock of the surrounding call's or run's host, so that virtual time reaches it; on the system's clock elsewhere. Rejects with the signal's reason,
 * at once, when it aborts.
 */
export async function delay(duration: Duration, signal?: AbortSignal): Promise<void> {
  const context = currentContext();
  if (context !== undefined) return context.delay(duration, signal ?? context.signal);
  await systemClock.sleep(parseDuration(duration, "delay"), signal);
}

/**
 * `for await (const tick of periodicTimer("5m", signal))`: a fixed rate on the clock of the surrounding host, the first tick one period from now, until the signal
 * aborts. Ticks that pass while the body runs are merged into one.
 */
export function periodicTimer(period: Duration, signal?: AbortSignal): AsyncIterable<PeriodicTick> {
  const context = currentContext();
  return context === undefined ? ticks(systemClock, period, signal) : context.periodicTimer(period, signal ?? context.signal);
}
