import { SoraError } from "../errors/sora-error.ts";
import type { Chance } from "../time/chance.ts";
import type { Clock } from "../time/clock.ts";
import type { CronSchedule } from "./cron.ts";
import { CronCache } from "./cron-cache.ts";
import type { ExplainedRun } from "./explain.ts";
import { explainRuns } from "./explain.ts";
import type { DueTicks, MisfirePolicy } from "./misfire.ts";
import { assertMisfire, dueTicksOfCron, dueTicksOfInterval, graceOfTick } from "./misfire.ts";
import type { Recurrence } from "./recurrence.ts";
import { assertRecurrence, firstDueOfCron, firstDueOfInterval, isSameRecurrence, replannedDue } from "./recurrence.ts";
import type { DueTarget, EntryOwner, ScheduleEntry, SchedulePlan } from "./schedule-entry.ts";
import { PlannedEntry } from "./schedule-entry.ts";
import { TimerHeap } from "./timer-heap.ts";
import { WakeTimer } from "./wake-timer.ts";

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  /** Told what a target threw; the others, and its own next run, are not affected, also where this throws. */
  readonly onError?: (error: unknown, entry: ScheduleEntry) => void;
  /** Whether a started scheduler holds the process open, also with no entries. Default: false. */
  readonly holdsProcess?: boolean;
}

export interface ScheduleOptions {
  readonly recurrence: Recurrence;
  readonly target: DueTarget;
  /** Up to this many milliseconds, drawn anew each time, are added to each run; the plan does not move. Of an interval at most the interval counts. Default: 0. */
  readonly jitter?: number;
  /** Default: `"skip"`. */
  readonly misfire?: MisfirePolicy;
}

/** Cron is on the wall clock, which may jump: it is looked at this often, and only where there is cron. */
const wallCheck = 30_000;
/** A clock that was set back by less keeps its plan, so that no tick comes twice; by more, the plan is made anew. */
const mostSetBack = 3 * 3_600_000;
/** After so many milliseconds of calling targets, the event loop gets a turn. */
const workBudget = 10;
/** The time is read once in so many calls, since reading it costs as much as an empty call. */
const callsPerCheck = 8;
/** How long a timer is armed for that only holds the process open. */
const idle = 2 ** 30;

/**
 * Calls targets when they are due: any number of entries, one timer. Intervals are planned on the monotonic clock, cron
 * on the wall clock. What is due at one instant is called in the order it was added, intervals before cron, in one turn of
 * the event loop where that takes less than 10 ms, else in several. Nothing is called early.
 *
 * A jump of the wall clock leaves intervals alone. Set forward, cron ticks jumped over are missed, which the entry's
 * policy decides about, within 30 s. Set back, up to three hours pass without the ticks that came before, so that none
 * comes twice; set back further, ticks come again from the new time on.
 */
