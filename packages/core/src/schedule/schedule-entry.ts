import type { CronSchedule } from "./cron.ts";
import type { ExplainedRun } from "./explain.ts";
import type { MisfirePolicy } from "./misfire.ts";
import type { Recurrence } from "./recurrence.ts";
import type { HeapItem } from "./timer-heap.ts";

/** What a schedule calls. One target may stand behind many entries. */
export interface DueTarget {
  /**
   * A run is due. It should return soon and not throw; work goes on in a promise of its own.
   *
   * @param scheduledAt The wall time the tick was due, in epoch milliseconds, before jitter. For a cron expression it names the tick exactly.
   * @param missed How many ticks before this one fell due and did not run, since the last call.
   */
  onDue(scheduledAt: number, missed: number): void;
}

/** One schedule of a scheduler. */
export interface ScheduleEntry {
  /** Ends it: no call of its target begins after. It may be called again, and from within the target. */
  cancel(): void;
  /**
   * Gives it another recurrence. A changed interval is due that long after it was last due, or at once where that has
   * passed; a run on start-up that is still to come stays. Nothing changes where the recurrence is the same.
   *
   * @throws SoraError as `Scheduler.add` does; the entry then goes on as it was.
   */
  replan(recurrence: Recurrence): void;
  /**
   * Plans it as though its last run had been due at `last`, epoch milliseconds: what fell due since is missed, and its policy decides. A run on start-up that is still to come stays, and so
   * does the plan where `last` is still to come.
   */
  resume(last: number): void;
  /** The wall time of the next run, jitter included; undefined where the scheduler is stopped or the entry has none. */
  nextDue(): number | undefined;
  /** The next `count` runs with the reason for each; of a stopped scheduler, as if it started now. */
  explainNext(count: number): ExplainedRun[];
}

/** What a scheduler does for its entries. */
export interface EntryOwner {
  cancel(entry: PlannedEntry): void;
  replan(entry: PlannedEntry, recurrence: Recurrence): void;
  resume(entry: PlannedEntry, last: number): void;
  nextDue(entry: PlannedEntry): number | undefined;
  explainNext(entry: PlannedEntry, count: number): ExplainedRun[];
}

/** What an entry is to do, which many entries may share. */
export interface SchedulePlan {
  readonly owner: EntryOwner;
  readonly recurrence: Recurrence;
  /** The expression compiled, where the recurrence is one. */
  readonly cron: CronSchedule | undefined;
  readonly misfire: MisfirePolicy;
  readonly jitter: number;
}

/** An entry as the scheduler keeps it: plain fields and no closure, 72 bytes, since there may be 100,000. When it is due is in the heap. */
export class PlannedEntry implements ScheduleEntry, HeapItem {
  heapIndex = -1;
  /** Undefined once it is cancelled. */
  target: DueTarget | undefined;
  plan: SchedulePlan;
  /** The jitter drawn for the run it waits for, a whole number; its time in the heap includes it. */
  offset = 0;
  /** Ticks that fell due and did not run, to be told with the next that does. */
  missed = 0;
  /** The run it waits for is the one on start-up. */
  awaitsStartup = false;

  constructor(target: DueTarget, plan: SchedulePlan) {
    this.target = target;
    this.plan = plan;
  }

  get recurrence(): Recurrence {
    return this.plan.recurrence;
  }

  get cron(): CronSchedule | undefined {
    return this.plan.cron;
  }

  get misfire(): MisfirePolicy {
    return this.plan.misfire;
  }

  get jitter(): number {
    return this.plan.jitter;
  }

  cancel(): void {
    this.plan.owner.cancel(this);
  }

  replan(recurrence: Recurrence): void {
    this.plan.owner.replan(this, recurrence);
  }

  resume(last: number): void {
    this.plan.owner.resume(this, last);
  }

  nextDue(): number | undefined {
    return this.plan.owner.nextDue(this);
  }

  explainNext(count: number): ExplainedRun[] {
    return this.plan.owner.explainNext(this, count);
  }
}
