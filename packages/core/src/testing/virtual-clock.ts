import { AsyncLocalStorage } from "node:async_hooks";
import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import type { HeapItem } from "../schedule/timer-heap.ts";
import { TimerHeap } from "../schedule/timer-heap.ts";
import type { Clock, ClockTimer } from "../time/clock.ts";
import type { Duration } from "../time/duration.ts";
import { parseDuration } from "../time/duration.ts";
import { sleepOn } from "../time/sleep-on.ts";
import { timerDelay } from "../time/timer-delay.ts";

export interface VirtualClockOptions {
  /** The wall time it begins at; 2026-01-01T00:00:00Z by default. The monotonic clock begins at 0. */
  readonly start?: number | string | Date;
}

/**
 * A clock that moves only when told to, so that hours pass in milliseconds and the same way each time. It never arms a
 * real timer. Promise chains are given time to run after each step, however long they are; real input and output
 * (files, sockets, child processes, module loading) is not waited for, since no virtual clock can know when it is done.
 */
export interface VirtualClock extends Clock {
  /** How many timers are armed, background ones included. */
  readonly pending: number;
  /** How far {@link VirtualClock.jumpWall} has moved wall time in all, in milliseconds. */
  readonly skew: number;
  /**
   * Lets `duration` pass. Timers fire in the order they are due, those of one instant in the order they were armed; at
   * each instant the time is set, its timers run, and {@link VirtualClock.settle} follows. Timers armed meanwhile fire
   * too, where they fall due within the span. Calls made while another is under way wait for it and add up.
   *
   * @throws AggregateError at the end, with everything the timers' callbacks threw; none of it stops the others.
   */
  advance(duration: Duration): Promise<void>;
  /** {@link VirtualClock.advance} to a wall time. A time in the past is refused with `SORA_OPTION_INVALID`. */
  advanceTo(date: number | string | Date): Promise<void>;
  /** Moves wall time alone, either way (`"8h"`, `"-1h"`, milliseconds), as a suspended machine or a corrected clock does. */
  jumpWall(by: Duration): void;
  /**
   * Moves both times on with no timer firing, as a callback that holds the event loop does, or a stopped process. What
   * fell due meanwhile fires late, in the {@link VirtualClock.advance} under way or, past its span, in the next.
   */
  block(duration: Duration): void;
  /**
   * Lets promise chains run until they wait for time or for the world outside, which messages between threads are part of. No time passes and no timer fires. A chain that waits for turns of the event
   * loop itself (`setImmediate`) has up to ten of them.
   */
  settle(): Promise<void>;
}

export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  return new Virtual(wallTime(options.start ?? "2026-01-01T00:00:00Z", "start"));
}

// Taken when the module loads, so that a test that fakes the globals does not stop this clock.
const nextTurn = setImmediate;

/** One turn runs every promise chain to its end, but for chains that themselves wait for a turn: for those there are more, up to this. */
const mostTurnsToSettle = 10;

/** Batches of timers at one instant past which the time is taken to stand still for ever. */
const mostBatchesAtOnce = 10_000;

