import { SoraError } from "../errors/sora-error.ts";
import type { Clock } from "./clock.ts";
import type { Duration } from "./duration.ts";
import { parseDuration } from "./duration.ts";

/** One turn of a loop over {@link periodicTimer}. */
export interface PeriodicTick {
  /** How many ticks this loop has had, this one included. */
  readonly count: number;
  /** The wall time this tick was due, in milliseconds since the epoch. */
  readonly scheduledAt: number;
  /** How many ticks fell due since the last one, while the loop was busy, and are merged into this one. */
  readonly missed: number;
}

/** Told what a loop over {@link periodicTimer} does, so that a monitor can tell one that stopped asking. */
export interface PeriodicObserver {
  /** The loop asks for its next tick, and so has finished with the one before. */
  requested(): void;
  /** The loop is given a tick. */
  delivered(): void;
  /** The loop is over: its signal was aborted, it broke off, or it threw. */
  ended(): void;
}

/**
 * Ticks at a fixed rate for `for await`, the first one `period` after the loop begins. A loop that is slower than the
 * period gets one tick for all those it missed, at once, and is back on the same beat after. It ends quietly when
 * `signal` is aborted. Nothing is armed while the loop's body runs.
 *
 * @throws SoraError `SORA_DURATION_INVALID` or `SORA_OPTION_INVALID`, at the call, for a period that is not above zero.
 */
export function periodicTimer(clock: Clock, period: Duration, signal?: AbortSignal, observer?: PeriodicObserver): AsyncIterable<PeriodicTick> {
  const every = parseDuration(period, "period");
  if (every === 0) throw new SoraError("SORA_OPTION_INVALID", "Cannot tick every 0 ms: the period must be above zero.", { details: { period: 0 } });
  return ticks(clock, every, signal, observer);
}

async function* ticks(clock: Clock, every: number, signal?: AbortSignal, observer?: PeriodicObserver): AsyncGenerator<PeriodicTick, void> {
  try {
    const start = clock.monotonic();
    let beats = 0; // counted rather than added up, so that fractions do not drift
    for (let count = 1; ; count++) {
      observer?.requested();
      const wait = start + (beats + 1) * every - clock.monotonic();
      if (wait > 0 && !(await slept(clock, wait, signal))) return;
      if (signal?.aborted === true) return;
      const now = clock.monotonic();
      const due = Math.max(Math.floor((now - start) / every), beats + 1);
      const missed = due - beats - 1;
      beats = due;
      observer?.delivered();
      yield { count, scheduledAt: Math.round(clock.now() - (now - (start + due * every))), missed };
    }
  } finally {
    observer?.ended();
  }
}

/** False where the signal cut the sleep short. */
async function slept(clock: Clock, delay: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(delay, signal);
    return true;
  } catch (error) {
    if (signal?.aborted === true) return false;
    throw error;
  }
}