export class Scheduler {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #onError: ((error: unknown, entry: ScheduleEntry) => void) | undefined;
  readonly #holdsProcess: boolean;
  readonly #crons = new CronCache();
  /** Intervals, and runs on start-up; while stopped, everything. Keys are monotonic times. */
  readonly #beats = new TimerHeap<PlannedEntry>();
  /** Cron. Keys are wall times. */
  readonly #dates = new TimerHeap<PlannedEntry>();
  readonly #owner: EntryOwner = {
    cancel: entry => this.#cancel(entry),
    replan: (entry, recurrence) => this.#replan(entry, recurrence),
    resume: (entry, last) => this.#resume(entry, last),
    nextDue: entry => this.#nextDue(entry),
    explainNext: (entry, count) => this.#explainNext(entry, count),
  };
  readonly #timer: WakeTimer;
  #isRunning = false;
  #isFiring = false;
  #datesFirst = false;
  #calls = 0;
  #latestWall = Number.NEGATIVE_INFINITY;
  #lastPlan: SchedulePlan | undefined;

  constructor(options: SchedulerOptions) {
    this.#clock = options.clock;
    this.#chance = options.chance;
    this.#onError = options.onError;
    this.#holdsProcess = options.holdsProcess ?? false;
    this.#timer = new WakeTimer(options.clock, !this.#holdsProcess, () => this.#fire());
  }

  /** How many entries are planned. */
  get size(): number {
    return this.#beats.size + this.#dates.size;
  }

  /** Plans from now on; entries added before count their initial delay from here. Does nothing where it is started. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (const entry of this.#beats.takeAll()) this.#plan(entry);
    this.#arm();
  }

  /** No target is called after, and no timer is left. Entries stay, and are planned anew by the next start. */
  stop(): void {
    this.#isRunning = false;
    this.#timer.disarm();
    for (const entry of this.#dates.takeAll()) this.#beats.push(entry, 0);
  }

  /**
   * Adds an entry, planned from now or, before the start, from then.
   *
   * @throws SoraError `SORA_CRON_INVALID`, `SORA_TIME_ZONE_INVALID` or `SORA_OPTION_INVALID`.
   */
  add(options: ScheduleOptions): ScheduleEntry {
    const { recurrence, target, jitter = 0, misfire = "skip" } = options;
    assertMisfire(misfire);
    if (!Number.isFinite(jitter) || jitter < 0) {
      throw new SoraError("SORA_OPTION_INVALID", `Cannot schedule: the jitter is ${String(jitter)} ms, and must be finite and zero or more.`, {
        details: { option: "jitter", seen: String(jitter) },
      });
    }
    const entry = new PlannedEntry(target, this.#planOf(recurrence, misfire, jitter));
    if (this.#isRunning) {
      this.#plan(entry);
      if (entry.heapIndex === 0) this.#arm();
    } else {
      this.#beats.push(entry, 0);
    }
    return entry;
  }

  /** Services that are defined alike are mostly added one after the other, and share a plan. */
  #planOf(recurrence: Recurrence, misfire: MisfirePolicy, jitter: number): SchedulePlan {
    assertRecurrence(recurrence);
    const last = this.#lastPlan;
    if (last !== undefined && last.misfire === misfire && last.jitter === jitter && isSameRecurrence(last.recurrence, recurrence)) return last;
    const cron = recurrence.kind === "cron" ? this.#crons.schedule(recurrence.expression, recurrence.timeZone) : undefined;
    return (this.#lastPlan = { owner: this.#owner, recurrence, cron, misfire, jitter });
  }

  /** Plans the first run of an entry that is in no heap. */
  #plan(entry: PlannedEntry): void {
    const { recurrence, cron } = entry;
    entry.awaitsStartup = recurrence.runOnStartup;
    if (recurrence.kind === "interval") this.#push(entry, this.#beats, firstDueOfInterval(recurrence, this.#clock.monotonic()));
    // A wait, like an interval; the clock may be corrected while it lasts.
    else if (recurrence.runOnStartup) this.#push(entry, this.#beats, Math.ceil(this.#clock.monotonic() + recurrence.initialDelay));
    else this.#push(entry, this.#dates, firstDueOfCron(recurrence, cron as CronSchedule, this.#clock.now()));
  }

  /** An entry with nothing left to do is in no heap, until it is replanned. */
  #push(entry: PlannedEntry, heap: TimerHeap<PlannedEntry>, due: number | undefined): void {
    if (due === undefined) return;
    if (entry.jitter > 0) entry.offset = this.#draw(entry);
    heap.push(entry, due + entry.offset);
  }

  #draw({ jitter, recurrence }: PlannedEntry): number {
    return Math.floor(this.#chance.next() * (recurrence.kind === "interval" ? Math.min(jitter, recurrence.every) : jitter));
  }

  #heapOf(entry: PlannedEntry): TimerHeap<PlannedEntry> {
    return this.#isRunning && entry.cron !== undefined && !entry.awaitsStartup ? this.#dates : this.#beats;
  }

  #cancel(entry: PlannedEntry): void {
    entry.target = undefined;
    if (entry.heapIndex >= 0) this.#heapOf(entry).remove(entry);
  }

  #replan(entry: PlannedEntry, recurrence: Recurrence): void {
    const plan = this.#planOf(recurrence, entry.misfire, entry.jitter);
    const { cron } = plan;
    const before = entry.recurrence;
    const heap = this.#heapOf(entry);
    const isSame = recurrence.kind === "interval" ? before.kind === "interval" && before.every === recurrence.every : cron === entry.cron;
    entry.plan = plan;
    if (!this.#isRunning || entry.awaitsStartup || entry.target === undefined || isSame) return;
    if (before.kind === "interval" && recurrence.kind === "interval") {
      const due = heap.keyOf(entry) - entry.offset;
      if (entry.offset >= recurrence.every) entry.offset = this.#draw(entry); // of the old interval, and too much for the new one
      heap.move(entry, replannedDue(due, before.every, recurrence.every, this.#clock.monotonic()) + entry.offset);
    } else {
      if (entry.heapIndex >= 0) heap.remove(entry);
      if (recurrence.kind === "interval") this.#push(entry, this.#beats, Math.ceil(this.#clock.monotonic() + recurrence.every));
      else this.#push(entry, this.#dates, cron?.next(this.#clock.now()));
    }
    this.#arm();
  }

  #resume(entry: PlannedEntry, last: number): void {
    const { recurrence, cron } = entry;
    const wall = this.#clock.now();
    if (!this.#isRunning || entry.awaitsStartup || entry.target === undefined || last > wall) return;
    if (recurrence.kind === "interval") this.#beats.move(entry, Math.ceil(this.#clock.monotonic() + last + recurrence.every - wall) + entry.offset);
    else {
      const due = cron?.next(last);
      if (due === undefined || entry.heapIndex < 0) return;
      this.#dates.move(entry, due + entry.offset);
    }
    this.#arm();
  }

  #nextDue(entry: PlannedEntry): number | undefined {
    if (!this.#isRunning || entry.heapIndex < 0) return undefined;
    const heap = this.#heapOf(entry);
    return heap === this.#dates ? heap.keyOf(entry) : Math.round(this.#clock.now() + heap.keyOf(entry) - this.#clock.monotonic());
  }

  #explainNext(entry: PlannedEntry, count: number): ExplainedRun[] {
    const { recurrence, cron, jitter } = entry;
    const now = this.#clock.now();
    if (entry.target === undefined) return [];
    if (this.#isRunning) {
      const next = this.#nextDue(entry);
      if (next === undefined) return [];
      return explainRuns({ recurrence, cron, jitter, first: next - entry.offset, onStartup: entry.awaitsStartup, now }, count);
    }
    const first = recurrence.kind === "interval" ? firstDueOfInterval(recurrence, now) : firstDueOfCron(recurrence, cron as CronSchedule, now);
    return first === undefined ? [] : explainRuns({ recurrence, cron, jitter, first, onStartup: recurrence.runOnStartup, now }, count);
  }

  /** Arms the timer for what is due first. */
  #arm(): void {
    if (!this.#isRunning || this.#isFiring) return;
    const now = this.#clock.monotonic();
    let delay = this.#beats.topKey() - now;
    if (this.#dates.size > 0) delay = Math.min(delay, this.#dates.topKey() - this.#clock.now(), wallCheck);
    if (delay < Number.POSITIVE_INFINITY) this.#timer.arm(now, Math.max(delay, 0));
    else if (this.#holdsProcess) this.#timer.arm(now, idle);
  }

  #fire(): void {
    const now = this.#clock.monotonic();
    const wall = this.#clock.now();
    const deadline = now + workBudget;
    this.#isFiring = true;
    this.#watchWall(wall);
    const datesFirst = this.#datesFirst;
    const done = datesFirst
      ? this.#fireDates(wall, deadline) && this.#fireBeats(now, wall, deadline)
      : this.#fireBeats(now, wall, deadline) && this.#fireDates(wall, deadline);
    this.#isFiring = false;
    // Where one kind took all the budget, the other has the next turn.
    this.#datesFirst = !done && !datesFirst;
    if (done) this.#arm();
    else if (this.#isRunning) this.#timer.arm(now, 0);
  }

  /** Makes the plan anew where the clock was set back so far that waiting for the old one would be a silence of hours or years. */
  #watchWall(wall: number): void {
    if (wall >= this.#latestWall - mostSetBack) {
      this.#latestWall = Math.max(this.#latestWall, wall);
      return;
    }
    this.#latestWall = wall;
    for (const entry of this.#dates.takeAll()) this.#push(entry, this.#dates, entry.cron?.next(wall));
  }

  /** False where the budget was spent before all that is due at `now` was called. */
  #fireBeats(now: number, wall: number, deadline: number): boolean {
    const beats = this.#beats;
    for (let due = beats.topKey(); due <= now && this.#isRunning; due = beats.topKey()) {
      if (this.#isSpent(deadline)) return false;
      const entry = beats.peek() as PlannedEntry;
      const { recurrence } = entry;
      const planned = due - entry.offset;
      if (recurrence.kind === "cron") {
        entry.awaitsStartup = false;
        beats.remove(entry);
        this.#push(entry, this.#dates, entry.cron?.next(wall));
        this.#call(entry, Math.round(planned - now + wall));
      } else if (now - due < recurrence.every && now - due <= graceOfTick) {
        if (entry.awaitsStartup) entry.awaitsStartup = false;
        this.#move(entry, beats, planned + recurrence.every);
        this.#call(entry, Math.round(planned - now + wall));
      } else {
        // The run on start-up is not a tick that time can pass over.
        const policy = entry.awaitsStartup && entry.misfire === "skip" ? "once" : entry.misfire;
        const ticks = dueTicksOfInterval(planned, recurrence.every, now - entry.offset, policy);
        entry.awaitsStartup = false;
        this.#move(entry, beats, ticks.next as number);
        this.#callAll(entry, ticks, wall - now);
      }
    }
    return true;
  }

  #fireDates(now: number, deadline: number): boolean {
    const dates = this.#dates;
    for (let due = dates.topKey(); due <= now && this.#isRunning; due = dates.topKey()) {
      if (this.#isSpent(deadline)) return false;
      const entry = dates.peek() as PlannedEntry;
      const cron = entry.cron as CronSchedule;
      const planned = due - entry.offset;
      const next = cron.next(planned);
      if (next !== undefined && next > now - entry.offset && now - due <= graceOfTick) {
        this.#move(entry, dates, next);
        this.#call(entry, planned);
      } else {
        const ticks = dueTicksOfCron(planned, cron, now - entry.offset, entry.misfire);
        if (ticks.next === undefined) dates.remove(entry);
        else this.#move(entry, dates, ticks.next);
        this.#callAll(entry, ticks, 0);
      }
    }
    return true;
  }

  /** Whether the event loop should get a turn. It never is before some targets were called. */
  #isSpent(deadline: number): boolean {
    this.#calls = (this.#calls + 1) % callsPerCheck;
    return this.#calls === 0 && this.#clock.monotonic() >= deadline;
  }

  /** Before the target is called, so that it finds its entry planned, and may cancel or replan it. */
  #move(entry: PlannedEntry, heap: TimerHeap<PlannedEntry>, due: number): void {
    if (entry.jitter > 0) entry.offset = this.#draw(entry);
    heap.move(entry, due + entry.offset);
  }

  #callAll(entry: PlannedEntry, ticks: DueTicks, toWall: number): void {
    entry.missed += ticks.missed;
    for (const tick of ticks.run) if (this.#isRunning) this.#call(entry, Math.round(tick + toWall));
  }

  #call(entry: PlannedEntry, scheduledAt: number): void {
    const { missed } = entry;
    entry.missed = 0;
    try {
      entry.target?.onDue(scheduledAt, missed);
    } catch (error) {
      this.#report(error, entry);
    }
  }

  #report(error: unknown, entry: PlannedEntry): void {
    try {
      this.#onError?.(error, entry);
    } catch {
      // What fails to report a failure must not stop the schedule; it has nowhere left to be reported.
    }
  }
}