class Virtual implements VirtualClock {
  readonly #start: number;
  readonly #timers = new TimerHeap<VirtualTimer>();
  #elapsed = 0;
  #skew = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(start: number) {
    this.#start = start;
  }

  get pending(): number {
    return this.#timers.size;
  }

  get skew(): number {
    return this.#skew;
  }

  now(): number {
    return Math.floor(this.#start + this.#elapsed + this.#skew);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimer(callback: () => void, delay: number): ClockTimer {
    const due = this.#elapsed + timerDelay(delay);
    const timer = new VirtualTimer(this.#timers, AsyncLocalStorage.bind(callback));
    this.#timers.push(timer, due);
    return timer;
  }

  sleep(delay: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delay, signal);
  }

  async advance(duration: Duration): Promise<void> {
    const span = parseDuration(duration, "duration to advance by");
    await this.#inTurn(() => span);
  }

  async advanceTo(date: number | string | Date): Promise<void> {
    const target = wallTime(date, "date to advance to");
    await this.#inTurn(() => {
      const span = target - (this.#start + this.#elapsed + this.#skew);
      if (span >= 0) return span;
      throw new SoraError("SORA_OPTION_INVALID", `Cannot advance to ${new Date(target).toISOString()}: it is ${new Date(this.now()).toISOString()} already.`, {
        details: { target, now: this.now() },
        fix: "Advance to a later date; `jumpWall` moves wall time back.",
      });
    });
  }

  jumpWall(by: Duration): void {
    if (typeof by === "number") this.#skew += by < 0 ? -parseDuration(-by, "jump") : parseDuration(by, "jump");
    else this.#skew += by.startsWith("-") ? -parseDuration(by.slice(1) as Duration, "jump") : parseDuration(by, "jump");
  }

  block(duration: Duration): void {
    this.#elapsed += parseDuration(duration, "duration to block for");
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn === 0 || (turn < mostTurnsToSettle && isTurnAwaited()); turn++) await new Promise(resolve => void nextTurn(resolve));
  }

  async #inTurn(span: () => number): Promise<void> {
    const moved = this.#last.then(() => this.#move(span()));
    this.#last = moved.catch(() => {}); // its caller hears of it
    await moved;
  }

  async #move(span: number): Promise<void> {
    const target = this.#elapsed + span;
    const thrown: unknown[] = [];
    let batches = 0;
    let instant = -1;
    await this.settle();
    for (let due = this.#timers.topKey(); due <= target; due = this.#timers.topKey()) {
      this.#elapsed = Math.max(this.#elapsed, due);
      batches = this.#elapsed > instant ? 0 : batches + 1;
      instant = this.#elapsed;
      if (batches > mostBatchesAtOnce) {
        throw new Error(`Cannot advance past ${new Date(this.now()).toISOString()}: timers without delay go on arming each other.`);
      }
      this.#fireDue(target, thrown);
      await this.settle();
    }
    this.#elapsed = Math.max(this.#elapsed, target);
    if (thrown.length > 0) throw new AggregateError(thrown, `${thrown.length} of the timers that fired threw; the first: ${describeError(thrown[0])}`);
  }

  /** Fires what is due now, but not what those callbacks arm, as Node's own loop does. */
  #fireDue(target: number, thrown: unknown[]): void {
    const due: VirtualTimer[] = [];
    while (this.#timers.topKey() <= Math.min(this.#elapsed, target)) due.push(this.#timers.pop() as VirtualTimer);
    for (const timer of due) {
      try {
        timer.fire();
      } catch (error) {
        thrown.push(error);
      }
    }
  }
}

class VirtualTimer implements ClockTimer, HeapItem {
  heapIndex = -1;
  readonly #heap: TimerHeap<VirtualTimer>;
  #callback: (() => void) | undefined;

  constructor(heap: TimerHeap<VirtualTimer>, callback: () => void) {
    this.#heap = heap;
    this.#callback = callback;
  }

  cancel(): void {
    this.#callback = undefined;
    if (this.heapIndex >= 0) this.#heap.remove(this);
  }

  fire(): void {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
  }
}

/** Whether anything waits for the next turn of Node's event loop. */
function isTurnAwaited(): boolean {
  return process.getActiveResourcesInfo().includes("Immediate");
}

function wallTime(date: number | string | Date, what: string): number {
  const time = new Date(date).getTime();
  if (!Number.isNaN(time)) return time;
  throw new SoraError("SORA_OPTION_INVALID", `Cannot set the virtual clock: the ${what}, ${JSON.stringify(date)}, is not a date.`, {
    details: { [what]: String(date) },
    fix: 'Give milliseconds since the epoch, a Date, or a string such as "2026-03-29T00:00:00Z".',
  });
}
